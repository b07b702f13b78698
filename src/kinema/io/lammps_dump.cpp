// Reading dumps of LAMMPS.
#include "kinema/io/lammps_dump.h"

#include "kinema/base/error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>
#include <utility>

namespace kinema::io {
namespace {

constexpr std::uint64_t least_bytes_an_atom = 6;  // "0 0 0\n"

struct Header {
  std::optional<std::int64_t> step, atoms;
  std::optional<Cell> cell;
  std::string units;
  std::optional<double> time;  // in the units' own
  std::string_view columns;
};

std::string_view needed_line(LineReader& lines, const char* what) {
  const auto line = lines.next();
  if (!line) lines.fail(std::string("the file ends before ") + what);
  return *line;
}

std::int64_t count_in(LineReader& lines, const char* what) {
  std::string_view line = needed_line(lines, what);
  const std::string_view word = take_word(line);
  const auto count = whole_number(word);
  if (!count || *count < 0 || !take_word(line).empty()) {
    lines.fail(std::string(what) + " is " + quoted_word(word) + ", not a whole number");
  }
  return *count;
}

/// A row of exactly `count` finite numbers.
std::array<double, 4> numbers_in(LineReader& lines, std::size_t count) {
  std::string_view line = needed_line(lines, "the bounds of the box");
  std::array<double, 4> row{};
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = real_number(take_word(line));
    if (!number || !std::isfinite(*number)) {
      lines.fail("the bounds of this box are rows of " + std::to_string(count) + " numbers");
    }
    row[i] = *number;
  }
  if (!take_word(line).empty()) {
    lines.fail("the bounds of this box are rows of " + std::to_string(count) + " numbers");
  }
  return row;
}

/// The box behind "ITEM: BOX BOUNDS"; `words` may say that it is tilted, or given by its edges.
Cell cell_of(std::string_view words, LineReader& lines) {
  Cell cell;
  std::vector<std::string_view> flags;
  for (auto word = take_word(words); !word.empty(); word = take_word(words)) flags.push_back(word);
  const auto begins_with = [&](std::initializer_list<std::string_view> start) {
    return flags.size() >= start.size() && std::equal(start.begin(), start.end(), flags.begin());
  };
  const bool is_tilted = begins_with({"xy", "xz", "yz"});
  const bool is_general = begins_with({"abc", "origin"});
  flags.erase(flags.begin(), flags.begin() + (is_tilted ? 3 : is_general ? 2 : 0));
  if (flags.size() != 3 && !flags.empty()) lines.fail("BOX BOUNDS does not say three boundaries");
  for (std::size_t axis = 0; axis < 3; ++axis) {
    cell.periodic[axis] = flags.empty() || flags[axis] == "pp";
  }
  std::array<std::array<double, 4>, 3> rows{};
  for (auto& row : rows) row = numbers_in(lines, is_general ? 4 : is_tilted ? 3 : 2);
  if (is_general) {
    for (std::size_t axis = 0; axis < 3; ++axis) {
      std::copy_n(rows[axis].data(), 3, cell.edges[axis].data());
      cell.origin[axis] = rows[axis][3];
    }
    return cell;
  }
  const double xy = rows[0][2], xz = rows[1][2], yz = rows[2][2];
  rows[0][0] -= std::min({0.0, xy, xz, xy + xz});
  rows[0][1] -= std::max({0.0, xy, xz, xy + xz});
  rows[1][0] -= std::min(0.0, yz);
  rows[1][1] -= std::max(0.0, yz);
  cell.edges = {{{rows[0][1] - rows[0][0], 0, 0},
                 {xy, rows[1][1] - rows[1][0], 0},
                 {xz, yz, rows[2][1] - rows[2][0]}}};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    cell.origin[axis] = rows[axis][0];
    if (cell.edges[axis][axis] < 0.0) lines.fail("the box ends before it begins");
  }
  return cell;
}

