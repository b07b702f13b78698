// Videos (AVI, MP4, MOV, Matroska, WebM, MPEG-TS) through FFmpeg, which lives in a module of its
// own, libkinema_video.so, loaded by the first of these that needs it. See docs/formats/video.md.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/read_options.h"
#include "kinema/io/writer_formats.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace kinema::io {

bool is_avi(std::span<const std::byte> head);
bool is_mp4(std::span<const std::byte> head);       // and QuickTime's .mov
bool is_matroska(std::span<const std::byte> head);  // and WebM
bool is_mpegts(std::span<const std::byte> head);

/// Opens the best video stream of a file, or the one that `options.dataset` names ("stream 1").
/// Throws InputError where the module is missing or the file is broken.
std::unique_ptr<MovieSource> open_video(const std::filesystem::path& path,
                                        const ReadOptions& options);

/// Into .mp4 and .mov as H.264: grey pixels between their contrast limits, with a scale bar.
std::optional<PixelType> h264_stored_type(PixelType type);
std::unique_ptr<MovieWriter> create_h264(const WriteRequest& request);

/// Into .mkv and .avi as FFV1, every bit of 8- and 16-bit pixels.
std::optional<PixelType> ffv1_stored_type(PixelType type);
std::unique_ptr<MovieWriter> create_ffv1(const WriteRequest& request);

/// Version of FFmpeg and name of its H.264 encoder as the module tells them:
/// {"version": "5.1.9", "h264_encoder": "libx264"}. InputError where the module is missing.
Json video_module_info();

inline constexpr const char* video_mend =
    "apt install libavformat-dev libavcodec-dev libswscale-dev, then ./run build";

}  // namespace kinema::io
