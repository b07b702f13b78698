// Feeds every file of FOLDER/<format>/ to its parser: what the fuzzer once found stays mended.
#include "feed.h"
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

int main(int count, char** arguments) {
  if (count != 2) return std::fputs("replay FOLDER\n", stderr), 2;
  int fed = 0;
  for (const auto& format : std::filesystem::directory_iterator(arguments[1])) {
    for (const auto& entry : std::filesystem::directory_iterator(format)) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string bytes(std::istreambuf_iterator<char>(file), {});
      std::printf("%s\n", entry.path().c_str());
      std::fflush(stdout);
      kinema::fuzz::feed(format.path().filename().string(), std::as_bytes(std::span(bytes)));
      ++fed;
    }
  }
  std::printf("%d files\n", fed);
  return 0;
}
