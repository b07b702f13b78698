// What grains do to the electrons that pass through them, row by row.
#pragma once

#include "kinema/simulate/grains.h"

#include <span>
#include <vector>

namespace kinema::simulate {

/// The grains of one frame, turned and placed.
class GrainImage {
 public:
  GrainImage(std::span<const Grain> grains, std::span<const GrainPose> poses);

  /// Multiplies row y (relative intensity) by the transmission of every grain that it crosses:
  ///
  ///   (1 - absorption t) (1 + rim) (1 + sum_g strength_g sin(pi T_g t) cos(2 pi k_g r + phase_g))
  ///
  /// with t = 0..1 the grain's thickness, T_g its middle in extinction lengths, and a bright
  /// Fresnel rim. Where grains overlap, the product of their waves is a Moire pattern.
  void darken_row(Index y, std::span<float> row) const;

 private:
  struct HalfPlane {
    float nx, ny, distance;
  };
  struct Wave {
    float kx, ky, phase;  // turns a pixel, turns
    float strength, thickness;
  };
  struct Placed {
    double x, y;    // centre
    double extent;  // nothing of the grain is farther away
    float radius, ramp, absorption;
    std::vector<HalfPlane> facets;
    std::vector<Wave> waves;
    HalfPlane boundary;  // with the neighbour that it sinters to
    float neck_radius;
  };

  static Placed place(const Grain& grain, const GrainPose& pose);
  static void edge_distance(const Placed& grain, float dy, float dx0, std::span<float> inside);
  static void join_neck(const Placed& grain, float dy, float dx0, std::span<float> inside);
  static void transmit(const Placed& grain,
                       float dy,
                       float dx0,
                       std::span<const float> inside,
                       std::span<float> row);

  std::vector<Placed> grains_;
};

}  // namespace kinema::simulate
