// The folders that the build knows: in one file, so that the others compile alike in every
// checkout.
#include "test_data.h"

#include <cstdlib>

namespace kinema::test {

std::filesystem::path test_data(const std::filesystem::path& relative) {
  const char* folder = std::getenv("KINEMA_TEST_DATA");
  return std::filesystem::path(folder != nullptr ? folder : KINEMA_TEST_DATA_DEFAULT) / relative;
}

std::filesystem::path test_file(const std::filesystem::path& relative) {
  return std::filesystem::path(KINEMA_TEST_FILES) / relative;
}

std::filesystem::path fake_reader_folder() {
  return KINEMA_FAKE_READER_FOLDER;
}

}  // namespace kinema::test
