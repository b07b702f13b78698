// Columns of RELION to poses and CTFs, and images by the names in a column.
#include "kinema/io/particles.h"

#include "kinema/io/movie_writer.h"
#include "kinema/io/mrc.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <numbers>

namespace kinema::io {
namespace {

constexpr double degree = std::numbers::pi / 180.0;
constexpr double angstrom_per_mm = 1e7;

/// Values of one particle by column, from its own table or from its optics group's.
class Columns {
 public:
  Columns(const std::filesystem::path& path, std::vector<StarTable>& tables)
      : path_(path), particles_(particle_table(tables, path)) {
    for (StarTable& table : tables) {
      if (table.name == "optics") optics_ = &table;
    }
    if (optics_ == nullptr) return;
    const auto group = optics_->find("rlnOpticsGroup");
    if (!group) throw InputError(path.string() + ": data_optics has no column rlnOpticsGroup");
    for (const auto& row : optics_->rows) groups_[row[*group]] = &row;
  }

  std::size_t rows() const { return particles_.rows.size(); }

  const std::string* text(std::size_t row, std::string_view column) const {
    if (const auto at = particles_.find(column)) return &particles_.rows[row][*at];
    if (optics_ == nullptr) return nullptr;
    const auto at = optics_->find(column);
    if (!at) return nullptr;
    const auto group = particles_.find("rlnOpticsGroup");
    const std::string& name = group ? particles_.rows[row][*group] : optics_->rows[0][0];
    const auto found = groups_.find(name);
    if (found == groups_.end()) {
      throw InputError(
          fmt::format("{}: particle {} is of optics group {}, which data_optics has not",
                      path_.string(),
                      row + 1,
                      name));
    }
    return &(*found->second)[*at];
  }

  std::optional<double> number(std::size_t row, std::string_view column) const {
    const std::string* word = text(row, column);
    if (word == nullptr) return std::nullopt;
    double value = 0.0;
    try {
      kinema::from_text(std::string_view(*word), value);
    } catch (const InputError&) {
      value = std::nan("");
    }
    if (!std::isfinite(value)) {
      throw InputError(fmt::format(
          "{}: particle {}: {} is '{}', no number", path_.string(), row + 1, column, *word));
    }
    return value;
  }

  double required(std::size_t row, std::string_view column, const char* mend) const {
    if (const auto value = number(row, column)) return *value;
    throw InputError(fmt::format("{}: has no column {}; {}", path_.string(), column, mend));
  }

 private:
  const std::filesystem::path& path_;
  const StarTable& particles_;
  StarTable* optics_ = nullptr;
  std::map<std::string, const std::vector<std::string>*> groups_;
};

Pose pose_of(const Columns& columns, std::size_t row, double pixel, bool need_angles) {
  const auto angle = [&](std::string_view column) {
    if (!need_angles) return columns.number(row, column).value_or(0.0) * degree;
    return degree * columns.required(row,
                                     column,
                                     "the orientations must be known: find them with `kinema "
                                     "dynamics poses` or in RELION or cryoSPARC first");
  };
  const EulerAngles angles{
      .rot = angle("rlnAngleRot"), .tilt = angle("rlnAngleTilt"), .psi = angle("rlnAnglePsi")};
  Pose pose{.lab_from_body = rotation_of(angles), .shift = {}};
  const std::array<std::array<const char*, 2>, 2> names{
      {{"rlnOriginXAngst", "rlnOriginX"}, {"rlnOriginYAngst", "rlnOriginY"}}};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (const auto angstrom = columns.number(row, names[axis][0])) {
      pose.shift[axis] = *angstrom;
    } else if (const auto pixels = columns.number(row, names[axis][1])) {
      pose.shift[axis] = *pixels * pixel;
    }
  }
  return pose;
}

FrameCtf ctf_of(const Columns& columns, std::size_t row) {
  const char* mend = "the CTF must be known: estimate it first, or write its columns";
  FrameCtf ctf;
  ctf.defocus_u = columns.required(row, "rlnDefocusU", mend);
  ctf.defocus_v = columns.number(row, "rlnDefocusV").value_or(ctf.defocus_u);
  ctf.defocus_angle = columns.number(row, "rlnDefocusAngle").value_or(0.0) * degree;
  ctf.phase_shift = columns.number(row, "rlnPhaseShift").value_or(0.0) * degree;
  ctf.voltage = columns.required(row, "rlnVoltage", mend);
  ctf.cs = columns.required(row, "rlnSphericalAberration", mend) * angstrom_per_mm;
  ctf.amplitude_contrast = columns.required(row, "rlnAmplitudeContrast", mend);
  ctf.b_factor = columns.number(row, "rlnCtfBfactor").value_or(0.0);
  ctf.scale = columns.number(row, "rlnCtfScalefactor").value_or(1.0);
  return ctf;
}

std::optional<double> pixel_of(const Columns& columns, std::size_t row) {
  if (const auto pixel = columns.number(row, "rlnImagePixelSize")) return pixel;
  if (const auto pixel = columns.number(row, "rlnPixelSize")) return pixel;
  const auto detector = columns.number(row, "rlnDetectorPixelSize");
  const auto magnification = columns.number(row, "rlnMagnification");
  if (detector && magnification && *magnification > 0.0) return *detector * 1e4 / *magnification;
  return std::nullopt;
}

/// Where a stack named in the STAR file at `star` lies: beside it, or here; none if it does not.
std::optional<std::filesystem::path> place_of(const std::filesystem::path& star,
                                              const std::string& file) {
  for (const auto& path : {star.parent_path() / file, std::filesystem::path(file)}) {
    if (std::filesystem::exists(path)) return path;
  }
  return std::nullopt;
}

/// Reads images by names like 000012@stack.mrcs, each stack opened once.
class Stacks {
 public:
  explicit Stacks(std::filesystem::path star) : star_(std::move(star)) {}

