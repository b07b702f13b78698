// Reading frames of extended XYZ.
#include "kinema/io/extxyz.h"

#include "kinema/base/error.h"
#include "kinema/io/extxyz_comment.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace kinema::io {
namespace {

constexpr std::uint64_t least_bytes_an_atom = 8;  // "C 0 0 0\n"
constexpr std::string_view plain_properties = "species:S:1:pos:R:3";

struct Unit {
  std::string_view name;
  double seconds;
};
constexpr Unit time_units[] = {
    {"s", 1.0}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}, {"ps", 1e-12}, {"fs", 1e-15}};

/// What a run of columns is for.
enum class Use { species, number, position, sigma, id, value, text };

struct Column {
  XyzColumns written;
  Use use;
  std::vector<std::vector<double>*> values;  // of a value: one a column
};

bool is_column(const XyzColumns& columns, std::string_view name, char type, int count) {
  return columns.name == name && columns.type == type && columns.count == count;
}

Use use_of(const XyzColumns& columns, bool has_species) {
  if (is_column(columns, "species", 'S', 1)) return Use::species;
  if (is_column(columns, "Z", 'I', 1) && !has_species) return Use::number;
  if (is_column(columns, "pos", 'R', 3)) return Use::position;
  if (is_column(columns, "sigma", 'R', 3)) return Use::sigma;
  if (is_column(columns, "id", 'I', 1)) return Use::id;
  return columns.type == 'S' ? Use::text : Use::value;
}

std::string value_name(const XyzColumns& columns, int i) {
  if (columns.count == 1) return columns.name;
  constexpr const char* axes[] = {"x", "y", "z"};
  return columns.name + "_" + (columns.count == 3 ? axes[i] : std::to_string(i));
}

/// The columns with the arrays of `frame` into which their values go.
std::vector<Column> plan_columns(const std::vector<XyzColumns>& written,
                                 AtomFrame& frame,
                                 const LineReader& lines) {
  const auto holds = [&](std::string_view name, char type, int count) {
    return std::any_of(written.begin(), written.end(), [&](const XyzColumns& columns) {
      return is_column(columns, name, type, count);
    });
  };
  const bool has_species = holds("species", 'S', 1);
  if (!has_species && !holds("Z", 'I', 1)) {
    lines.fail("Properties has neither species:S:1 nor Z:I:1: nothing says what the atoms are");
  }
  if (!holds("pos", 'R', 3)) {
    lines.fail("Properties has no pos:R:3: nothing says where the atoms are");
  }
  std::vector<Column> plan;
  std::set<std::string> taken;
  for (const XyzColumns& columns : written) {
    Column column{columns, use_of(columns, has_species), {}};
    for (int i = 0; column.use == Use::value && i < columns.count; ++i) {
      const std::string name = value_name(columns, i);
      if (!taken.insert(name).second) {
        lines.fail("Properties gives " + quoted_word(name) + " twice");
      }
      column.values.push_back(&frame.values[name]);
    }
    plan.push_back(std::move(column));
  }
  return plan;
}

/// The next word of an atom's line, as `type` of the column.
double take_number(std::string_view& line, const XyzColumns& columns, const LineReader& lines) {
  const std::string_view word = take_word(line);
  if (word.empty()) lines.fail("the line ends before its column " + quoted_word(columns.name));
  if (columns.type == 'R') {
    if (const auto number = real_number(word)) return *number;
  } else if (columns.type == 'I') {
    if (const auto number = whole_number(word)) return static_cast<double>(*number);
  } else if (const auto flag = comment_flag(word)) {
    return *flag ? 1.0 : 0.0;
  }
  const char* kind = columns.type == 'R'   ? "a real number"
                     : columns.type == 'I' ? "a whole number"
                                           : "T or F";
  lines.fail(columns.name + " is " + quoted_word(word) + ", not " + kind);
}

Vec3 take_vector(std::string_view& line, const XyzColumns& columns, const LineReader& lines) {
  Vec3 vector{};
  for (double& component : vector) {
    component = take_number(line, columns, lines);
    if (!std::isfinite(component)) lines.fail(columns.name + " is not finite");
  }
  return vector;
}

