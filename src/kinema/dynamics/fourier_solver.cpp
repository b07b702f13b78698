// Gathering and solving.
#include "kinema/dynamics/fourier_solver.h"

#include "kinema/base/parallel.h"
#include "kinema/metrics/fsc.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace kinema::dynamics {
namespace {

constexpr int most_components = 9;
constexpr std::size_t pairs_of_most = 45;

Index pairs_of(Index components) {
  return components * (components + 1) / 2;
}

/// What frames of one half say of every Fourier voxel.
struct Gathered {
  imaging::FourierVolumes pull;  // (P, P, P/2 + 1, C)
  Array<float, 4> gram;          // (P, P, P/2 + 1, pairs): lower triangle, row by row

  Gathered(Index box, Index components)
      : pull(box, components), gram({2 * box, 2 * box, box + 1, pairs_of(components)}) {}
};

Gathered gather(const FrameSpectra& frames, const WeightMoments& weights, Index parity) {
  const Index components = weights.mean.shape()[1], pairs = pairs_of(components);
  const Index samples = frames.samples();
  const std::vector<float> precision = frames.sample_precision();
  Gathered sums(frames.box(), components);
  std::vector<Complex> pull(static_cast<std::size_t>(samples * components));
  std::vector<float> gram(static_cast<std::size_t>(samples * pairs));
  for (Index t = parity; t < frames.frames(); t += 2) {
    std::array<float, most_components> u{};
    std::array<float, pairs_of_most> uu{};
    for (Index i = 0, p = 0; i < components; ++i) {
      u[static_cast<std::size_t>(i)] = static_cast<float>(weights.mean(t, i));
      for (Index j = 0; j <= i; ++j, ++p) {
        uu[static_cast<std::size_t>(p)] = static_cast<float>(weights.square(t, i, j));
      }
    }
    for (Index s = 0; s < samples; ++s) {
      const float ctf = frames.ctf(t, s), weight = precision[static_cast<std::size_t>(s)] * ctf;
      const Complex value = weight * frames.values(t, s);
      for (Index i = 0; i < components; ++i) {
        pull[static_cast<std::size_t>(s * components + i)] = u[static_cast<std::size_t>(i)] * value;
      }
      for (Index p = 0; p < pairs; ++p) {
        gram[static_cast<std::size_t>(s * pairs + p)] =
            uu[static_cast<std::size_t>(p)] * weight * ctf;
      }
    }
    const Rotation& rotation = frames.rotations[static_cast<std::size_t>(t)];
    add_slice(pull.data(), rotation, frames.lattice, sums.pull);
    add_slice_weights(gram.data(), rotation, frames.lattice, sums.gram);
  }
  imaging::join_mirrored(sums.pull);
  imaging::join_mirrored(sums.gram);
  return sums;
}

/// Shell of a padded voxel in units of 1/N, N/2 and above outside.
template <class Body>
void for_each_fourier_voxel(Index box, Body body) {
  const Index padded = 2 * box;
  const auto along = [padded](Index i) {
    return static_cast<double>(i <= padded / 2 ? i : i - padded);
  };
  for (Index z = 0; z < padded; ++z) {
    for (Index y = 0; y < padded; ++y) {
      for (Index x = 0; x <= box; ++x) {
        const double k = 0.5 * std::hypot(along(z), along(y), static_cast<double>(x));
        const auto shell = static_cast<Index>(std::lround(k));
        if (shell < box / 2)
          body((z * padded + y) * (box + 1) + x, static_cast<std::size_t>(shell));
      }
    }
  }
}

/// Mean of the gram's diagonal in each shell: (C, N/2).
std::vector<std::vector<double>> mean_precision(const Gathered& sums) {
  const Index box = sums.pull.box, components = sums.pull.count(), pairs = pairs_of(components);
  const auto shells = static_cast<std::size_t>(box / 2);
  std::vector<std::vector<double>> mean(static_cast<std::size_t>(components),
                                        std::vector<double>(shells));
  std::vector<double> count(shells);
  for_each_fourier_voxel(box, [&](Index voxel, std::size_t shell) {
    count[shell] += 1.0;
    for (Index i = 0; i < components; ++i) {
      mean[static_cast<std::size_t>(i)][shell] +=
          static_cast<double>(sums.gram.data()[voxel * pairs + pairs_of(i + 1) - 1]);
    }
  });
  for (auto& curve : mean) {
    for (std::size_t s = 0; s < shells; ++s) curve[s] /= count[s];
  }
  return mean;
}

/// Solves (G + diag(prior)) v = b in place for complex b: Cholesky of a few rows.
void solve_small(const float* gram, const double* prior, Complex* b, Index n) {
  std::array<double, pairs_of_most> l{};
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j <= i; ++j) {
      const auto at = [](Index r, Index c) {
        return static_cast<std::size_t>(r * (r + 1) / 2 + c);
      };
      double sum = static_cast<double>(gram[at(i, j)]) + (i == j ? prior[i] : 0.0);
      for (Index k = 0; k < j; ++k) sum -= l[at(i, k)] * l[at(j, k)];
      l[at(i, j)] = i == j ? std::sqrt(std::max(sum, 1e-30)) : sum / l[at(j, j)];
    }
  }
  std::array<std::complex<double>, most_components> x{};
  for (Index i = 0; i < n; ++i) {
    std::complex<double> sum(b[i]);
    for (Index k = 0; k < i; ++k) {
      sum -= l[static_cast<std::size_t>(i * (i + 1) / 2 + k)] * x[static_cast<std::size_t>(k)];
    }
    x[static_cast<std::size_t>(i)] = sum / l[static_cast<std::size_t>(i * (i + 1) / 2 + i)];
  }
  for (Index i = n - 1; i >= 0; --i) {
    std::complex<double> sum = x[static_cast<std::size_t>(i)];
    for (Index k = i + 1; k < n; ++k) {
      sum -= l[static_cast<std::size_t>(k * (k + 1) / 2 + i)] * x[static_cast<std::size_t>(k)];
    }
    x[static_cast<std::size_t>(i)] = sum / l[static_cast<std::size_t>(i * (i + 1) / 2 + i)];
    b[i] = Complex(x[static_cast<std::size_t>(i)]);
  }
}

