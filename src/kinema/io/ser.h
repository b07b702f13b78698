// FEI TIA series (.ser), and the .emi files that describe them. See docs/formats/ser.md.
#pragma once

#include "kinema/data/movie_source.h"
#include "kinema/io/emi_objects.h"
#include "kinema/io/read_options.h"
#include "kinema/io/ser_series.h"

#include <filesystem>
#include <memory>
#include <optional>

namespace kinema::io {

/// Opens a series of images, or a scan of spectra; facts of the .emi beside it are added as those
/// of a side-car. Throws InputError for single spectra and for elements of several sizes.
std::unique_ptr<MovieSource> open_ser(const std::filesystem::path& path,
                                      const ReadOptions& options);

/// Opens a series with what an .emi file says of it.
std::unique_ptr<MovieSource> open_series(const std::filesystem::path& path,
                                         const std::optional<EmiObject>& object,
                                         const std::string& source,
                                         std::vector<std::string> notes = {});

/// True for the first bytes of an .emi file.
bool is_emi(std::span<const std::byte> head);

/// Opens the series beside an .emi file: the first, or the one that `options.dataset` names.
std::unique_ptr<MovieSource> open_emi(const std::filesystem::path& path,
                                      const ReadOptions& options);

}  // namespace kinema::io
