// libFuzzer's entry: `fuzz_movie --format=mrc CORPUS [libFuzzer's options]`.
#include "feed.h"
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {
std::string format_name;
}

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  const std::string flag = "--format=";
  for (int i = 1; i < *count; ++i) {
    const std::string argument = (*arguments)[i];
    if (argument.starts_with(flag)) format_name = argument.substr(flag.size());
  }
  if (format_name.empty()) {
    std::fputs("fuzz_movie: --format=NAME is needed\n", stderr);
    std::exit(2);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kinema::fuzz::feed(format_name, std::as_bytes(std::span(data, size)));
  return 0;
}