  struct Place {
    MovieSource* stack;
    Index frame;
  };
  Place find(const std::string& name, std::size_t row) {
    const std::size_t at = name.find('@');
    Index number = 1;
    const std::string file = at == std::string::npos ? name : name.substr(at + 1);
    try {
      if (at != std::string::npos) kinema::from_text(std::string_view(name).substr(0, at), number);
    } catch (const InputError&) {
      number = 0;
    }
    auto& stack = stacks_[file];
    if (!stack) stack = open_mrc(located(file, row), {});
    if (number < 1 || number > stack->frames().value_or(0)) {
      throw InputError(
          fmt::format("{}: particle {}: '{}' names no image of its stack, which has {}",
                      star_.string(),
                      row + 1,
                      name,
                      stack->frames().value_or(0)));
    }
    return {stack.get(), number - 1};
  }

 private:
  std::filesystem::path located(const std::string& file, std::size_t row) const {
    if (const auto path = place_of(star_, file)) return *path;
    throw InputError(fmt::format(
        "{}: particle {}: there is no {} beside the file or here", star_.string(), row + 1, file));
  }

  std::filesystem::path star_;
  std::map<std::string, std::unique_ptr<MovieSource>> stacks_;
};

/// One image as floats into `out`; all must be finite.
void read_image(const Stacks::Place& place, std::span<float> out, const std::string& where) {
  const FrameFormat format = place.stack->format();
  std::vector<std::byte> bytes(static_cast<std::size_t>(format.bytes()));
  place.stack->read(place.frame, 1, bytes);
  floats_from(format.type, bytes.data(), format.pixels(), out.data());
  for (const float value : out) {
    if (!std::isfinite(value)) throw InputError(where + ": a pixel is not finite; leave it out");
  }
}

void require_box(const FrameFormat& format, Index box, const std::string& where) {
  if (format.height != format.width || format.height % 2 != 0 || format.height < 8) {
    throw InputError(fmt::format("{}: an image of {} x {} pixels; crop to a square of even size",
                                 where,
                                 format.height,
                                 format.width));
  }
  if (format.height != box) {
    throw InputError(fmt::format(
        "{}: an image of {} pixels among ones of {}; scale them alike", where, format.height, box));
  }
}

}  // namespace

StarTable& particle_table(std::vector<StarTable>& tables, const std::filesystem::path& path) {
  for (StarTable& table : tables) {
    if (table.find("rlnImageName") && !table.rows.empty()) return table;
  }
  throw InputError(path.string() + ": no table with rlnImageName; is it a file of particles?");
}

ParticleFile read_particles(const std::filesystem::path& path, const ParticleReadOptions& options) {
  ParticleFile file{.particles = {}, .tables = read_star(path)};
  const Columns columns(path, file.tables);
  Particles& particles = file.particles;
  Stacks stacks(path);
  const std::size_t count = columns.rows();
  for (std::size_t row = 0; row < count; ++row) {
    const std::string where = fmt::format("{}: particle {}", path.string(), row + 1);
    const Stacks::Place place = stacks.find(*columns.text(row, "rlnImageName"), row);
    const FrameFormat format = place.stack->format();
    if (row == 0) {
      particles.images = Array<float, 3>({static_cast<Index>(count), format.height, format.height});
    }
    require_box(format, particles.box(), where);
    std::optional<double> pixel = pixel_of(columns, row);
    if (!pixel && place.stack->info().pixel_size) pixel = place.stack->info().pixel_size->x.value;
    if (options.pixel_size) pixel = options.pixel_size->value;
    if (!pixel || *pixel <= 0.0) {
      throw InputError(path.string() + ": the pixel size is not known; give --pixel-size");
    }
    if (row == 0) particles.pixel_size = Length{*pixel};
    if (std::abs(*pixel - particles.pixel_size.value) > 1e-4 * *pixel) {
      throw InputError(where + ": its pixel size differs from the first one's; scale them alike");
    }
    particles.poses.push_back(pose_of(columns, row, *pixel, options.need_poses));
    particles.ctfs.push_back(ctf_of(columns, row));
    read_image(place, particles.images[static_cast<Index>(row)].flat(), where);
  }
  if (options.invert) {
    for (float& value : particles.images.flat()) value = -value;
  }
  return file;
}

