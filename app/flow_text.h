// How encoding from a live source went, for people and for programs.
#pragma once

#include "kinema/codec/encode.h"

#include "verb.h"

namespace kinema::app {

/// Adds the rate that was sustained, how far the encoder was behind, and what was lost on the way,
/// which makes the exit code 2.
void add_flow(Outcome& outcome,
              const std::string& in,
              const FrameFormat& format,
              const codec::Flow& flow);

}  // namespace kinema::app
