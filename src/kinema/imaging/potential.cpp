// The two parametrisations, evaluated.
#include "kinema/imaging/potential.h"

#include "kinema/base/error.h"
#include "kinema/imaging/scattering_table.h"

#include <cmath>

namespace kinema::imaging {
namespace {

double factor(const KirklandRow& row, double k2) {
  double sum = 0.0;
  for (std::size_t i = 0; i < row.a.size(); ++i) {
    sum += row.a[i] / (k2 + row.b[i]) + row.c[i] * std::exp(-row.d[i] * k2);
  }
  return sum;
}

double factor(const LobatoRow& row, double k2) {
  double sum = 0.0;
  for (std::size_t i = 0; i < row.a.size(); ++i) {
    const double bk2 = row.b[i] * k2;
    sum += row.a[i] * (2.0 + bk2) / ((1.0 + bk2) * (1.0 + bk2));
  }
  return sum;
}

}  // namespace

double scattering_factor(int atomic_number, double k, Potential potential) {
  if (atomic_number < 1 || atomic_number > elements) {
    throw InputError("no scattering factor for the atomic number " + std::to_string(atomic_number) +
                     "; they are known from 1 (H) to " + std::to_string(elements) + " (Lr)");
  }
  const auto row = static_cast<std::size_t>(atomic_number - 1);
  return potential == Potential::kirkland ? factor(kirkland_table[row], k * k)
                                          : factor(lobato_table[row], k * k);
}

}  // namespace kinema::imaging
