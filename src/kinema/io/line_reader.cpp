// Lines out of a window that moves over the file.
#include "kinema/io/line_reader.h"

#include "kinema/base/error.h"
#include "kinema/io/text_encoding.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <span>

namespace kinema::io {
namespace {

constexpr std::size_t window = std::size_t{1} << 20;
constexpr std::string_view blanks = " \t\v\f\r";

std::string_view without_plus(std::string_view word) {
  if (word.size() > 1 && word[0] == '+' && word[1] != '-') word.remove_prefix(1);
  return word;
}

}  // namespace

LineReader::LineReader(const InputFile& file) : file_(file) {}

bool LineReader::fill() {
  const std::uint64_t left = file_.size() - offset_;
  if (left == 0) return false;
  buffer_.erase(0, at_);
  at_ = 0;
  const std::size_t kept = buffer_.size();
  buffer_.resize(kept + static_cast<std::size_t>(std::min<std::uint64_t>(window, left)));
  file_.read_at(offset_, std::as_writable_bytes(std::span(buffer_).subspan(kept)));
  offset_ += buffer_.size() - kept;
  return true;
}

std::optional<std::string_view> LineReader::next() {
  std::size_t end = buffer_.find('\n', at_);
  while (end == std::string::npos) {
    const std::size_t begun = buffer_.size() - at_;
    if (begun > window) fail(line_ + 1, "is over a megabyte long: this is no text of atoms");
    if (!fill()) break;
    end = buffer_.find('\n', at_ + begun);
  }
  if (end == std::string::npos && at_ == buffer_.size()) return std::nullopt;
  ++line_;
  std::string_view text(buffer_);
  text = text.substr(at_, end == std::string::npos ? end : end - at_);
  at_ = end == std::string::npos ? buffer_.size() : end + 1;
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return text;
}

std::uint64_t LineReader::remaining() const {
  return file_.size() - offset_ + (buffer_.size() - at_);
}

void LineReader::fail(std::uint64_t line, const std::string& what) const {
  throw InputError(file_.path().string() + ": line " + std::to_string(line) + ": " + what);
}

std::string_view take_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(blanks), text.size());
  const std::size_t end = std::min(text.find_first_of(blanks, begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::optional<double> real_number(std::string_view word) {
  word = without_plus(word);
  double value = 0.0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failure == std::errc{} && end == word.data() + word.size()) return value;
  const std::size_t exponent = word.find_first_of("dD");
  if (exponent == std::string_view::npos || word.size() > 64) return std::nullopt;
  std::string fortran(word);
  fortran[exponent] = 'e';
  if (fortran.size() > exponent + 1 && fortran[exponent + 1] == '+') fortran.erase(exponent + 1, 1);
  const char* last = fortran.data() + fortran.size();
  const auto second = std::from_chars(fortran.data(), last, value);
  if (second.ec != std::errc{} || second.ptr != last) return std::nullopt;
  return value;
}

std::optional<std::int64_t> whole_number(std::string_view word) {
  word = without_plus(word);
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failure != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::string quoted_word(std::string_view word) {
  const std::string text = one_line(utf8_from(std::string(word.substr(0, 40))));
  return "'" + text + (word.size() > 40 ? "...'" : "'");
}

}  // namespace kinema::io
