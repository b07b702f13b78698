// Judging an MRC file as a whole: header, length and pixels, packed or not.
#include "kinema/io/validate.h"

#include "kinema/base/error.h"
#include "kinema/io/mrc_validate.h"
#include "kinema/io/packed_file.h"

#include <algorithm>
#include <iterator>

namespace kinema::io {
namespace {

/// The file's length against the header; true where all pixels are there.
bool judge_length(const InputFile& file, const MrcHeader& header, std::vector<Departure>& found) {
  const std::uint64_t offset = mrc_pixels_at(header);
  if (offset > file.size()) {
    found.push_back({mrc_at::extended,
                     "NSYMBT",
                     "is " + std::to_string(header.extended_bytes) + ", more than the file holds",
                     /*fatal=*/true});
    return false;
  }
  const auto frame = static_cast<std::uint64_t>(checked_product(
      find_mrc_mode(header.mode)->row_bytes(header.size[0]), Index{header.size[1]}));
  const auto frames = static_cast<std::uint64_t>(header.size[2]);
  if (frames <= (file.size() - offset) / frame) file.reaches(offset + frames * frame + 1);
  const std::uint64_t held = file.size() - offset;
  if (held / frame < frames) {
    const std::string end =
        file.size_is_exact() ? "ends here, after " : "can unpack to no more than this, ";
    found.push_back({file.size(),
                     "file",
                     end + std::to_string(held / frame) + " whole sections of the " +
                         std::to_string(frames) + " that NZ declares",
                     /*fatal=*/true});
    return false;
  }
  if (held > frame * frames) {
    const std::string count = file.size_is_exact() ? std::to_string(held - frame * frames) : "more";
    found.push_back(
        {offset + frame * frames, "file", count + " bytes follow the last section", false});
  }
  return true;
}

void append(std::vector<Departure>& found, std::vector<Departure> more) {
  found.insert(
      found.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void judge_content(const InputFile& file, std::vector<Departure>& found) {
  const std::vector<std::byte> head = file.head(mrc_main_bytes);
  if (head.size() < mrc_main_bytes) {
    found.push_back({head.size(), "file", "ends here, within the header of 1024 bytes", true});
    return;
  }
  const bool big_endian = head[mrc_at::machine] == std::byte{0x11};
  const MrcHeader header =
      find_mrc_header(head, file.path()).value_or(parse_mrc_header(head, big_endian, file.path()));
  append(found, judge_mrc_header(header));
  if (!header.is_sane()) return;
  if (judge_length(file, header, found)) {
    append(found, judge_mrc_densities(file, header, mrc_pixels_at(header)));
  }
}

}  // namespace

std::vector<Departure> validate_mrc(const std::filesystem::path& path) {
  InputFile file(path);
  std::vector<Departure> found;
  try {
    if (packing_of(file.head(16))) file = unpacked(path);
    judge_content(file, found);
  } catch (const FileError& error) {  // packed data that are damaged
    found.push_back({file.size(), "file", error.what(), true});
  }
  std::stable_sort(found.begin(), found.end(), [](const Departure& a, const Departure& b) {
    return a.offset < b.offset;
  });
  return found;
}

}  // namespace kinema::io
