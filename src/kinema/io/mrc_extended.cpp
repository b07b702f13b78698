// Extended headers by kind: SerialEM's and Agard's sections, symmetry as text, FEI's by mrc_fei.
// Layouts: IMOD's mrc_format.txt; Agard's fields as FEI's tomography software wrote them.
#include "kinema/io/mrc_extended.h"

#include "kinema/io/byte_reader.h"
#include "kinema/io/mrc_fei.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace kinema::io {
namespace {

constexpr Index most_entries = 1000;        // that a tree is made from
constexpr std::size_t most_listed = 8000;   // numbers in lists over the frames
constexpr std::uint64_t most_unnamed = 40;  // numbers of a section that have no names
constexpr std::uint64_t most_text = 64 << 10;
constexpr std::uint64_t symmetry_bytes = 80;
constexpr std::uint64_t fei_agard_bytes = 131072;  // FEI's older headers: always 1024 * 128

/// Items of a SerialEM section, in the order of their flags.
struct SerialItem {
  int flag;
  std::uint64_t bytes;
  const char* name;
};
constexpr SerialItem serial_items[] = {{1, 2, "tilt (degree)"},
                                       {2, 6, "piece (pixel)"},
                                       {4, 4, "stage (um)"},
                                       {8, 2, "magnification"},
                                       {16, 2, "intensity"},
                                       {32, 4, "dose (e-/A^2)"},
                                       {64, 2, "item 64"},
                                       {128, 4, "item 128"},
                                       {256, 2, "item 256"},
                                       {512, 4, "item 512"},
                                       {1024, 2, "item 1024"}};

/// The first floats of an Agard section as FEI filled them; lengths in m.
constexpr const char* agard_fields[] = {"alpha tilt (degree)",
                                        "beta tilt (degree)",
                                        "stage x",
                                        "stage y",
                                        "stage z",
                                        "shift x",
                                        "shift y",
                                        "defocus",
                                        "exposure time (s)",
                                        "mean intensity",
                                        "tilt axis (degree)",
                                        "pixel size",
                                        "magnification"};
constexpr std::size_t agard_exposure = 8, agard_pixel = 11;

std::uint64_t extended_bytes(const MrcHeader& header) {
  return static_cast<std::uint64_t>(header.extended_bytes);
}

/// Bytes of a SerialEM section: those of its flagged items, which add up to what the header says;
/// 0 where they do not.
std::uint64_t serial_bytes(const MrcHeader& header) {
  std::uint64_t bytes = 0;
  for (const SerialItem& item : serial_items) {
    if ((header.reals & item.flag) != 0) bytes += item.bytes;
  }
  const bool agree = header.reals > 0 && std::cmp_equal(bytes, header.integers);
  return agree ? bytes : 0;
}

/// Bytes of an Agard section: integers, then reals, of 4 bytes each.
std::uint64_t agard_bytes(const MrcHeader& header) {
  if (header.integers == 0 && header.reals == 0) {
    return extended_bytes(header) == fei_agard_bytes ? 128 : 0;
  }
  if (header.integers < 0 || header.reals < 0) return 0;
  return 4 * static_cast<std::uint64_t>(header.integers + header.reals);
}

/// A number of SerialEM's in two shorts: the first is the upper part of 24 bits, the second holds
/// the rest of them and the power of two.
double serial_real(int first, int second) {
  const int whole = std::abs(first) * 256 + std::abs(second) % 256;
  const int power = std::abs(second) / 256;
  return std::ldexp(first < 0 ? -whole : whole, second < 0 ? -power : power);
}

ByteReader reader_at(const InputFile& file,
                     const MrcHeader& header,
                     std::uint64_t bytes_each,
                     Index index) {
  const std::uint64_t begin = mrc_main_bytes + static_cast<std::uint64_t>(index) * bytes_each;
  ByteReader reader(file, begin, begin + bytes_each);
  reader.set_order(header.is_big_endian() ? std::endian::big : std::endian::little);
  return reader;
}

Json serial_value(ByteReader& reader, int flag) {
  const auto next = [&] { return static_cast<int>(reader.read<std::int16_t>()); };
  switch (flag) {
    case 1:
      return next() / 100.0;
    case 2: {
      Json piece = Json::array();
      for (int i = 0; i < 3; ++i) piece.push_back(next());
      return piece;
    }
    case 4: {
      const double x = next() / 25.0, y = next() / 25.0;
      return Json::array({x, y});
    }
    case 8:
      return next() * 100;
    case 16:
      return next() / 25000.0;
    case 32: {
      const int first = next(), second = next();
      return serial_real(first, second);
    }
    case 128:
    case 512:
      return reader.read<std::int32_t>();
    default:
      return next();
  }
}

Json serial_entry(const InputFile& file, const MrcHeader& header, Index index) {
  ByteReader reader = reader_at(file, header, serial_bytes(header), index);
  Json entry = Json::object();
  for (const SerialItem& item : serial_items) {
    if ((header.reals & item.flag) != 0) entry[item.name] = serial_value(reader, item.flag);
  }
  return entry;
}

Json agard_entry(const InputFile& file, const MrcHeader& header, Index index) {
  const bool plain = header.integers == 0 && header.reals == 0;
  const auto integers = static_cast<std::uint64_t>(header.integers);
  const auto reals = plain ? 32 : static_cast<std::uint64_t>(header.reals);
  const std::uint64_t told = std::min<std::uint64_t>(reals, most_unnamed);
  ByteReader reader = reader_at(file, header, agard_bytes(header), index);
  const std::uint64_t begin = reader.position();
  Json entry = Json::object();
  if (integers > 0) {
    entry["integers"] = reader.array<std::int32_t>(std::min(integers, most_unnamed), "integers");
  }
  reader.seek(begin + 4 * integers);
  const std::vector<float> numbers = reader.array<float>(told, "reals");
  if (integers > 0 || told < std::size(agard_fields)) {
    entry["reals"] = numbers;
    return entry;
  }
  for (std::size_t i = 0; i < std::size(agard_fields); ++i) entry[agard_fields[i]] = numbers[i];
  return entry;
}

Index count_entries(const MrcHeader& header, std::uint64_t bytes_each) {
  if (bytes_each == 0) return 0;
  return std::min(static_cast<Index>(extended_bytes(header) / bytes_each), Index{header.size[2]});
}

MrcExtendedFacts serial_facts(const InputFile& file, const MrcHeader& header) {
  MrcExtendedFacts facts;
  if (count_entries(header, serial_bytes(header)) == 0) return facts;
  const double dose = serial_entry(file, header, 0).value("dose (e-/A^2)", 0.0);
  if (std::isfinite(dose) && dose > 0.0) facts.dose_per_area = dose;
  return facts;
}

MrcExtendedFacts agard_facts(const InputFile& file, const MrcHeader& header) {
  MrcExtendedFacts facts;
  if (count_entries(header, agard_bytes(header)) == 0) return facts;
  const Json entry = agard_entry(file, header, 0);
  const double pixel = entry.value(agard_fields[agard_pixel], 0.0);
  const double exposure = entry.value(agard_fields[agard_exposure], 0.0);
  if (pixel > 1e-13 && pixel < 1e-5) {  // m
    const Length edge{rounded(pixel * 1e10, 7)};
    facts.pixel_size = PixelSize{edge, edge};
  }
  if (exposure > 0.0 && exposure < 1e6) {
    facts.frame_time = Time{exposure};
    facts.notes.emplace_back(
        "the frame time is the exposure of one image, as the extended header tells it");
  }
  return facts;
}

/// Records of 80 characters, all printable: symmetry operators.
bool is_symmetry(const InputFile& file, const MrcHeader& header) {
  const std::uint64_t bytes = extended_bytes(header);
  if (bytes % symmetry_bytes != 0 || bytes > most_text) return false;
  const std::string text =
      ByteReader(file, mrc_main_bytes, mrc_main_bytes + bytes).text(bytes, "characters");
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

Json symmetry_tree(const InputFile& file, const MrcHeader& header) {
  const std::uint64_t bytes = std::min(extended_bytes(header), most_text);
  ByteReader reader(file, mrc_main_bytes, mrc_main_bytes + bytes);
  Json records = Json::array();
  while (reader.remaining() >= symmetry_bytes) {
    std::string record = reader.text(symmetry_bytes, "characters");
    std::replace_if(
        record.begin(), record.end(), [](char c) { return c < ' ' || c > '~'; }, ' ');
    record.erase(record.find_last_not_of(' ') + 1);
    records.push_back(record);
  }
  return records;
}

}  // namespace

double rounded(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return std::strtod(text, nullptr);
}

Json tree_of_entries(Index entries, const std::function<Json(Index)>& entry) {
  std::vector<Json> read;
  for (Index i = 0; i < std::min(entries, most_entries); ++i) read.push_back(entry(i));
  if (read.empty()) return Json::object();
  Json varying = Json::object(), tree = Json::object();
  for (const auto& [name, value] : read.front().items()) {
    const bool same = std::all_of(read.begin(), read.end(), [&](const Json& one) {
      return one.contains(name) && one[name] == value;
    });
    (same ? tree : varying)[name] = same ? value : Json::array();
  }
  if (varying.empty()) return tree;
  const std::size_t told =
      std::min(read.size(), std::max<std::size_t>(most_listed / varying.size(), 1));
  for (auto& [name, list] : varying.items()) {
    for (std::size_t i = 0; i < told; ++i) list.push_back(read[i].value(name, Json()));
  }
  tree.update(varying);
  return tree;
}

std::string extended_kind(const InputFile& file, const MrcHeader& header) {
  if (header.extended_bytes == 0) return "";
  const std::string& type = header.extended_type;
  const bool printable =
      std::all_of(type.begin(), type.end(), [](char c) { return c >= ' ' && c <= '~'; });
  if (!type.empty() && printable) return type;
  if (is_symmetry(file, header)) return "CCP4";
  if (serial_bytes(header) > 0) return "SERI";
  return agard_bytes(header) > 0 ? "AGAR" : "";
}

MrcExtendedFacts read_extended_facts(const InputFile& file, const MrcHeader& header) {
  const std::string kind = extended_kind(file, header);
  if (kind == "FEI1" || kind == "FEI2") return fei_facts(file, header);
  if (kind == "SERI") return serial_facts(file, header);
  if (kind == "AGAR") return agard_facts(file, header);
  return {};
}

Json extended_tree(const InputFile& file, const MrcHeader& header) {
  const std::string kind = extended_kind(file, header);
  Json tree = {{"type", kind}, {"bytes", header.extended_bytes}};
  if (kind == "CCP4") tree["symmetry"] = symmetry_tree(file, header);
  if (kind == "FEI1" || kind == "FEI2") {
    const FeiEntries entries = find_fei_entries(file, header);
    tree["bytes per frame"] = entries.bytes;
    tree["frames"] = tree_of_entries(
        entries.count, [&](Index i) { return read_fei_entry(file, header, entries, i); });
  } else if (kind == "SERI") {
    tree["frames"] = tree_of_entries(count_entries(header, serial_bytes(header)),
                                     [&](Index i) { return serial_entry(file, header, i); });
  } else if (kind == "AGAR") {
    tree["frames"] = tree_of_entries(count_entries(header, agard_bytes(header)),
                                     [&](Index i) { return agard_entry(file, header, i); });
  }
  return tree;
}

}  // namespace kinema::io