/// Everything up to the line that names the columns; none at the end of the file.
std::optional<Header> next_header(LineReader& lines, std::uint64_t& begin) {
  Header header;
  bool is_begun = false;
  while (const auto line = lines.next()) {
    std::string_view rest = *line;
    const std::string_view item = take_word(rest);
    if (item.empty() && !is_begun) continue;
    const std::string_view first = take_word(rest);
    if (item != "ITEM:") {
      lines.fail(quoted_word(*line) + " stands where a line \"ITEM: ...\" belongs");
    }
    if (!is_begun) begin = lines.line();
    is_begun = true;
    if (first == "TIMESTEP") {
      header.step = count_in(lines, "the time step");
    } else if (first == "NUMBER") {
      header.atoms = count_in(lines, "the number of atoms");
    } else if (first == "BOX") {
      take_word(rest);
      header.cell = cell_of(std::string(rest), lines);
    } else if (first == "UNITS") {
      header.units = std::string(needed_line(lines, "the units"));
    } else if (first == "TIME") {
      header.time = real_number(needed_line(lines, "the time"));
    } else if (first == "ATOMS") {
      header.columns = rest;
      if (header.step && header.atoms && header.cell) return header;
      lines.fail("ATOMS comes before TIMESTEP, NUMBER OF ATOMS and BOX BOUNDS were all said");
    } else {
      lines.fail("ITEM: " + quoted_word(first) + " is none of a dump of atoms");
    }
  }
  if (is_begun) lines.fail("the file ends in the middle of a frame");
  return std::nullopt;
}

/// What a column of atoms is for: a coordinate has its axis, and may be a fraction of the box.
struct Column {
  enum class Use { id, type, element, coordinate, value, nothing } use = Use::nothing;
  std::size_t axis = 0;
  bool is_fraction = false;
  std::string name;
};

Column column_of(const std::string& name) {
  if (name == "id") return {Column::Use::id, 0, false, name};
  if (name == "type") return {Column::Use::type, 0, false, name};
  if (name == "element") return {Column::Use::element, 0, false, name};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::string letter(1, "xyz"[axis]);
    if (name == letter || name == letter + "u") return {Column::Use::coordinate, axis, false, name};
    if (name == letter + "s" || name == letter + "su") {
      return {Column::Use::coordinate, axis, true, name};
    }
  }
  return {Column::Use::value, 0, false, name};
}

std::vector<Column> columns_of(std::string_view words, const LineReader& lines) {
  std::vector<Column> columns;
  std::set<std::string> names;
  std::array<int, 3> coordinates{};
  for (auto word = take_word(words); !word.empty(); word = take_word(words)) {
    columns.push_back(column_of(std::string(word)));
    Column& column = columns.back();
    if (!names.insert(column.name).second) lines.fail(quoted_word(word) + " is a column twice");
    if (column.use == Column::Use::coordinate && ++coordinates[column.axis] > 1) {
      column.use = Column::Use::nothing;  // x beside xu: the first one counts
    }
  }
  if (coordinates[0] == 0 || coordinates[1] == 0 || coordinates[2] == 0) {
    lines.fail("ATOMS has not all of x, y, z (or xs, xu, xsu): nothing says where the atoms are");
  }
  return columns;
}

/// One atom's line, read column by column.
class AtomLine {
 public:
  AtomLine(const LineReader& lines, const std::vector<std::uint8_t>& elements, AtomFrame& frame)
      : lines_(lines), elements_(elements), frame_(frame) {}

  void read(std::string_view line, const std::vector<Column>& columns) {
    kind_.reset();
    for (const Column& column : columns) take(column, take_word(line));
    if (const auto more = take_word(line); !more.empty()) {
      lines_.fail(quoted_word(more) + " stands behind the last column of ATOMS");
    }
    if (!kind_) {
      lines_.fail(
          "the dump does not say which element an atom is; write it with a column `element` (dump "
          "custom ... element, dump_modify ... element C)");
    }
    frame_.atoms.atomic_numbers.push_back(*kind_);
    frame_.atoms.positions.push_back(position_);
  }

