// Scattering factors, the solvent that atoms displace, and sums over atoms.
//
// Each atom displaces a Gaussian of solvent of its own volume (Fraser, MacRae and Suzuki, J. Appl.
// Cryst. 11, 1978), so the space between atoms is filled and the outside is flat.
#include "kinema/simulate/molecule_image.h"

#include "kinema/imaging/point_sum.h"
#include "kinema/imaging/potential.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace kinema::simulate {
namespace {

using std::numbers::pi;

/// Potential of water in volt: 47.88 V angstrom^2 times f_e(0) of O and two H, times 0.0334
/// molecules per cubic angstrom.
constexpr double water_potential = 4.87;

/// Volume that an atom takes up in a protein with the hydrogens on it, cubic angstrom.
double displaced_volume(int atomic_number) {
  switch (atomic_number) {
    case 1:
      return 5.0;
    case 6:
      return 19.0;
    case 7:
    case 8:
      return 14.0;
    default:
      return 24.0;
  }
}

/// One coordinate of chosen atoms.
std::vector<float> coordinate(const std::vector<Vec3>& atoms,
                              const std::vector<std::size_t>& chosen,
                              std::size_t axis) {
  std::vector<float> out;
  out.reserve(chosen.size());
  for (const std::size_t i : chosen) out.push_back(static_cast<float>(atoms[i][axis]));
  return out;
}

}  // namespace

MoleculeImage::MoleculeImage(const MoleculeModel& model, const MoleculeOptions& options)
    : options_(options), lattice_(imaging::slice_lattice(options.size)) {
  std::map<std::pair<int, int>, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < model.atomic_numbers.size(); ++i) {
    const bool blobs = options.scattering == Scattering::blobs;
    const double b = options.b_factor < 0.0 ? model.b_factors[i] : options.b_factor;
    const int step = static_cast<int>(std::lround(b / 5.0));  // B in steps of 5
    groups[blobs ? std::pair(0, 0) : std::pair(int{model.atomic_numbers[i]}, step)].push_back(i);
  }
  const double length = static_cast<double>(options.size) * options.pixel.value;
  for (auto& [key, atoms] : groups) {
    Species species{key.first, 5.0 * key.second, std::move(atoms), {}};
    if (options.b_factor >= 0.0) species.b_factor = options.b_factor;
    for (std::size_t s = 0; s < lattice_.kx.size(); ++s) {
      const double k = std::hypot(lattice_.kx[s], lattice_.ky[s]) / length;
      species.by_sample.push_back(static_cast<float>(factor(species, k)));
    }
    species_.push_back(std::move(species));
  }
}

double MoleculeImage::factor(const Species& species, double k) const {
  const double voxel = std::pow(options_.pixel.value, 3);
  if (options_.scattering == Scattering::blobs) {
    const double width = options_.blob_width.value;
    return std::exp(-2.0 * pi * pi * width * width * k * k) / voxel;
  }
  const double atom =
      imaging::volt_angstrom2_per_scattering *
      imaging::scattering_factor(species.atomic_number, k, imaging::Potential::lobato);
  const double displaced = displaced_volume(species.atomic_number);
  const double solvent = options_.solvent * water_potential * displaced *
                         std::exp(-pi * std::pow(displaced, 2.0 / 3.0) * k * k);
  return (atom - solvent) * std::exp(-0.25 * species.b_factor * k * k) / voxel;
}

std::vector<Complex> MoleculeImage::projection(const std::vector<Vec3>& in_lab) const {
  const Index n = options_.size / 2;
  const double length = static_cast<double>(options_.size) * options_.pixel.value;
  std::vector<Complex> sum(lattice_.kx.size()), part(lattice_.kx.size());
  Array<float, 2> product({2 * n, 2 * n});
  for (const Species& species : species_) {
    const auto count = static_cast<Index>(species.atoms.size());
    Array<float, 2> along_x({2 * n, count}), along_y({2 * n, count});
    imaging::fill_waves(coordinate(in_lab, species.atoms, 0), length, {}, along_x.view());
    imaging::fill_waves(coordinate(in_lab, species.atoms, 1), length, {}, along_y.view());
    gemm(Op::none, Op::transpose, 1.0F, along_x.view(), along_y.view(), 0.0F, product.view());
    imaging::spectrum_of_product(product.view(), lattice_, part.data());
    for (std::size_t s = 0; s < sum.size(); ++s) sum[s] += species.by_sample[s] * part[s];
  }
  return sum;
}

Volume MoleculeImage::volume(const std::vector<Vec3>& in_body) const {
  const Index box = options_.size;
  const double pixel = options_.pixel.value, length = static_cast<double>(box) * pixel;
  Array<Complex, 3> spectrum({box, box, box});
  for (const Species& species : species_) {
    const imaging::PointCloud points{.x = coordinate(in_body, species.atoms, 0),
                                     .y = coordinate(in_body, species.atoms, 1),
                                     .z = coordinate(in_body, species.atoms, 2)};
    const auto of_one = [&](double k) { return static_cast<float>(factor(species, k / length)); };
    imaging::add_point_spectrum(points, {}, length, {}, of_one, spectrum.view());
  }
  const double corner = -static_cast<double>(box / 2) * pixel;
  return {.density = imaging::volume_of_spectrum(spectrum.view()),
          .voxel_size = options_.pixel,
          .origin = {corner, corner, corner}};
}

}  // namespace kinema::simulate