std::int64_t take_id(std::string_view& line, const XyzColumns& columns, const LineReader& lines) {
  constexpr double most = 9007199254740992.0;  // 2^53: beyond, numbers have gaps
  const double id = take_number(line, columns, lines);
  if (std::abs(id) < most) return static_cast<std::int64_t>(id);
  lines.fail("id is larger than any number of atoms");
}

std::uint8_t take_species(std::string_view& line, const LineReader& lines) {
  const std::string_view word = take_word(line);
  if (const auto number = atomic_number(word)) return static_cast<std::uint8_t>(*number);
  if (word == "X") return 0;
  const auto number = whole_number(word);
  if (number && *number >= 0 && *number <= 118) return static_cast<std::uint8_t>(*number);
  if (word.empty()) lines.fail("is empty where the line of an atom belongs");
  lines.fail("species is " + quoted_word(word) + ", which names no element (C, not c or C1)");
}

void take_column(const Column& column,
                 std::string_view& line,
                 AtomFrame& frame,
                 const LineReader& lines) {
  const XyzColumns& written = column.written;
  switch (column.use) {
    case Use::species:
    case Use::number:
      frame.atoms.atomic_numbers.push_back(take_species(line, lines));
      return;
    case Use::position:
      frame.atoms.positions.push_back(take_vector(line, written, lines));
      return;
    case Use::sigma:
      frame.sigmas.push_back(take_vector(line, written, lines));
      return;
    case Use::id:
      frame.ids.push_back(take_id(line, written, lines));
      return;
    case Use::value:
      for (std::vector<double>* values : column.values) {
        values->push_back(take_number(line, written, lines));
      }
      return;
    case Use::text:
      for (int i = 0; i < written.count; ++i) {
        if (take_word(line).empty()) {
          lines.fail("the line ends before its column " + quoted_word(written.name));
        }
      }
  }
}

/// The box that Lattice, pbc and Origin tell of.
std::optional<Cell> cell_of(std::map<std::string, std::string>& info, const LineReader& lines) {
  const auto lattice = info.extract("Lattice");
  const auto pbc = info.extract("pbc");
  if (lattice.empty()) return std::nullopt;
  Cell cell;
  const auto numbers = comment_numbers(lattice.mapped());
  if (!numbers || numbers->size() != 9) {
    lines.fail("Lattice is " + quoted_word(lattice.mapped()) +
               ", not nine numbers: the three edges of the box one after another");
  }
  for (std::size_t i = 0; i < 9; ++i) {
    cell.edges[i / 3][i % 3] = (*numbers)[i];
    if (!std::isfinite((*numbers)[i])) lines.fail("Lattice is not finite");
  }
  cell.periodic = {true, true, true};
  if (!pbc.empty()) {
    const auto flags = comment_flags(pbc.mapped());
    if (!flags) lines.fail("pbc is " + quoted_word(pbc.mapped()) + ", not three of T and F");
    cell.periodic = *flags;
  }
  if (const auto origin = info.extract("Origin"); !origin.empty()) {
    const auto place = comment_numbers(origin.mapped());
    if (!place || place->size() != 3 || !std::isfinite((*place)[0] + (*place)[1] + (*place)[2])) {
      lines.fail("Origin is " + quoted_word(origin.mapped()) + ", not three numbers");
    }
    std::copy_n(place->data(), 3, cell.origin.data());
  }
  return cell;
}

/// Takes `frame` and a Time that has a unit out of `info`.
void take_moment(AtomFrame& frame, const LineReader& lines) {
  if (const auto number = frame.info.find("frame"); number != frame.info.end()) {
    const auto value = whole_number(number->second);
    if (!value || *value < 0) {
      lines.fail("frame is " + quoted_word(number->second) + ", not a frame counted from 0");
    }
    frame.number = static_cast<Index>(*value);
    frame.info.erase(number);
  }
  const auto time = frame.info.find("Time"), unit = frame.info.find("Time_unit");
  if (time == frame.info.end() || unit == frame.info.end()) return;
  const auto value = real_number(time->second);
  for (const Unit& known : time_units) {
    if (value && known.name == unit->second) frame.time = Time{*value * known.seconds};
  }
  if (!frame.time || !std::isfinite(frame.time->value)) {
    lines.fail("Time is " + quoted_word(time->second) + " in " + quoted_word(unit->second) +
               ", not a number in s, ms, us, ns, ps or fs");
  }
  frame.info.erase("Time");
  frame.info.erase("Time_unit");
}

