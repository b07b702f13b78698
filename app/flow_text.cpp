// Rates, lags and losses as a line of text and as JSON.
#include "flow_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace kinema::app {
namespace {

/// What was lost on the way, one line each.
std::vector<std::string> complaints_of(const std::string& in, const codec::Flow& flow) {
  std::vector<std::string> complaints;
  if (!flow.losses.empty()) {
    complaints.push_back(
        fmt::format("{}: {} frames were lost before they came, the first {} before frame {}; give "
                    "the encoder more threads or memory, or a larger ratio",
                    in,
                    lost_frames(flow.losses),
                    flow.losses[0].lost,
                    flow.losses[0].frame));
  }
  if (flow.trailing_bytes > 0) {
    complaints.push_back(fmt::format("{}: ended {} bytes into frame {}, which is left away",
                                     in,
                                     flow.trailing_bytes,
                                     flow.frames));
  }
  return complaints;
}

}  // namespace

void add_flow(Outcome& outcome,
              const std::string& in,
              const FrameFormat& format,
              const codec::Flow& flow) {
  const double seconds = std::max(flow.seconds, 1e-9);
  const double pixels = static_cast<double>(flow.frames) * static_cast<double>(format.pixels());
  const double mpx = pixels / seconds * 1e-6;
  const double gb = mpx * 1e-3 * static_cast<double>(bytes_of(format.type));
  Json losses = Json::array();
  for (const Loss& loss : flow.losses) {
    losses.push_back({{"frame", loss.frame}, {"lost", loss.lost}});
  }
  outcome.json["live"] = {{"source", in},
                          {"seconds", flow.seconds},
                          {"mpx_per_second", mpx},
                          {"gb_per_second", gb},
                          {"largest_lag_frames", flow.most_behind},
                          {"largest_lag_ms", 1e3 * flow.longest_lag},
                          {"lost_frames", lost_frames(flow.losses)},
                          {"losses", losses},
                          {"trailing_bytes", flow.trailing_bytes},
                          {"end", flow.end}};
  outcome.text += fmt::format(
      "{}: {:.1f} frames/s, {:.0f} Mpx/s ({:.2f} GB/s) over {:.1f} s; at most {} frames and {:.0f} "
      "ms behind; {} frames lost; {}\n",
      in,
      static_cast<double>(flow.frames) / seconds,
      mpx,
      gb,
      flow.seconds,
      flow.most_behind,
      1e3 * flow.longest_lag,
      lost_frames(flow.losses),
      flow.end);
  outcome.complaints = complaints_of(in, flow);
}

}  // namespace kinema::app
