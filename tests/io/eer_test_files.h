// EER files made from lists of electrons by the published description, in all three compressions.
#pragma once

#include "kinema/io/eer_events.h"

#include "io_test_movies.h"
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kinema::io::test_eer {

using test_movies::put;

/// A pixel of the camera, counted along the rows, and quarters of it.
struct Electron {
  unsigned pixel = 0, x = 0, y = 0;
};
using Frame = std::vector<Electron>;

class BitWriter {
 public:
  void put(unsigned value, int bits) {
    for (int i = 0; i < bits; ++i, ++count_) {
      if (count_ % 8 == 0) bytes_ += '\0';
      if ((value >> i & 1U) != 0) bytes_.back() |= static_cast<char>(1U << (count_ % 8));
    }
  }
  std::string bytes() const { return bytes_; }

 private:
  std::string bytes_;
  int count_ = 0;
};

/// Full runs are `padded` with the bits of a place where early cameras are meant.
inline std::string encode(const Frame& frame,
                          unsigned pixels,
                          const EerCode& code,
                          bool padded = false) {
  BitWriter out;
  const unsigned full = (1U << code.skip) - 1;
  unsigned next = 0;
  const auto put_run = [&](unsigned run) {
    for (; run >= full; run -= full) {
      out.put(full, code.skip);
      if (padded) out.put(5, code.sub_pixel());
    }
    out.put(run, code.skip);
  };
  const auto place = [](unsigned quarter, int bits) {
    const unsigned part = bits <= 2 ? quarter >> (2 - bits) : quarter << (bits - 2);
    return bits == 0 ? 0 : part ^ (1U << (bits - 1));
  };
  for (const Electron& electron : frame) {
    put_run(electron.pixel - next);
    out.put(place(electron.x, code.horizontal), code.horizontal);
    out.put(place(electron.y, code.vertical), code.vertical);
    next = electron.pixel + 1;
  }
  if (next < pixels) put_run(pixels - next);
  return out.bytes();
}

/// Some electrons in the order of the pixels; long runs among them.
inline std::vector<Frame> random_frames(unsigned count, unsigned pixels) {
  std::vector<Frame> frames(count);
  std::uint64_t state = 7;
  for (Frame& frame : frames) {
    for (unsigned pixel = 0; pixel < pixels; ++pixel) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      const bool sparse = pixel > pixels / 2;
      if ((state >> 33) % (sparse ? 700 : 20) != 0) continue;
      frame.push_back({pixel,
                       static_cast<unsigned>(state >> 60) & 3U,
                       static_cast<unsigned>(state >> 62) & 3U});
    }
  }
  return frames;
}

/// A TIFF file of one directory a frame, written byte by byte.
struct EerFile {
  unsigned height = 0, width = 0;
  int compression = 65001;
  EerCode code = {7, 2, 2};
  std::vector<std::string> streams = {};
  std::string metadata = {};
  bool big_tiff = true, big_endian = false, two_strips = false, sum_before = false;

  std::string bytes() const {
    std::string out(16, '\0');
    out[0] = out[1] = big_endian ? 'M' : 'I';
    put<std::uint16_t>(out, 2, big_tiff ? 43 : 42, big_endian);
    if (big_tiff) put<std::uint16_t>(out, 4, 8, big_endian);
    std::size_t link = big_tiff ? 8 : 4;
    if (sum_before) {
      const std::string sum(static_cast<std::size_t>(height) * width, '\1');
      link = add_directory(out, link, {sum}, 1, false);
    }
    for (std::size_t t = 0; t < streams.size(); ++t) {
      std::vector<std::string> strips = {streams[t]};
      if (two_strips) {
        strips = {streams[t].substr(0, streams[t].size() / 2),
                  streams[t].substr(streams[t].size() / 2)};
      }
      link = add_directory(out, link, strips, compression, t == 0);
    }
    return out;
  }

 private:
  void number(std::string& out, std::uint64_t value) const {
    out.append(big_tiff ? 8 : 4, '\0');
    if (big_tiff)
      put<std::uint64_t>(out, out.size() - 8, value, big_endian);
    else
      put(out, out.size() - 4, static_cast<std::uint32_t>(value), big_endian);
  }

  /// Appends strips and directory; the place of the link to the next one.
  std::size_t add_directory(std::string& out,
                            std::size_t link,
                            const std::vector<std::string>& strips,
                            int scheme,
                            bool with_metadata) const {
    std::string offsets, sizes;
    for (const std::string& strip : strips) {
      number(offsets, out.size());
      number(sizes, strip.size());
      out += strip;
    }
    const std::uint16_t long_type = big_tiff ? 16 : 4;
    struct Value {
      std::uint16_t type;
      std::string bytes;
      std::uint64_t count;
    };
    const auto short_value = [&](std::uint16_t value) {
      std::string bytes(2, '\0');
      put(bytes, 0, value, big_endian);
      return Value{3, bytes, 1};
    };
    std::map<std::uint16_t, Value> tags = {{256, short_value(static_cast<std::uint16_t>(width))},
                                           {257, short_value(static_cast<std::uint16_t>(height))},
                                           {259, short_value(static_cast<std::uint16_t>(scheme))},
                                           {262, short_value(1)},
                                           {273, {long_type, offsets, strips.size()}},
                                           {274, short_value(1)},
                                           {277, short_value(1)},
                                           {279, {long_type, sizes, strips.size()}}};
    if (scheme < 65000) tags[258] = short_value(8);
    if (with_metadata && !metadata.empty()) tags[65001] = {7, metadata, metadata.size()};
    if (scheme == 65002) {
      tags[65007] = short_value(static_cast<std::uint16_t>(code.skip));
      tags[65008] = short_value(static_cast<std::uint16_t>(code.horizontal));
      tags[65009] = short_value(static_cast<std::uint16_t>(code.vertical));
    }
    const std::size_t room = big_tiff ? 8 : 4;
    for (auto& [tag, value] : tags) {
      if (value.bytes.size() <= room) continue;
      std::string place;
      number(place, out.size());
      out += value.bytes;
      value.bytes = place;
    }
    if (out.size() % 2 != 0) out += '\0';
    std::string here;
    number(here, out.size());
    out.replace(link, here.size(), here);
    out.append(big_tiff ? 8 : 2, '\0');
    if (big_tiff)
      put<std::uint64_t>(out, out.size() - 8, tags.size(), big_endian);
    else
      put(out, out.size() - 2, static_cast<std::uint16_t>(tags.size()), big_endian);
    for (const auto& [tag, value] : tags) {
      out.append(4, '\0');
      put(out, out.size() - 4, tag, big_endian);
      put(out, out.size() - 2, value.type, big_endian);
      number(out, value.count);
      out += value.bytes + std::string(room - value.bytes.size(), '\0');
    }
    number(out, 0);
    return out.size() - room;
  }
};

}  // namespace kinema::io::test_eer
