#include "kinema/atoms/split.h"

#include "kinema/metrics/atom_match.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

namespace kinema::atoms {
namespace {

constexpr double wholeness = 1e-3;  // of an electron

/// How many of `electrons` fall to the one side: the ones among as many random bits.
std::uint32_t heads(std::uint32_t electrons, Rng& rng) {
  std::uint32_t count = 0;
  for (; electrons >= 32; electrons -= 32) count += std::popcount(rng.bits());
  if (electrons > 0) count += std::popcount(rng.bits() >> (32 - electrons));
  return count;
}

/// Chi squared a pixel of a frame's counts against the image of atoms.
double misfit(const MovieOfAtoms& movie,
              Index frame,
              const Optics& optics,
              const std::vector<Vec3>& positions) {
  const Array<float, 2> expected = simulated_frame(movie, frame, optics, positions);
  const Array<float, 2> recorded = movie.frame(frame);
  double sum = 0.0;
  for (Index i = 0; i < expected.size(); ++i) {
    const double mean = std::max(1e-6, static_cast<double>(expected.data()[i]));
    const double counts =
        static_cast<double>(recorded.data()[i]) / movie.recording.units_per_electron;
    sum += (counts - mean) * (counts - mean) / (mean + movie.recording.read_variance);
  }
  return sum / static_cast<double>(expected.size());
}

/// The atoms of one frame of a result, with what is known of them.
struct Side {
  std::vector<Vec3> positions, sigmas;
  std::vector<double> sign;
  double height = 0.0;  // mean of those that are paired
};

Side side_of(const Trajectory& trajectory, Index t) {
  Side side;
  const Array<double, 2>& sign = trajectory.values.at("sign_probability");
  for (Index i = 0; i < trajectory.atoms(); ++i) {
    if (trajectory.present(t, i) == 0) continue;
    const auto three = [&](const Array<double, 3>& of) {
      return Vec3{of(t, i, 0), of(t, i, 1), of(t, i, 2)};
    };
    side.positions.push_back(three(trajectory.positions));
    side.sigmas.push_back(three(trajectory.sigmas));
    side.sign.push_back(sign(t, i));
  }
  return side;
}

/// Adds up what a frame's pairs of atoms say; rmsd and sigma as sums of squares.
void add_frame(Side a, Side b, const Vec2& period, SplitScores& scores) {
  const metrics::AtomMatch match =
      metrics::match_atoms(a.positions, b.positions, metrics::match_radius, period);
  scores.unmatched += static_cast<Index>(match.lost.size() + match.spurious.size());
  scores.matched += static_cast<Index>(match.pairs.size());
  const auto count = static_cast<double>(std::max<std::size_t>(1, match.pairs.size()));
  for (const auto& [i, j] : match.pairs) {
    a.height += a.positions[static_cast<std::size_t>(i)][2] / count;
    b.height += b.positions[static_cast<std::size_t>(j)][2] / count;
  }
  for (const auto& [i, j] : match.pairs) {
    const auto m = static_cast<std::size_t>(i), n = static_cast<std::size_t>(j);
    const Vec3 &p = a.positions[m], &q = b.positions[n];
    const Vec2 flat = nearest_shift({p[0], p[1]}, {q[0], q[1]}, period);
    const double za = p[2] - a.height, zb = q[2] - b.height;
    const Vec3 apart{flat[0], flat[1], za - zb};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double variance =
          a.sigmas[m][axis] * a.sigmas[m][axis] + b.sigmas[n][axis] * b.sigmas[n][axis];
      scores.rmsd[axis] += apart[axis] * apart[axis];
      scores.sigma[axis] += variance;
      scores.inside[axis] += apart[axis] * apart[axis] <= variance ? 1.0 : 0.0;
    }
    scores.sign_agreement += (za < 0.0) == (zb < 0.0) ? 1.0 : 0.0;
    scores.sign_promised += a.sign[m] * b.sign[n] + (1.0 - a.sign[m]) * (1.0 - b.sign[n]);
  }
}

std::vector<Vec3> positions_at(const Trajectory& trajectory, Index t) {
  return atoms_at(trajectory, t).positions;
}

}  // namespace

