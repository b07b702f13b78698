// A movie for cryoDRGN, so that anyone can put it beside kinema on the same frames.
#pragma once

#include "kinema/data/particles.h"

#include <filesystem>

namespace kinema::app {

/// Writes particles.star, particles.mrcs and README.md into `folder`, which is made. cryoDRGN's own
/// tools make its poses.pkl and ctf.pkl from the STAR file: kinema writes no pickles.
void export_to_cryodrgn(const std::filesystem::path& folder, const Particles& particles);

}  // namespace kinema::app
