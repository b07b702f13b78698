// The difference of differences is the difference of errors: one frame of memory is enough.
#include "kinema/metrics/temporal.h"

namespace kinema::metrics {

std::optional<double> TemporalError::add(Frame image, Frame reference) {
  require_same_size("temporal error", image, reference);
  auto error = Array<float, 2>::uninitialised(image.shape());
  for (Index i = 0; i < error.size(); ++i) {
    error.data()[i] = image.data()[i] - reference.data()[i];
  }
  std::optional<double> change;
  if (!error_.empty()) {
    require_same_size("temporal error", error.view(), error_.view());
    change = mean_squared_error(error.view(), error_.view());
  }
  error_ = std::move(error);
  return change;
}

}  // namespace kinema::metrics