struct Layout {
  std::vector<XyzColumns> columns;
  bool is_exact = false;  // whether an atom's line must end behind the last column
};

/// Reads the comment line into `frame`; gives the columns of the atoms' lines. Without Properties
/// and Lattice it is plain XYZ, whose comment is any text and whose lines may hold more.
Layout read_comment(std::string_view comment, AtomFrame& frame, const LineReader& lines) {
  std::string problem;
  frame.info = comment_pairs(comment);
  if (!frame.info.contains("Properties") && !frame.info.contains("Lattice")) {
    frame.info.clear();
    if (!comment.empty()) frame.info["comment"] = std::string(comment);
    return {columns_of(plain_properties, problem), false};
  }
  const auto properties = frame.info.extract("Properties");
  const Layout layout{
      columns_of(properties.empty() ? plain_properties : properties.mapped(), problem),
      !properties.empty()};
  if (!problem.empty()) lines.fail(problem);
  frame.atoms.cell = cell_of(frame.info, lines);
  take_moment(frame, lines);
  return layout;
}

void require_new_ids(const AtomFrame& frame, const LineReader& lines) {
  std::set<std::int64_t> seen;
  for (std::size_t i = 0; i < frame.ids.size(); ++i) {
    if (seen.insert(frame.ids[i]).second) continue;
    lines.fail(frame.line + 2 + i, "atom " + std::to_string(frame.ids[i]) + " is there twice");
  }
}

/// The count that begins a frame; none at the end of the file. Blank lines before it are no frame.
std::optional<std::uint64_t> next_count(LineReader& lines) {
  while (const auto line = lines.next()) {
    std::string_view rest = *line;
    const std::string_view word = take_word(rest);
    if (word.empty()) continue;
    const auto count = whole_number(word);
    if (!count || *count < 0 || !take_word(rest).empty()) {
      lines.fail(quoted_word(*line) + " stands where a frame begins with its number of atoms");
    }
    if (static_cast<std::uint64_t>(*count) > lines.remaining() / least_bytes_an_atom + 1) {
      lines.fail("there cannot be " + std::to_string(*count) + " atoms in the " +
                 std::to_string(lines.remaining()) + " bytes that the file has left");
    }
    return static_cast<std::uint64_t>(*count);
  }
  return std::nullopt;
}

}  // namespace

ExtxyzReader::ExtxyzReader(const std::filesystem::path& path) : file_(path), lines_(file_) {}

std::optional<AtomFrame> ExtxyzReader::next() {
  const auto count = next_count(lines_);
  if (!count) return std::nullopt;
  AtomFrame frame;
  frame.line = lines_.line();
  const auto comment = lines_.next();
  if (!comment) lines_.fail("the file ends before the second line of this frame");
  const Layout layout = read_comment(*comment, frame, lines_);
  const std::vector<Column> columns = plan_columns(layout.columns, frame, lines_);
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto line = lines_.next();
    if (!line) {
      lines_.fail("the file ends after " + std::to_string(i) + " of the " + std::to_string(*count) +
                  " atoms that line " + std::to_string(frame.line) + " announces");
    }
    std::string_view rest = *line;
    for (const Column& column : columns) take_column(column, rest, frame, lines_);
    if (const auto more = take_word(rest); !more.empty() && layout.is_exact) {
      lines_.fail(quoted_word(more) + " stands behind the last column that Properties names");
    }
  }
  require_new_ids(frame, lines_);
  return frame;
}

Trajectory read_extxyz(const std::filesystem::path& path) {
  ExtxyzReader reader(path);
  std::vector<AtomFrame> frames;
  while (auto frame = reader.next()) frames.push_back(std::move(*frame));
  return trajectory_of(std::move(frames), path);
}

}  // namespace kinema::io
