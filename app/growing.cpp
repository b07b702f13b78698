#include "growing.h"

#include "kinema/io/writer_lock.h"

#include <stdexcept>

namespace kinema::app {

GrowingContainer::GrowingContainer(const std::string& in)
    : whole_(in.ends_with(".partial") ? in.substr(0, in.size() - 8) : in),
      partial_(whole_.string() + ".partial") {}

std::filesystem::path GrowingContainer::path() const {
  const bool grows = was_written_ && std::filesystem::exists(partial_);
  return grows || !std::filesystem::exists(whole_) ? partial_ : whole_;
}

std::unique_ptr<codec::ContainerReader> GrowingContainer::look(bool& abandoned) {
  for (int attempt = 0;; ++attempt) {
    const bool written = io::is_written(partial_);
    was_written_ = was_written_ || written;
    const std::filesystem::path found = path();
    try {
      auto reader = std::make_unique<codec::ContainerReader>(found);
      abandoned = !reader->header().complete && !written;
      require_same(reader->header());
      return reader;
    } catch (const std::runtime_error&) {
      // Between two looks it may have got its name.
      if (std::filesystem::exists(found) || attempt > 2) throw;
    }
  }
}

void GrowingContainer::require_same(const codec::ContainerHeader& header) {
  if (begun_.empty()) begun_ = header.provenance.created;
  if (begun_ != header.provenance.created) {
    throw InputError(whole_.string() + ": was begun anew while it was followed; start again");
  }
}

}  // namespace kinema::app
