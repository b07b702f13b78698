// Names of files as people number them: in natural order, as patterns of printf or the shell, and
// as runs of numbers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kinema::io {

/// ASCII letters in lower case.
std::string lower_case(std::string text);

/// Whether `a` comes before `b`: runs of digits compare as numbers, letters without their case;
/// names that differ in nothing else, by their bytes.
bool natural_less(std::string_view a, std::string_view b);

/// A place of a pattern where printf writes a number (%d, %04d): its start, and the first behind
/// it.
std::optional<std::pair<std::size_t, std::size_t>> find_number(const std::string& text,
                                                               std::size_t from = 0);

/// Regular files whose names are like a pattern with *, ?, [..] or numbers as printf writes them,
/// in no order.
std::vector<std::filesystem::path> files_like(const std::filesystem::path& pattern);

/// The numbers of files that are alike in all but one number; empty where they are not, or where
/// that number does not fit.
std::vector<std::uint64_t> numbers_of_run(const std::vector<std::filesystem::path>& files);

}  // namespace kinema::io
