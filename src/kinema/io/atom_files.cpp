// The table of formats of atoms.
#include "kinema/io/atom_files.h"

#include "kinema/base/error.h"
#include "kinema/io/extxyz.h"
#include "kinema/io/file_names.h"
#include "kinema/io/lammps_dump.h"

#include <span>
#include <string_view>
#include <utility>

namespace kinema::io {
namespace {

template <class Reader>
class ReaderOf : public AtomReader {
 public:
  explicit ReaderOf(const std::filesystem::path& path) : reader_(path) {}
  std::optional<AtomFrame> next() override { return reader_.next(); }

 private:
  Reader reader_;
};

struct Format {
  AtomFormat format;
  std::string_view endings[3];
  bool holds_many;
  std::string (*text)(const AtomFrame&);
};

constexpr Format formats[] = {
    {AtomFormat::extxyz, {".extxyz", ".xyz"}, true, extxyz_text},
    {AtomFormat::lammps_dump, {".lammpstrj", ".dump"}, true, lammps_dump_text},
    {AtomFormat::lammps_data, {".lmp", ".data"}, false, lammps_data_text},
    {AtomFormat::poscar, {".vasp", ".poscar"}, false, poscar_text},
};

const Format& row_of(AtomFormat format) {
  for (const Format& row : formats) {
    if (row.format == format) return row;
  }
  throw std::logic_error("a format of atoms without a row");
}

}  // namespace

std::unique_ptr<AtomReader> open_atoms(const std::filesystem::path& path) {
  const std::vector<std::byte> head = InputFile(path).head(5);
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  if (text == "ITEM:") return std::make_unique<ReaderOf<LammpsDumpReader>>(path);
  return std::make_unique<ReaderOf<ExtxyzReader>>(path);
}

AtomFormat atom_format_of(const std::filesystem::path& path) {
  const std::string name = lower_case(path.filename().string());
  if (name.starts_with("poscar") || name.starts_with("contcar")) return AtomFormat::poscar;
  const std::string ending = lower_case(path.extension().string());
  for (const Format& row : formats) {
    for (const std::string_view known : row.endings) {
      if (!known.empty() && ending == known) return row.format;
    }
  }
  throw InputError(path.string() +
                   ": no format of atoms ends like this; write .extxyz, .lammpstrj (a dump), .lmp "
                   "(LAMMPS data), POSCAR or .vasp");
}

bool holds_many(AtomFormat format) {
  return row_of(format).holds_many;
}

AtomWriter::AtomWriter(const std::filesystem::path& path)
    : format_(atom_format_of(path)), file_(PartialFile::create(path, 0)), path_(path) {}

void AtomWriter::write(const AtomFrame& frame) {
  if (++frames_ > 1 && !holds_many(format_)) {
    throw InputError(path_.string() + ": this format holds one frame; choose it with --frame");
  }
  const std::string text = row_of(format_).text(frame);
  file_.write_at(written_, std::as_bytes(std::span(text)));
  written_ += text.size();
}

void AtomWriter::close() {
  file_.commit();
}

}  // namespace kinema::io
