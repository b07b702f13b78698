// Sums in double precision, so that a sliding mean stays what it is however long the movie.
#include "kinema/restore/average.h"

#include <deque>

namespace kinema::restore {
namespace {

class AverageStream : public FrameStream {
 public:
  AverageStream(FrameStream& frames, Index n, Window window)
      : frames_(frames), n_(n), window_(window) {}

  std::optional<Array<float, 2>> next() override {
    if (window_ == Window::block) {
      sum_ = {};
      held_ = 0;
    }
    while (held_ < n_) {
      std::optional<Array<float, 2>> frame = frames_.next();
      if (!frame) return std::nullopt;
      add(*frame, 1.0);
      ++held_;
      if (window_ == Window::sliding) window_frames_.push_back(std::move(*frame));
    }
    Array<float, 2> mean(sum_.shape());
    for (Index i = 0; i < mean.size(); ++i) {
      mean.data()[i] = static_cast<float>(sum_.data()[i] / static_cast<double>(n_));
    }
    if (window_ == Window::sliding) {
      add(window_frames_.front(), -1.0);
      window_frames_.pop_front();
      --held_;
    }
    return mean;
  }

 private:
  void add(const Array<float, 2>& frame, double factor) {
    if (sum_.empty()) sum_ = Array<double, 2>(frame.shape());
    for (Index i = 0; i < sum_.size(); ++i) sum_.data()[i] += factor * frame.data()[i];
  }

  FrameStream& frames_;
  Index n_;
  Window window_;
  Array<double, 2> sum_;
  std::deque<Array<float, 2>> window_frames_;  // of a sliding mean
  Index held_ = 0;
};

}  // namespace

std::unique_ptr<FrameStream> average_stream(FrameStream& frames, Index n, Window window) {
  return std::make_unique<AverageStream>(frames, n, window);
}

Index averages_of(Index frames, Index n, Window window) {
  if (n < 1 || n > frames) return 0;
  return window == Window::block ? frames / n : frames - n + 1;
}

}  // namespace kinema::restore
