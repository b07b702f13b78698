// Writing frames of extended XYZ.
#include "kinema/io/extxyz.h"
#include "kinema/io/extxyz_comment.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace kinema::io {
namespace {

constexpr std::size_t flush_at = std::size_t{1} << 20;

void append_number(std::string& text, double value, std::chars_format format, int digits) {
  std::array<char, 400> buffer;  // fixed notation of the largest double is 317 letters long
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, digits).ptr;
  text += ' ';
  text.append(buffer.data(), end);
}

void append_vector(std::string& text, const Vec3& vector, std::chars_format format, int digits) {
  for (const double component : vector) append_number(text, component, format, digits);
}

/// A name that ends neither a column nor a pair.
std::string column_name(std::string name) {
  const auto is_special = [](char c) {
    return std::string_view(": \t\n\"'=,[]{}\\").find(c) != std::string_view::npos;
  };
  std::replace_if(name.begin(), name.end(), is_special, '_');
  return name.empty() ? "value" : name;
}

std::string comment_of(const AtomFrame& frame) {
  std::string text;
  if (const auto& cell = frame.atoms.cell) {
    std::string lattice, flags, origin;
    for (const Vec3& edge : cell->edges) {
      for (const double component : edge) lattice += " " + shortest_text(component);
    }
    for (const bool flag : cell->periodic) flags += flag ? " T" : " F";
    for (const double component : cell->origin) origin += " " + shortest_text(component);
    text += comment_pair("Lattice", lattice.substr(1)) + " " + comment_pair("pbc", flags.substr(1));
    if (cell->origin != Vec3{}) text += " " + comment_pair("Origin", origin.substr(1));
    text += " ";
  }
  text += "Properties=species:S:1:pos:R:3";
  if (!frame.sigmas.empty()) text += ":sigma:R:3";
  if (!frame.ids.empty()) text += ":id:I:1";
  for (const auto& [name, numbers] : frame.values) text += ":" + column_name(name) + ":R:1";
  if (frame.number) text += " frame=" + std::to_string(*frame.number);
  if (frame.time) text += " Time=" + shortest_text(frame.time->value) + " Time_unit=s";
  for (const auto& [key, value] : frame.info) text += " " + comment_pair(key, value);
  return text;
}

}  // namespace

ExtxyzWriter::ExtxyzWriter(const std::filesystem::path& path)
    : file_(PartialFile::create(path, 0)) {}

void ExtxyzWriter::write(const AtomFrame& frame) {
  buffer_ += extxyz_text(frame);
  if (buffer_.size() >= flush_at) flush();
}

void ExtxyzWriter::flush() {
  file_.write_at(written_, std::as_bytes(std::span(buffer_)));
  written_ += buffer_.size();
  buffer_.clear();
}

void ExtxyzWriter::close() {
  flush();
  file_.commit();
}

std::string extxyz_text(const AtomFrame& frame) {
  std::string text = std::to_string(frame.atoms.size()) + "\n" + comment_of(frame) + "\n";
  for (std::size_t i = 0; i < frame.atoms.positions.size(); ++i) {
    text += element_symbol(frame.atoms.atomic_numbers[i]);
    append_vector(text, frame.atoms.positions[i], std::chars_format::fixed, 6);
    if (!frame.sigmas.empty()) {
      append_vector(text, frame.sigmas[i], std::chars_format::general, 6);
    }
    if (!frame.ids.empty()) text += " " + std::to_string(frame.ids[i]);
    for (const auto& [name, numbers] : frame.values) {
      append_number(text, numbers[i], std::chars_format::general, 9);
    }
    text += '\n';
  }
  return text;
}

void write_extxyz(const std::filesystem::path& path,
                  const Trajectory& trajectory,
                  const std::vector<std::map<std::string, std::string>>& info) {
  ExtxyzWriter writer(path);
  for (Index t = 0; t < trajectory.frames(); ++t) {
    AtomFrame frame = frame_of(trajectory, t);
    if (static_cast<std::size_t>(t) < info.size()) frame.info = info[static_cast<std::size_t>(t)];
    writer.write(frame);
  }
  writer.close();
}

}  // namespace kinema::io
