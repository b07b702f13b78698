// Text that is safe in a page, and numbers as people read them.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/options.h"

#include <string>
#include <string_view>

namespace kinema::report {

/// `text` with &, <, >, " and ' written as HTML entities: safe as content and in attributes.
std::string escape_html(std::string_view text);

/// JSON that may stand inside a <script> element: no "<" remains, and bytes that are not UTF-8 are
/// replaced.
std::string script_json(const Json& json);

/// About `digits` significant digits, without trailing zeros: "0.1234", "33.41", "1.2e+09". A dash
/// stands for a value that is not finite.
std::string number_text(double value, int digits = 4);

/// "12.3 MB (12,345,678 bytes)"; below 1000 bytes "12 bytes".
std::string bytes_text(Index bytes);

/// `value` rounded to `digits` significant digits, so that JSON stays short.
double rounded(double value, int digits = 6);

}  // namespace kinema::report