std::vector<StarTable> with_poses(std::vector<StarTable> tables, const std::vector<Pose>& poses) {
  StarTable& table = particle_table(tables, "particles");
  const std::size_t rot = table.require("rlnAngleRot"), tilt = table.require("rlnAngleTilt"),
                    psi = table.require("rlnAnglePsi"), x = table.require("rlnOriginXAngst"),
                    y = table.require("rlnOriginYAngst");
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const EulerAngles angles = euler_angles(poses.at(row).lab_from_body);
    auto& words = table.rows[row];
    words[rot] = fmt::format("{:.6f}", angles.rot / degree);
    words[tilt] = fmt::format("{:.6f}", angles.tilt / degree);
    words[psi] = fmt::format("{:.6f}", angles.psi / degree);
    words[x] = fmt::format("{:.6f}", poses[row].shift[0]);
    words[y] = fmt::format("{:.6f}", poses[row].shift[1]);
  }
  return tables;
}

std::vector<StarTable> moved(std::vector<StarTable> tables,
                             const std::filesystem::path& from,
                             const std::filesystem::path& to) {
  StarTable& table = particle_table(tables, from);
  const std::size_t column = *table.find("rlnImageName");
  const std::filesystem::path folder = std::filesystem::absolute(to).parent_path();
  for (auto& row : table.rows) {
    std::string& name = row[column];
    const std::size_t at = name.find('@');
    const std::size_t begin = at == std::string::npos ? 0 : at + 1;
    const std::filesystem::path file = name.substr(begin);
    const auto place = place_of(from, file.string());
    if (file.is_absolute() || !place) continue;
    name = name.substr(0, begin) +
           std::filesystem::absolute(*place).lexically_normal().lexically_relative(folder).string();
  }
  return tables;
}

void write_particles(const std::filesystem::path& path, const Particles& particles) {
  std::filesystem::path stack = path;
  stack.replace_extension(".mrcs");
  const Index box = particles.box();
  MovieInfo info;
  set_pixel_size(info, {particles.pixel_size, particles.pixel_size}, "kinema");
  const auto writer = MovieWriter::create(
      stack, {PixelType::f32, box, box}, particles.frames(), info, Json(nullptr));
  writer->write(0, std::as_bytes(particles.images.flat()));
  writer->close();

  const FrameCtf first = particles.ctfs.at(0);
  StarTable optics{"optics",
                   {"rlnOpticsGroup",
                    "rlnOpticsGroupName",
                    "rlnAmplitudeContrast",
                    "rlnSphericalAberration",
                    "rlnVoltage",
                    "rlnImagePixelSize",
                    "rlnImageSize",
                    "rlnImageDimensionality"},
                   {{"1",
                     "opticsGroup1",
                     fmt::format("{}", first.amplitude_contrast),
                     fmt::format("{}", first.cs / angstrom_per_mm),
                     fmt::format("{}", first.voltage),
                     fmt::format("{}", particles.pixel_size.value),
                     fmt::format("{}", box),
                     "2"}}};
  StarTable table{"particles",
                  {"rlnImageName",
                   "rlnOpticsGroup",
                   "rlnDefocusU",
                   "rlnDefocusV",
                   "rlnDefocusAngle",
                   "rlnPhaseShift",
                   "rlnCtfBfactor"},
                  {}};
  for (std::size_t t = 0; t < particles.ctfs.size(); ++t) {
    const FrameCtf& ctf = particles.ctfs[t];
    table.rows.push_back({fmt::format("{:06}@{}", t + 1, stack.filename().string()),
                          "1",
                          fmt::format("{:.3f}", ctf.defocus_u),
                          fmt::format("{:.3f}", ctf.defocus_v),
                          fmt::format("{:.4f}", ctf.defocus_angle / degree),
                          fmt::format("{:.4f}", ctf.phase_shift / degree),
                          fmt::format("{:.3f}", ctf.b_factor)});
  }
  write_star(path, with_poses({std::move(optics), std::move(table)}, particles.poses));
}

}  // namespace kinema::io
