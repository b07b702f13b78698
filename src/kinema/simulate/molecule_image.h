// The transform of a molecule, exact at every frequency of a frame or a volume: a sum over atoms,
// of which those that scatter alike share a matrix product.
#pragma once

#include "kinema/data/volume.h"
#include "kinema/imaging/projection.h"
#include "kinema/simulate/molecule.h"

#include <vector>

namespace kinema::simulate {

class MoleculeImage {
 public:
  MoleculeImage(const MoleculeModel& model, const MoleculeOptions& options);

  const imaging::SliceLattice& lattice() const { return lattice_; }

  /// The spectrum (S) of the projection along z of atoms at these places, angstrom from the centre.
  /// Its image is the sum of the volume's voxels along z.
  std::vector<Complex> projection(const std::vector<Vec3>& in_lab) const;

  /// The density, in volt (blobs: of unit integral each, per cubic angstrom), of all frequencies
  /// whose length rounds to less than N/2.
  Volume volume(const std::vector<Vec3>& in_body) const;

 private:
  /// Atoms that scatter alike.
  struct Species {
    int atomic_number;
    double b_factor;
    std::vector<std::size_t> atoms;
    std::vector<float> by_sample;  // f of every frequency of the lattice
  };

  /// The transform of one atom at k (1/angstrom), over the volume of a voxel.
  double factor(const Species& species, double k) const;

  MoleculeOptions options_;
  imaging::SliceLattice lattice_;
  std::vector<Species> species_;
};

}  // namespace kinema::simulate