 private:
  void take(const Column& column, std::string_view word) {
    if (word.empty()) lines_.fail("the line ends before its column " + quoted_word(column.name));
    switch (column.use) {
      case Column::Use::id:
        frame_.ids.push_back(whole(column, word) - 1);
        return;
      case Column::Use::type: {
        const auto type = static_cast<std::size_t>(whole(column, word));
        if (!kind_ && type >= 1 && type <= elements_.size()) kind_ = elements_[type - 1];
        return;
      }
      case Column::Use::element: {
        const auto number = atomic_number(word);
        if (!number) lines_.fail("element is " + quoted_word(word) + ", which names none");
        kind_ = static_cast<std::uint8_t>(*number);
        return;
      }
      case Column::Use::coordinate:
        position_[column.axis] = real(column, word);
        if (!std::isfinite(position_[column.axis])) lines_.fail(column.name + " is not finite");
        return;
      case Column::Use::value:
        frame_.values[column.name].push_back(real(column, word));
        return;
      case Column::Use::nothing:
        return;
    }
  }
  std::int64_t whole(const Column& column, std::string_view word) const {
    const auto number = whole_number(word);
    if (!number || *number < 1) {
      lines_.fail(column.name + " is " + quoted_word(word) + ", not a whole number from 1 on");
    }
    return *number;
  }
  double real(const Column& column, std::string_view word) const {
    const auto number = real_number(word);
    if (!number) lines_.fail(column.name + " is " + quoted_word(word) + ", not a number");
    return *number;
  }

  const LineReader& lines_;
  const std::vector<std::uint8_t>& elements_;
  AtomFrame& frame_;
  std::optional<std::uint8_t> kind_;
  Vec3 position_{};
};

/// Fractions of the box's edges become angstrom.
void unscale(AtomFrame& frame, const std::vector<Column>& columns, const LineReader& lines) {
  std::array<bool, 3> is_fraction{};
  for (const Column& column : columns) {
    if (column.use == Column::Use::coordinate) is_fraction[column.axis] = column.is_fraction;
  }
  if (is_fraction == std::array{false, false, false}) return;
  if (is_fraction != std::array{true, true, true}) {
    lines.fail(frame.line, "only some coordinates of the atoms are fractions of the box");
  }
  const Cell& cell = *frame.atoms.cell;
  for (Vec3& position : frame.atoms.positions) {
    const Vec3 fraction = std::exchange(position, cell.origin);
    for (std::size_t edge = 0; edge < 3; ++edge) {
      for (std::size_t axis = 0; axis < 3; ++axis) {
        position[axis] += fraction[edge] * cell.edges[edge][axis];
      }
    }
  }
}

void require_new_ids(const AtomFrame& frame, const LineReader& lines, std::uint64_t first_line) {
  std::set<std::int64_t> seen;
  for (std::size_t i = 0; i < frame.ids.size(); ++i) {
    if (seen.insert(frame.ids[i]).second) continue;
    lines.fail(first_line + i, "atom " + std::to_string(frame.ids[i] + 1) + " is there twice");
  }
}

}  // namespace

LammpsDumpReader::LammpsDumpReader(const std::filesystem::path& path,
                                   std::vector<std::uint8_t> elements)
    : file_(path), lines_(file_), elements_(std::move(elements)) {}

std::optional<AtomFrame> LammpsDumpReader::next() {
  AtomFrame frame;
  const auto header = next_header(lines_, frame.line);
  if (!header) return std::nullopt;
  const std::vector<Column> columns = columns_of(header->columns, lines_);
  frame.atoms.cell = header->cell;
  frame.number = static_cast<Index>(*header->step);
  if (header->time && header->units == "metal") frame.time = Time{*header->time * 1e-12};
  if (header->time && header->units == "real") frame.time = Time{*header->time * 1e-15};
  const std::uint64_t first_line = lines_.line() + 1;
  const auto count = static_cast<std::uint64_t>(*header->atoms);
  if (count > lines_.remaining() / least_bytes_an_atom + 1) {
    lines_.fail("there cannot be " + std::to_string(count) + " atoms in the " +
                std::to_string(lines_.remaining()) + " bytes that the file has left");
  }
  AtomLine atom(lines_, elements_, frame);
  for (std::uint64_t i = 0; i < count; ++i) {
    atom.read(needed_line(lines_, "the last of this frame's atoms"), columns);
  }
  require_new_ids(frame, lines_, first_line);
  unscale(frame, columns, lines_);
  return frame;
}

}  // namespace kinema::io
