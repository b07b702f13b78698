// Answering questions about one file, with the formats' own functions.
#include "kinema/io/reader_server.h"

#include "kinema/io/formats.h"
#include "kinema/io/hdf5_probe.h"
#include "kinema/io/reader_protocol.h"

#include <sys/mman.h>
#include <sys/resource.h>

namespace kinema::io {
namespace {

class ReaderServer {
 public:
  explicit ReaderServer(std::filesystem::path path)
      : path_(std::move(path)), channel_(FileHandle(reader_socket)) {}

  void serve() {
    Message question;
    while (channel_.receive(question) == Arrival::complete && answer(question)) {
    }
  }

 private:
  /// False where nobody listens any more.
  bool answer(const Message& question) {
    try {
      const std::string text = answer_to(question);
      if (text.size() <= most_message_bytes) return channel_.send(ReaderMessage::answer, text);
      return channel_.send(
          ReaderMessage::input_error,
          path_.string() + ": says more about itself than the 64 MiB that are read");
    } catch (const InputError& error) {
      return channel_.send(ReaderMessage::input_error, error.what());
    } catch (const IoError& error) {
      return channel_.send(ReaderMessage::io_error, error.what());
    } catch (const std::bad_alloc&) {
      return channel_.send(ReaderMessage::input_error, too_large());
    } catch (const std::length_error&) {
      return channel_.send(ReaderMessage::input_error, too_large());
    } catch (const std::exception& error) {
      return channel_.send(ReaderMessage::bug, path_.string() + ": " + error.what());
    }
  }

  std::string answer_to(const Message& question) {
    switch (question.kind) {
      case ReaderMessage::open:
        return open(question.text);
      case ReaderMessage::probe:
        walk_hdf5(path_);
        return {};
      case ReaderMessage::map:
        map(unpacked<Index>(question.text).value());
        return {};
      case ReaderMessage::read:
        read(unpacked<ReadRequest>(question.text).value());
        return {};
      case ReaderMessage::metadata:
        return json_text(source().metadata());
      default:
        throw std::logic_error("a question of no known kind");
    }
  }

  std::string open(const std::string& options) {
    ReadOptions read_options;
    set_options(read_options, Json::parse(options));
    source_ = open_movie_here(path_, read_options);
    return json_text(to_json(MovieDescription{
        source_->format(), source_->frames(), source_->info(), source_->plain_offset()}));
  }

  void map(Index bytes) {
    const auto size = static_cast<std::size_t>(bytes);
    void* place = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, reader_memory, 0);
    if (place == MAP_FAILED) throw std::bad_alloc();
    memory_ = {static_cast<std::byte*>(place), size};
  }

  void read(const ReadRequest& request) {
    const Index bytes = checked_product(request.count, source().format().bytes());
    const auto size = static_cast<Index>(memory_.size());
    if (request.place < 0 || bytes > size || request.place > size - bytes) {
      throw std::logic_error("frames are asked for that the shared memory cannot hold");
    }
    source().read(
        request.first,
        request.count,
        memory_.subspan(static_cast<std::size_t>(request.place), static_cast<std::size_t>(bytes)));
  }

  MovieSource& source() {
    if (!source_) throw std::logic_error("the movie is not open");
    return *source_;
  }

  std::string too_large() const {
    rlimit most{};
    getrlimit(RLIMIT_AS, &most);
    return path_.string() + ": takes more memory than the " + std::to_string(most.rlim_cur >> 20) +
           " MiB that its reader is given: the file is damaged or not what it says; copy it again "
           "from where it was recorded";
  }

  std::filesystem::path path_;
  Channel channel_;
  std::unique_ptr<MovieSource> source_;
  std::span<std::byte> memory_;
};

}  // namespace

void serve_reader(const std::filesystem::path& path) {
  ReaderServer(path).serve();
}

}  // namespace kinema::io
