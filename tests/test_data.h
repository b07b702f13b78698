// Where tests find sample data: KINEMA_TEST_DATA, by default ../shared/data beside the checkout.
// Tests that need it skip, and say so, where it is absent.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace kinema::test {

/// A sample of the data folder.
std::filesystem::path test_data(const std::filesystem::path& relative);

/// A file of tests/data.
std::filesystem::path test_file(const std::filesystem::path& relative);

/// Where the reader process lies that misbehaves.
std::filesystem::path fake_reader_folder();

/// A fresh folder for one test, removed at its end.
class TempFolder {
 public:
  TempFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "kinema-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace kinema::test

/// Skips the test where the sample is absent.
#define KINEMA_REQUIRE_DATA(path) \
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "sample data absent: " << (path)
