// The header of a coded plane, byte by byte.
#include "kinema/codec/plane_model.h"

#include "kinema/base/error.h"

namespace kinema::codec::plane {
namespace {

constexpr std::uint8_t version = 1;

template <class T>
void put(std::vector<std::byte>& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    out.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(value) >> 8 * i));
  }
}

[[noreturn]] void damaged(const char* what) {
  throw InputError(std::string("a coded plane is damaged: ") + what);
}

template <class T>
T take(std::span<const std::byte>& bytes) {
  if (bytes.size() < sizeof(T)) damaged("it ends within its header");
  std::uint64_t value = 0;
  for (std::size_t i = sizeof(T); i-- > 0;) {
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  }
  bytes = bytes.subspan(sizeof(T));
  return static_cast<T>(value);
}

void put_coefficients(std::vector<std::byte>& out, const Coefficients& coefficients) {
  for (const std::int32_t value : coefficients) put(out, static_cast<std::int16_t>(value));
}

Coefficients take_coefficients(std::span<const std::byte>& bytes) {
  Coefficients coefficients{};
  for (std::int32_t& value : coefficients) value = take<std::int16_t>(bytes);
  return coefficients;
}

void put_model(std::vector<std::byte>& out, const LevelModel& model) {
  put(out, static_cast<std::uint8_t>(model.shape | model.shift << 3));
  if (model.shape < LevelModel::given) put(out, static_cast<std::uint8_t>(model.scale));
  if (model.shape != LevelModel::given) return;
  std::uint8_t symbols = 0;
  for (const RansShare& share : model.own.shares)
    symbols = static_cast<std::uint8_t>(symbols + (share.count > 0));
  put(out, symbols);
  for (std::size_t i = 0; i < residual_symbols; ++i) {
    if (model.own.shares[i].count == 0) continue;
    put(out, static_cast<std::uint8_t>(i));
    put(out, model.own.shares[i].count);
  }
}

ResidualTable take_table(std::span<const std::byte>& bytes) {
  std::array<std::uint16_t, residual_symbols> counts{};
  std::uint32_t all = 0;
  const int symbols = take<std::uint8_t>(bytes);
  for (int i = 0; i < symbols; ++i) {
    const std::size_t symbol = take<std::uint8_t>(bytes);
    if (symbol >= residual_symbols || counts[symbol] != 0) damaged("a wrong symbol");
    counts[symbol] = take<std::uint16_t>(bytes);
    all += counts[symbol];
  }
  if (all != rans_total) damaged("shares that do not add up");
  return table_of(counts);
}

LevelModel take_model(std::span<const std::byte>& bytes) {
  LevelModel model;
  const int first = take<std::uint8_t>(bytes);
  model.shape = first & 7;
  model.shift = first >> 3;
  if (model.shape > LevelModel::given) damaged("an unknown distribution");
  if (model.shape < LevelModel::given) {
    const int scale = take<std::uint8_t>(bytes);
    if (scale >= residual_scales) damaged("an unknown scale");
    model.use(model.shape, scale);
  }
  if (model.shape == LevelModel::given) model.own = take_table(bytes);
  return model;
}

}  // namespace

Exposure::Exposure(const std::uint16_t* open, Index pixels) : open_(open) {
  if (open == nullptr) return;
  const auto [least, most] = std::minmax_element(open, open + pixels);
  if (*least == *most && *least > 0) {
    open_ = nullptr;
    return;
  }
  to_normal_.resize(std::size_t{*most} + 1);
  from_normal_.resize(std::size_t{*most} + 1);
  const std::int64_t mean = std::max(1, (*least + *most) / 2);
  for (std::size_t count = 1; count < to_normal_.size(); ++count) {
    const auto frames = static_cast<std::int64_t>(count);
    to_normal_[count] = (mean * 65536 + frames / 2) / frames;
    from_normal_[count] = (frames * 65536 + mean / 2) / mean;
  }
}

Header header_for(Index height, Index width) {
  Header header;
  header.tiles_y = (height + tile - 1) / tile;
  header.tiles_x = (width + tile - 1) / tile;
  const auto tiles = static_cast<std::size_t>(header.tiles_y * header.tiles_x);
  header.has_own.assign(tiles, 0);
  header.own.resize(tiles);
  return header;
}

int fraction_for(std::int32_t lowest, std::int32_t highest) {
  const auto span = static_cast<std::uint64_t>(std::int64_t{highest} - lowest + 1);
  return std::clamp(29 - static_cast<int>(std::bit_width(span)), 3, 12);
}

void write_header(const Header& header, std::vector<std::byte>& out) {
  put(out, version);
  put(out, static_cast<std::uint8_t>(header.fraction));
  put(out, header.base);
  put(out, header.lowest);
  put(out, header.highest);
  const bool has_common = header.common != Coefficients{};
  const bool has_own = std::any_of(
      header.has_own.begin(), header.has_own.end(), [](std::uint8_t own) { return own != 0; });
  put(out, static_cast<std::uint8_t>((has_common ? 1 : 0) | (has_own ? 2 : 0)));
  if (has_common) put_coefficients(out, header.common);
  for (std::size_t i = 0; has_own && i < header.own.size(); ++i) {
    put(out, header.has_own[i]);
    if (header.has_own[i] != 0) put_coefficients(out, header.own[i]);
  }
  std::uint32_t used = 0;
  for (std::size_t i = 0; i < levels; ++i) {
    if (header.models[i].shape != LevelModel::unused) used |= std::uint32_t{1} << i;
  }
  put(out, used);
  for (const LevelModel& model : header.models) {
    if (model.shape != LevelModel::unused) put_model(out, model);
  }
}

Header read_header(std::span<const std::byte>& bytes, Index height, Index width) {
  Header header = header_for(height, width);
  if (take<std::uint8_t>(bytes) != version) damaged("an unknown version");
  header.fraction = take<std::uint8_t>(bytes);
  if (header.fraction < 3 || header.fraction > 12) damaged("a wrong fraction");
  header.base = take<std::int32_t>(bytes);
  header.lowest = take<std::int32_t>(bytes);
  header.highest = take<std::int32_t>(bytes);
  if (header.lowest > header.highest) damaged("a wrong range");
  const int weights = take<std::uint8_t>(bytes);
  if (weights > 3) damaged("an unknown kind of weights");
  if ((weights & 1) != 0) header.common = take_coefficients(bytes);
  for (std::size_t i = 0; i < header.own.size(); ++i) {
    header.has_own[i] = (weights & 2) != 0 ? take<std::uint8_t>(bytes) : 0;
    header.own[i] = header.has_own[i] != 0 ? take_coefficients(bytes) : header.common;
  }
  const auto used = take<std::uint32_t>(bytes);
  for (std::size_t i = 0; i < levels; ++i) {
    if ((used >> i & 1) != 0) header.models[i] = take_model(bytes);
  }
  return header;
}

}  // namespace kinema::codec::plane
