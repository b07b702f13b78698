// The report of `dynamics reconstruct`, with the truth where one is named.
#pragma once

#include "kinema/dynamics/report.h"
#include "kinema/io/particles.h"

#include <filesystem>
#include <vector>

namespace kinema::app {

/// What `folder` holds of volumes and latents against the truth in `truth`, over the frames that
/// both have. Throws InputError where these are fewer than two.
dynamics::EvaluateInput evaluation_of(const std::filesystem::path& folder,
                                      const std::filesystem::path& truth);

/// The truth of the volumes of `frames`, as far as it is known: none where it lacks one of them.
std::optional<dynamics::Truth> truth_of(const std::filesystem::path& folder,
                                        const std::filesystem::path& truth,
                                        const std::vector<Index>& frames);

}  // namespace kinema::app