/// The volumes with these prior precisions (C, N/2).
std::vector<Array<float, 3>> solved(const Gathered& sums,
                                    const std::vector<std::vector<double>>& prior,
                                    const Array<float, 3>* mask) {
  const Index box = sums.pull.box, components = sums.pull.count(), pairs = pairs_of(components);
  imaging::FourierVolumes fourier(box, components);
  for_each_fourier_voxel(box, [&](Index voxel, std::size_t shell) {
    Complex* values = fourier.values.data() + voxel * components;
    std::copy_n(sums.pull.values.data() + voxel * components, components, values);
    std::array<double, most_components> here{};
    for (Index i = 0; i < components; ++i) {
      here[static_cast<std::size_t>(i)] = prior[static_cast<std::size_t>(i)][shell];
    }
    solve_small(sums.gram.data() + voxel * pairs, here.data(), values, components);
  });
  std::vector<Array<float, 3>> volumes = inverse_volumes(fourier);
  if (mask == nullptr) return volumes;
  for (auto& volume : volumes) {
    for (Index i = 0; i < volume.size(); ++i) volume.data()[i] *= mask->data()[i];
  }
  return volumes;
}

void add(Gathered& sums, const Gathered& more) {
  for (Index i = 0; i < sums.gram.size(); ++i) sums.gram.data()[i] += more.gram.data()[i];
  for (Index i = 0; i < sums.pull.values.size(); ++i) {
    sums.pull.values.data()[i] += more.pull.values.data()[i];
  }
}

std::vector<std::vector<double>> scaled(std::vector<std::vector<double>> curves, double factor) {
  for (auto& curve : curves) {
    for (double& value : curve) value = std::max(value * factor, 1e-20);
  }
  return curves;
}

}  // namespace

WeightMoments equal_weights(Index frames) {
  return {Array<double, 2>({frames, 1}, 1.0), Array<double, 3>({frames, 1, 1}, 1.0)};
}

SolvedVolumes solve_volumes(const FrameSpectra& frames,
                            const WeightMoments& weights,
                            const SolveSettings& settings) {
  const Index components = weights.mean.shape()[1];
  if (components > most_components) {
    throw InputError("dynamics: at most " + std::to_string(most_components - 1) + " latents");
  }
  std::vector<Gathered> halves(2, Gathered(0, 1));
  parallel_for(2, [&](Index parity) {
    halves[static_cast<std::size_t>(parity)] = gather(frames, weights, parity);
  });
  SolvedVolumes out;
  std::array<std::vector<Array<float, 3>>, 2> apart;
  for (std::size_t h = 0; h < 2; ++h) {
    apart[h] = solved(halves[h], scaled(mean_precision(halves[h]), 0.05), settings.mask);
  }
  add(halves[0], halves[1]);
  std::vector<std::vector<double>> prior = mean_precision(halves[0]);
  for (std::size_t c = 0; c < static_cast<std::size_t>(components); ++c) {
    const Volume even{.density = std::move(apart[0][c]), .voxel_size = frames.pixel_size};
    const Volume odd{.density = std::move(apart[1][c]), .voxel_size = frames.pixel_size};
    const metrics::FscCurve curve = metrics::fsc(even, odd, metrics::FscMask::soft_sphere);
    out.fsc.push_back(curve.values);
    for (std::size_t s = 0; s < prior[c].size(); ++s) {
      // Of the whole from that of halves (Rosenthal and Henderson 2003): 2 f / (1 + f).
      const double f = std::clamp(curve.values[s], 0.0, 0.999);
      const double whole = std::max(2.0 * f / (1.0 + f), settings.least_agreement);
      prior[c][s] =
          std::max(prior[c][s], 1e-20) * std::max((1.0 - whole) / std::max(whole, 1e-4), 1e-3);
    }
    if (settings.keep_halves) out.halves.push_back({even.density, odd.density});
  }
  out.volumes = solved(halves[0], prior, settings.mask);
  return out;
}

}  // namespace kinema::dynamics
