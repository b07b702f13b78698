// Decoding a container while another process writes it.
#pragma once

#include "kinema/codec/decode.h"

#include "verb.h"
#include <string>

namespace kinema::app {

/// Decodes the groups of `in` as they are committed, `in` being the container, which may lie there
/// as `in`.partial still, until it is complete or nobody writes it any more; then writes the movie
/// `out`. `settings` are the options for the provenance. Returns the reports of the groups.
Json decode_growing(const std::string& in,
                    const std::string& out,
                    const codec::DecodeOptions& options,
                    const Json& settings,
                    const Session& session);

}  // namespace kinema::app
