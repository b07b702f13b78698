// The loaded video module, and its failures as exceptions.
#pragma once

#include "kinema/io/video_module/interface.h"

#include <filesystem>

namespace kinema::io {

/// Loads the module on first use; InputError where it is missing or of another version.
const VideoModule& video_module();

/// Throws what the module could not: InputError, IoError or std::logic_error, with the file's name.
[[noreturn]] void throw_video_error(const std::filesystem::path& path, const VideoError& error);

}  // namespace kinema::io
