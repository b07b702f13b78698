// A container under the name that it has by now, while another process writes it.
#pragma once

#include "kinema/codec/container.h"

#include <filesystem>
#include <memory>
#include <string>

namespace kinema::app {

class GrowingContainer {
 public:
  /// `in` is the container, which may lie there as `in`.partial still, or that name itself.
  explicit GrowingContainer(const std::string& in);

  /// Where it lies now.
  std::filesystem::path path() const;

  /// As it is now. `abandoned` says that it is not complete and nobody writes it. Throws InputError
  /// where it was begun anew.
  std::unique_ptr<codec::ContainerReader> look(bool& abandoned);

 private:
  void require_same(const codec::ContainerHeader& header);

  std::filesystem::path whole_, partial_;
  bool was_written_ = false;
  std::string begun_;  // when the container was made
};

}  // namespace kinema::app
