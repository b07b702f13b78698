// Small values of an HDF5 file (attributes and small datasets of whoever's make) as JSON, and the
// numbers and texts in them. Nothing here throws over what a file holds: what is absent, too large
// or of a kind that has no meaning here is null.
#pragma once

#include "kinema/base/options.h"
#include "kinema/io/hdf5.h"

#include <optional>
#include <string>
#include <vector>

namespace kinema::io {

/// Number, text, bool, or a list of them (arrays of any rank, flat). Texts are UTF-8, cut at
/// 64 KiB; more than `most` elements are null.
Json attribute_value(hid_t object, const std::string& name, Index most = 4096);
Json dataset_value(hid_t dataset, Index most = 4096);
/// Of the dataset at `path`, or with "group@name" of an attribute.
Json value_at(hid_t from, const std::string& path);

/// Text that is held as bytes (n, columns), one text a column that ends with a zero.
std::optional<std::string> column_text(hid_t dataset, Index column);

std::vector<std::string> attribute_names(hid_t object);  // at most 1000

/// The number, also where it is written as text or alone in a list; finite.
std::optional<double> number_in(const Json& value);
/// The text, also alone in a list; none where it is empty.
std::optional<std::string> text_in(const Json& value);
std::vector<std::string> texts_in(const Json& value);

/// The first of several places that holds a number, or a text.
std::optional<double> number_at(hid_t from, const std::vector<std::string>& paths);
std::optional<std::string> text_at(hid_t from, const std::vector<std::string>& paths);

/// Texts that are not UTF-8 are taken as Latin-1.
std::string as_utf8(std::string text);

}  // namespace kinema::io