MovieOfAtoms half_of(const MovieOfAtoms& movie, int half, const Rng& rng) {
  MovieOfAtoms part = movie;
  part.dose.value *= 0.5;
  part.frame = [whole = movie.frame, gain = movie.recording.units_per_electron, half, rng](
                   Index number) {
    Array<float, 2> frame = whole(number);
    Rng draw = rng.stream(static_cast<std::uint64_t>(number));
    for (float& value : frame.flat()) {
      const double electrons = static_cast<double>(value) / gain, counted = std::round(electrons);
      if (!(counted >= 0.0) || counted > 1e9 || std::abs(electrons - counted) > wholeness) {
        throw InputError(fmt::format(
            "frame {}: a pixel holds {:g} electrons: only counted electrons, whole numbers, can be "
            "split into halves (a camera's --gain must be told)",
            number,
            electrons));
      }
      const auto all = static_cast<std::uint32_t>(counted);
      const std::uint32_t first = heads(all, draw);
      value = static_cast<float>(gain * (half == 0 ? first : all - first));
    }
    return frame;
  };
  return part;
}

SplitScores compare_halves(const MovieOfAtoms& first_movie,
                           const Reconstruction& first,
                           const MovieOfAtoms& second_movie,
                           const Reconstruction& second) {
  const Trajectory &one = first.tracked.trajectory, &two = second.tracked.trajectory;
  Vec2 period{};
  if (first_movie.recording.periodic) {
    period = {static_cast<double>(first_movie.width) * first_movie.pixel.x.value,
              static_cast<double>(first_movie.height) * first_movie.pixel.y.value};
  }
  std::map<Index, Index> places;
  for (Index t = 0; t < two.frames(); ++t)
    places[two.frame_numbers[static_cast<std::size_t>(t)]] = t;
  SplitScores scores;
  for (Index t = 0; t < one.frames(); ++t) {
    const Index number = one.frame_numbers[static_cast<std::size_t>(t)];
    const auto other = places.find(number);
    if (other == places.end()) continue;
    ++scores.frames;
    add_frame(side_of(one, t), side_of(two, other->second), period, scores);
    const std::vector<Vec3> a = positions_at(one, t), b = positions_at(two, other->second);
    scores.own_chi_squared += 0.5 * (misfit(first_movie, number, first.optics, a) +
                                     misfit(second_movie, number, second.optics, b));
    scores.chi_squared += 0.5 * (misfit(first_movie, number, second.optics, b) +
                                 misfit(second_movie, number, first.optics, a));
  }
  if (scores.matched == 0) throw InputError("the two halves have no atom in common");
  const auto atoms = static_cast<double>(scores.matched),
             frames = static_cast<double>(scores.frames);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    scores.rmsd[axis] = std::sqrt(scores.rmsd[axis] / atoms);
    scores.sigma[axis] = std::sqrt(scores.sigma[axis] / atoms);
    scores.inside[axis] /= atoms;
  }
  scores.sign_agreement /= atoms;
  scores.sign_promised /= atoms;
  scores.chi_squared /= frames;
  scores.own_chi_squared /= frames;
  return scores;
}

Json to_json(const SplitScores& scores) {
  const auto axes = [](const Vec3& of) { return Json{{"x", of[0]}, {"y", of[1]}, {"z", of[2]}}; };
  return {{"frames", scores.frames},
          {"matched", scores.matched},
          {"unmatched", scores.unmatched},
          {"rmsd_angstrom", axes(scores.rmsd)},
          {"sigma_angstrom", axes(scores.sigma)},
          {"inside_sigma", axes(scores.inside)},
          {"sign_agreement", scores.sign_agreement},
          {"sign_promised", scores.sign_promised},
          {"chi_squared_other_half", scores.chi_squared},
          {"chi_squared_own_half", scores.own_chi_squared}};
}

std::string to_text(const SplitScores& scores) {
  std::string text = fmt::format(
      "  halves   {} atoms in both, {} in one; apart x {:.3f}, y {:.3f}, z {:.3f} A, standard "
      "errors "
      "of that {:.3f}, {:.3f}, {:.3f}\n",
      scores.matched,
      scores.unmatched,
      scores.rmsd[0],
      scores.rmsd[1],
      scores.rmsd[2],
      scores.sigma[0],
      scores.sigma[1],
      scores.sigma[2]);
  return text +
         fmt::format(
             "           sign agrees for {:.1f} % (promised {:.1f} %), chi squared of the other "
             "half {:.4f}, of the own {:.4f}\n",
             100.0 * scores.sign_agreement,
             100.0 * scores.sign_promised,
             scores.chi_squared,
             scores.own_chi_squared);
}

}  // namespace kinema::atoms
