// A reader process that misbehaves, each time in the way that its file names by a word. Built as
// `kinema_reader` in a folder of its own.
#include "kinema/io/reader_protocol.h"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <sys/socket.h>
#include <unistd.h>

using namespace kinema::io;  // NOLINT(google-build-using-namespace)

namespace {

[[noreturn]] void hang() {
  for (;;) pause();
}

[[noreturn]] void spin() {
  for (volatile std::uint64_t turns = 0;;) turns = turns + 1;
}

[[noreturn]] void allocate() {
  constexpr std::size_t bytes = std::size_t{64} << 20;
  for (;;) std::memset(new char[bytes], 1, bytes);
}

[[noreturn]] void crash() {
  raise(SIGSEGV);
  std::abort();
}

void send_raw(const std::string& bytes) {
  send(reader_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

/// The first bytes of a message of `bytes` bytes.
std::string head(std::uint32_t kind, std::uint64_t bytes) {
  return packed(std::uint64_t{kind}) + packed(bytes);
}

std::string description(const std::string& height, const std::string& frames) {
  return R"({"type":"uint16","height":)" + height + R"(,"width":8,"frames":)" + frames +
         R"(,"info":{"axes":[],"dataset":"","datasets":[],"notes":[]}})";
}

/// Opens well, and misbehaves when frames are read.
void misbehave_late(Channel& channel, const std::function<void()>& misbehave) {
  channel.send(ReaderMessage::answer, description("8", "4"));
  for (Message question; channel.receive(question) == Arrival::complete;) {
    if (question.kind == ReaderMessage::read) misbehave();
    channel.send(ReaderMessage::answer, "");
  }
}

using Answer = std::function<void(Channel&)>;

const std::map<std::string, Answer> answers{
    {"segfault", [](Channel&) { crash(); }},
    {"abort", [](Channel&) { std::abort(); }},
    {"hang", [](Channel&) { hang(); }},
    {"spin", [](Channel&) { spin(); }},
    {"allocate", [](Channel&) { allocate(); }},
    {"exit", [](Channel&) { _exit(3); }},
    {"close",
     [](Channel&) {
       shutdown(reader_socket, SHUT_RDWR);
       hang();
     }},
    {"garbage", [](Channel&) { send_raw(std::string(1000, '\xA5')); }},
    {"huge message", [](Channel&) { send_raw(head(16, std::uint64_t{1} << 60)); }},
    {"short message", [](Channel&) { send_raw(head(16, 100) + "only this"); }},
    {"unknown kind", [](Channel&) { send_raw(head(99, 0)); }},
    {"no JSON", [](Channel& channel) { channel.send(ReaderMessage::answer, "a movie"); }},
    {"deep JSON",
     [](Channel& channel) { channel.send(ReaderMessage::answer, std::string(1'000'000, '[')); }},
    {"many values",
     [](Channel& channel) {
       std::string text = "[0";
       while (text.size() < 40'000'000) text += ",0";
       channel.send(ReaderMessage::answer, text + "]");
     }},
    {"no info", [](Channel& channel) { channel.send(ReaderMessage::answer, "{\"type\":\"f\"}"); }},
    {"huge frames",
     [](Channel& channel) {
       channel.send(ReaderMessage::answer, description("1000000000000000000", "1"));
     }},
    {"many frames",
     [](Channel& channel) {
       channel.send(ReaderMessage::answer, description("8", "9223372036854775807"));
     }},
    {"negative frames",
     [](Channel& channel) { channel.send(ReaderMessage::answer, description("8", "-1")); }},
    {"no height",
     [](Channel& channel) { channel.send(ReaderMessage::answer, description("0", "1")); }},
    {"ugly error",
     [](Channel& channel) {
       channel.send(ReaderMessage::input_error, "\x1b[31m\n" + std::string(1'000'000, 'x'));
     }},
    {"late crash", [](Channel& channel) { misbehave_late(channel, crash); }},
    {"late hang", [](Channel& channel) { misbehave_late(channel, hang); }},
};

}  // namespace

int main(int, char** argv) {
  std::signal(SIGINT, SIG_IGN);
  Channel channel{FileHandle(reader_socket)};
  Message question;
  channel.receive(question);
  std::ifstream file(argv[2]);
  std::string word;
  std::getline(file, word);
  answers.at(word)(channel);
  hang();
}
