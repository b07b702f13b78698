// FEI1 and FEI2: 768 or 888 bytes for each frame, with bit masks of the fields that count.
#include "kinema/io/mrc_fei.h"

#include "kinema/data/provenance.h"
#include "kinema/io/byte_reader.h"
#include "kinema/io/date_text.h"
#include "kinema/io/mrc_fei_fields.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace kinema::io {
namespace {

constexpr std::uint64_t most_entry_bytes = 1 << 16;
constexpr double unix_epoch_days = 25569.0;  // from 1899-12-30, from which FEI counts days
constexpr double day = 86400.0;
constexpr char our_name[] = "kinema";

bool is_entry_size(std::uint32_t bytes) {
  return bytes >= fei1_bytes && bytes <= most_entry_bytes;
}

/// Printable text up to the first NUL.
std::string text_of(ByteReader& reader, std::uint64_t bytes) {
  std::string text = reader.text(bytes, "characters");
  text.resize(std::min(text.size(), text.find('\0')));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

Json value_of(ByteReader& reader, FeiKind kind) {
  switch (kind) {
    case FeiKind::real:
      return reader.read<double>();
    case FeiKind::integer:
      return reader.read<std::int32_t>();
    case FeiKind::wide:
      return reader.read<std::int64_t>();
    case FeiKind::truth:
      return reader.read<std::uint8_t>() != 0;
    case FeiKind::text:
      return text_of(reader, 16);
    case FeiKind::long_text:
      return text_of(reader, 80);
  }
  throw std::logic_error("unknown kind of FEI field");
}

/// A positive number of the entry; none where it is absent or a placeholder.
std::optional<double> positive(const Json& entry, const char* name) {
  const auto found = entry.find(name);
  if (found == entry.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  return std::isfinite(value) && value > 0.0 ? std::optional(value) : std::nullopt;
}

std::string text_in(const Json& entry, const char* name) {
  const auto found = entry.find(name);
  return found != entry.end() && found->is_string() ? found->get<std::string>() : "";
}

void take_times(const Json& first, const Json& last, Index count, MrcExtendedFacts& facts) {
  const auto begin = positive(first, "Acquisition time stamp"),
             end = positive(last, "Acquisition time stamp");  // microseconds since 1970
  if (begin) {
    facts.date = iso_date_from_seconds(*begin * 1e-6).value_or("");
  } else if (const auto days = positive(first, "Timestamp")) {
    const double seconds = std::round((*days - unix_epoch_days) * day * 1e3) * 1e-3;
    facts.date = iso_date_from_seconds(seconds).value_or("");
    const bool is_ours = text_in(first, "Application") == our_name;  // others mean local time
    if (!is_ours) facts.date = facts.date.substr(0, facts.date.find('Z'));
  }
  if (count > 1 && begin && end && *end > *begin) {
    facts.frame_time = Time{(*end - *begin) * 1e-6 / static_cast<double>(count - 1)};
  } else if (const auto time = positive(first, "Frame time")) {
    facts.frame_time = Time{*time};
  } else if (const auto exposure = positive(first, "Integration time")) {
    facts.frame_time = Time{*exposure};
    facts.notes.emplace_back(
        "the frame time is the exposure of one image, as the extended header tells it");
  }
}

/// Entries of so many frames fit a header that is read at once.
constexpr Index most_written_frames = 20000;

/// One entry as it is written; setting a field sets its bit.
class EntryWriter {
 public:
  EntryWriter() : bytes_(fei1_bytes) { put(0, static_cast<std::uint32_t>(fei1_bytes)); }

  void set(std::string_view name, double value) { put(mark(name).offset, value); }
  /// Left out where it is longer than the field.
  void set(std::string_view name, const std::string& text) {
    if (text.empty() || text.size() > 16) return;
    std::memcpy(bytes_.data() + mark(name).offset, text.data(), text.size());
  }
  bool has_facts() const { return facts_ > 0; }
  const std::vector<std::byte>& bytes() const { return bytes_; }

 private:
  template <class T>
  void put(std::size_t at, T value) {
    std::memcpy(bytes_.data() + at, &value, sizeof value);
  }
  const FeiField& mark(std::string_view name) {
    const FeiField& field = *std::find_if(std::begin(fei_fields),
                                          std::end(fei_fields),
                                          [&](const FeiField& one) { return one.name == name; });
    std::uint32_t mask = 0;
    std::memcpy(&mask, bytes_.data() + field.mask, sizeof mask);
    put(field.mask, mask | 1U << field.bit);
    ++facts_;
    return field;
  }

  std::vector<std::byte> bytes_;
  int facts_ = 0;
};

/// The entry of every frame; has_facts() tells whether it says anything of its own.
EntryWriter entry_of(const MovieInfo& info) {
  EntryWriter entry;
  if (info.frame_time) entry.set("Frame time", info.frame_time->value);
  if (info.voltage) entry.set("HT", info.voltage->value * 1e3);
  if (info.detector) entry.set("Camera name", *info.detector);
  if (info.dose && info.pixel_size) {
    const double area = info.pixel_size->x.value * info.pixel_size->y.value;
    entry.set("Dose", info.dose->value / area * 1e20);
  }
  const auto seconds = info.date ? seconds_from_iso_date(*info.date) : std::nullopt;
  if (seconds) entry.set("Timestamp", *seconds / day + unix_epoch_days);
  return entry;
}

}  // namespace

FeiEntries find_fei_entries(const InputFile& file, const MrcHeader& header) {
  const auto extended = static_cast<std::uint64_t>(header.extended_bytes);
  FeiEntries entries{0, header.extended_type == "FEI2" ? fei2_bytes : fei1_bytes};
  if (extended < entries.bytes) return entries;
  ByteReader reader(file, mrc_main_bytes, mrc_main_bytes + 4);
  if (header.is_big_endian()) reader.set_order(std::endian::big);
  const auto told = reader.read<std::uint32_t>();
  if (is_entry_size(told) && told <= extended) entries.bytes = told;
  entries.count = std::min(static_cast<Index>(extended / entries.bytes), Index{header.size[2]});
  return entries;
}

Json read_fei_entry(const InputFile& file,
                    const MrcHeader& header,
                    const FeiEntries& entries,
                    Index index) {
  const std::uint64_t begin = mrc_main_bytes + static_cast<std::uint64_t>(index) * entries.bytes;
  ByteReader reader(file, begin, begin + entries.bytes);
  const std::endian order = header.is_big_endian() ? std::endian::big : std::endian::little;
  Json entry = Json::object();
  for (const FeiField& field : fei_fields) {
    const std::uint64_t bytes = field.kind == FeiKind::text ? 16 : 8;
    if (field.offset + bytes > entries.bytes) break;
    reader.set_order(std::endian::little);
    reader.seek(begin + field.mask);
    if ((reader.read<std::uint32_t>() >> field.bit & 1U) == 0) continue;
    reader.set_order(order);
    reader.seek(begin + field.offset);
    entry[field.name] = value_of(reader, field.kind);
  }
  return entry;
}

MrcExtendedFacts fei_facts(const InputFile& file, const MrcHeader& header) {
  MrcExtendedFacts facts;
  const FeiEntries entries = find_fei_entries(file, header);
  if (entries.count == 0) return facts;
  const Json first = read_fei_entry(file, header, entries, 0);
  const Json last = read_fei_entry(file, header, entries, entries.count - 1);
  const bool is_stem = first.value("Instrument mode", 0) == 2;
  facts.is_diffraction = !is_stem && first.value("Projection mode", 0) == 1;
  const auto x = positive(first, "Pixel size X"), y = positive(first, "Pixel size Y");  // m
  if (x && y && !facts.is_diffraction) {
    facts.pixel_size = PixelSize{{rounded(*x * 1e10, 12)}, {rounded(*y * 1e10, 12)}};
  }
  if (const auto volts = positive(first, "HT")) facts.voltage = Voltage{*volts * 1e-3};
  if (const auto dose = positive(first, "Dose")) facts.dose_per_area = *dose * 1e-20;
  take_times(first, last, entries.count, facts);
  const std::string detector = text_in(first, "STEM Detector name"),
                    camera = text_in(first, "Camera name");
  facts.detector = is_stem && !detector.empty() ? detector : camera;
  if (facts.detector.empty()) facts.detector = text_in(first, "Detector commercial name");
  return facts;
}

Index fei_header_bytes(const MovieInfo& info, Index frames) {
  if (frames > most_written_frames || !entry_of(info).has_facts()) return 0;
  return frames * static_cast<Index>(fei1_bytes);
}

std::vector<std::byte> make_fei_header(const MovieInfo& info, Index frames) {
  std::vector<std::byte> header;
  const Index bytes = fei_header_bytes(info, frames);
  if (bytes == 0) return header;
  EntryWriter entry = entry_of(info);
  entry.set("Application", std::string(our_name));
  entry.set("Application version", version().substr(0, 16));
  if (info.pixel_size) {
    entry.set("Pixel size X", info.pixel_size->x.value * 1e-10);
    entry.set("Pixel size Y", info.pixel_size->y.value * 1e-10);
  }
  header.reserve(static_cast<std::size_t>(bytes));
  for (Index t = 0; t < frames; ++t) {
    header.insert(header.end(), entry.bytes().begin(), entry.bytes().end());
  }
  return header;
}

}  // namespace kinema::io
