// What kinema and its reader process say to each other: messages over a socket, each with its kind
// and its size, and pixels in memory that both have mapped.
//
// The parent asks, the child answers every question in turn. `open` carries the options as JSON and
// is answered by the movie's description as JSON; `map` names the shared memory's size; `read`
// names frames and where in that memory they belong; `metadata` and `probe` carry nothing.
#pragma once

#include "kinema/base/options.h"
#include "kinema/data/movie_source.h"
#include "kinema/io/file.h"
#include "kinema/io/read_options.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace kinema::io {

/// Where the child finds its end of the socket and the shared memory.
inline constexpr int reader_socket = 3, reader_memory = 4;
/// The largest message that is taken.
inline constexpr std::uint64_t most_message_bytes = std::uint64_t{64} << 20;

enum class ReaderMessage : std::uint32_t {
  open = 1,
  probe,
  map,
  read,
  metadata,
  answer = 16,
  input_error,  // the text of an InputError
  io_error,     // the text of an IoError
  bug           // the text of anything else
};

struct Message {
  ReaderMessage kind = ReaderMessage::answer;
  std::string text;
};

/// Whether to go on waiting; asked again every few milliseconds. None: for ever.
using Patience = std::function<bool()>;

enum class Arrival : std::uint8_t { complete, closed, late, broken };

/// One end of the socket.
class Channel {
 public:
  explicit Channel(FileHandle socket) : socket_(std::move(socket)) {}
  /// False where the other end is gone; never raises SIGPIPE.
  bool send(ReaderMessage kind, std::string_view text);
  /// Waits for a whole message. One that declares more than `most_message_bytes` is broken.
  Arrival receive(Message& message, const Patience& patience = {});
  int descriptor() const { return socket_.get(); }

 private:
  Arrival fill(std::span<char> out, const Patience& patience);

  FileHandle socket_;
};

/// Frames [first, first + count) belong at byte `place` of the shared memory.
struct ReadRequest {
  std::int64_t first = 0, count = 0, place = 0;
};

/// Plain numbers as the bytes of a message, and back; none where the size is another.
template <class T>
std::string packed(const T& numbers) {
  return {reinterpret_cast<const char*>(&numbers), sizeof numbers};
}
template <class T>
std::optional<T> unpacked(std::string_view text) {
  T numbers;
  if (text.size() != sizeof numbers) return std::nullopt;
  text.copy(reinterpret_cast<char*>(&numbers), sizeof numbers);
  return numbers;
}

/// JSON as text; bytes that are not UTF-8 are replaced.
std::string json_text(const Json& json);
/// JSON of at most 64 levels and a million values; InputError for anything else.
Json bounded_json(std::string_view text);

/// What `open` answers.
struct MovieDescription {
  FrameFormat format;
  std::optional<Index> frames;
  MovieInfo info;
  std::optional<std::uint64_t> plain_offset;  // as MovieSource has it
};
Json to_json(const MovieDescription& description);
/// Trusts nothing: InputError where anything is missing, of another type, negative or too large.
MovieDescription description_from(const Json& json);

}  // namespace kinema::io
