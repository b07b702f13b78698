// The commands that make a model.
#include "kinema/md/lammps_system.h"

#include "kinema/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

namespace kinema::md {
namespace {

constexpr double margin = 20.0;  // angstrom of box around free atoms; LAMMPS moves the walls along
constexpr const char* default_folder = "/usr/share/lammps/potentials";

struct Field {
  ForceField force_field;
  const char* name;
  const char* style;
  const char* file;
  std::array<std::uint8_t, 3> elements;  // 0: none
};

constexpr Field fields[] = {
    {ForceField::tersoff, "Tersoff", "tersoff", "BNC.tersoff", {6, 5, 7}},
    {ForceField::airebo, "AIREBO", "airebo 3.0", "CH.airebo", {6, 1, 0}},
    {ForceField::lcbop, "LCBOP", "lcbop", "C.lcbop", {6, 0, 0}},
};

const Field& field_of(ForceField force_field) {
  for (const Field& field : fields) {
    if (field.force_field == force_field) return field;
  }
  throw std::logic_error("a force field without a row");
}

std::string knows(const Field& field) {
  std::string text;
  for (const std::uint8_t element : field.elements) {
    if (element != 0) text += (text.empty() ? "" : ", ") + std::string(element_symbol(element));
  }
  return text;
}

Vec3 difference(const Vec3& a, const Vec3& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

}  // namespace

std::filesystem::path potential_folder() {
  const char* named = std::getenv("LAMMPS_POTENTIALS");
  return named != nullptr && *named != '\0' ? named : default_folder;
}

LammpsSystem::LammpsSystem(LammpsProcess& process, const AtomicModel& model, ForceField force_field)
    : process_(process), model_(model) {
  if (model.positions.empty()) throw InputError("molecular dynamics: the model holds no atom");
  const std::set<std::uint8_t> kinds(model.atomic_numbers.begin(), model.atomic_numbers.end());
  kinds_.assign(kinds.begin(), kinds.end());
  process_.command("clear");
  process_.command("units metal");
  process_.command("atom_style atomic");
  process_.command("atom_modify map array");
  make_box();
  choose_force_field(force_field);
  make_atoms();
  process_.command("thermo 1000000000");
  // LAMMPS shares energies among the atoms only where something that it prints needs them.
  process_.command("compute energies all pe/atom");
  process_.command("compute shared all reduce sum c_energies");
  process_.command("thermo_style custom step temp pe ke etotal fmax c_shared");
}

void LammpsSystem::make_box() {
  const Cell cell = model_.cell ? *model_.cell : box_around(model_, margin);
  box_ = upright(cell);
  periodic_ = cell.periodic;
  // A box may lean only towards a neighbour that it has.
  if (!periodic_[1]) box_.xy = 0.0;
  if (!periodic_[2]) box_.xz = box_.yz = 0.0;
  widen_free_axes();
  std::string boundary = "boundary";
  for (const bool is_periodic : periodic_) boundary += is_periodic ? " p" : " m";
  process_.command(boundary);
  process_.command("box tilt large");
  std::string region = fmt::format("region box {} {} {} {} {} {} {}",
                                   box_.is_tilted() ? "prism" : "block",
                                   box_.low[0],
                                   box_.low[0] + box_.lx,
                                   box_.low[1],
                                   box_.low[1] + box_.ly,
                                   box_.low[2],
                                   box_.low[2] + box_.lz);
  if (box_.is_tilted()) region += fmt::format(" {} {} {}", box_.xy, box_.xz, box_.yz);
  process_.command(region + " units box");
  process_.command(fmt::format("create_box {} box", kinds_.size()));
}

void LammpsSystem::widen_free_axes() {
  AtomicModel turned;
  for (const Vec3& position : model_.positions) {
    turned.positions.push_back(to_upright(box_, position));
  }
  const Cell around = box_around(turned, margin);
  double* const lengths[] = {&box_.lx, &box_.ly, &box_.lz};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (periodic_[axis]) continue;
    box_.low[axis] = around.origin[axis];
    *lengths[axis] = around.edges[axis][axis];
  }
}

void LammpsSystem::choose_force_field(ForceField force_field) {
  const Field& field = field_of(force_field);
  std::string symbols;
  for (std::size_t type = 0; type < kinds_.size(); ++type) {
    const auto* known = std::find(field.elements.begin(), field.elements.end(), kinds_[type]);
    if (known == field.elements.end() || kinds_[type] == 0) {
      throw InputError(fmt::format("{} knows {} and not {}; choose another force field",
                                   field.name,
                                   knows(field),
                                   element_symbol(kinds_[type])));
    }
    symbols += fmt::format(" {}", element_symbol(kinds_[type]));
    process_.command(fmt::format("mass {} {}", type + 1, atomic_mass(kinds_[type])));
  }
  const std::filesystem::path file = potential_folder() / field.file;
  if (!std::filesystem::exists(file)) {
    throw InputError(
        fmt::format("{}: the potential is not there; apt install lammps-data, or name "
                    "its folder in LAMMPS_POTENTIALS",
                    file.string()));
  }
  process_.command(fmt::format("pair_style {}", field.style));
  process_.command(fmt::format("pair_coeff * * {}{}", file.string(), symbols));
}

void LammpsSystem::make_atoms() {
  std::vector<std::int32_t> types;
  for (const std::uint8_t kind : model_.atomic_numbers) {
    const auto place = std::lower_bound(kinds_.begin(), kinds_.end(), kind);
    types.push_back(static_cast<std::int32_t>(place - kinds_.begin()) + 1);
  }
  for (const Vec3& position : model_.positions) {
    const Vec3 place = to_upright(box_, position);
    if (!std::isfinite(place[0] + place[1] + place[2])) {
      throw InputError("molecular dynamics: a position of the model is not finite");
    }
    const Vec3 inside = without_edges(
        box_, place, periods(fraction_of(box_, difference(place, box_.low)), std::floor));
    last_.insert(last_.end(), inside.begin(), inside.end());
  }
  moved_.resize(model_.positions.size());
  displacements_.resize(model_.positions.size());
  process_.create(last_, types);
}

Vec3 LammpsSystem::periods(const Vec3& fraction, double (*whole)(double)) const {
  Vec3 count{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (periodic_[axis]) count[axis] = whole(fraction[axis]);
  }
  return count;
}

const std::vector<Vec3>& LammpsSystem::look() {
  const std::vector<double> now = process_.gather("x");
  if (now.size() != last_.size()) throw InputError("molecular dynamics: atoms left the box");
  for (std::size_t i = 0; i < moved_.size(); ++i) {
    const Vec3 step = difference({now[3 * i], now[3 * i + 1], now[3 * i + 2]},
                                 {last_[3 * i], last_[3 * i + 1], last_[3 * i + 2]});
    const Vec3 way = without_edges(box_, step, periods(fraction_of(box_, step), std::round));
    for (std::size_t axis = 0; axis < 3; ++axis) moved_[i][axis] += way[axis];
    displacements_[i] = from_upright(box_, moved_[i]);
  }
  last_ = now;
  return displacements_;
}

AtomicModel LammpsSystem::moved_model() const {
  AtomicModel model = model_;
  for (std::size_t i = 0; i < displacements_.size(); ++i) {
    for (std::size_t axis = 0; axis < 3; ++axis)
      model.positions[i][axis] += displacements_[i][axis];
  }
  return model;
}

std::vector<Vec3> LammpsSystem::forces() {
  const std::vector<double> flat = process_.gather("f");
  std::vector<Vec3> forces;
  for (std::size_t i = 0; i + 2 < flat.size(); i += 3) {
    forces.push_back(from_upright(box_, {flat[i], flat[i + 1], flat[i + 2]}));
  }
  return forces;
}

std::vector<double> LammpsSystem::energies() {
  return process_.gather("c_energies");
}

bool LammpsSystem::is_z_kept() const {
  const Vec3& z = box_.rotation[2];
  return std::abs(z[0]) < 1e-9 && std::abs(z[1]) < 1e-9;
}

}  // namespace kinema::md
