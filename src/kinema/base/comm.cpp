// One rank alone, or the MPI module.
#include "kinema/base/comm.h"

#include "kinema/base/module.h"

#include <cstdlib>

namespace kinema {
namespace {

bool started_by_mpi() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  return false;
}

}  // namespace

Comm Comm::start() {
  Comm comm;
  if (started_by_mpi()) {
    auto* make = module_function<CommBackend*()>(
        "mpi",
        "kinema_make_mpi_backend",
        "install libopenmpi-dev and build again, or start without mpirun");
    comm.backend_.reset(make());
  }
  return comm;
}

void Comm::barrier() const {
  if (backend_) backend_->barrier();
}
void Comm::broadcast(std::span<std::byte> data, int root) const {
  if (backend_) backend_->broadcast(data, root);
}
void Comm::send(std::span<const std::byte> data, int to) const {
  if (!backend_) throw std::logic_error("a single rank has nobody to send to");
  backend_->send(data, to);
}
void Comm::receive(std::span<std::byte> data, int from) const {
  if (!backend_) throw std::logic_error("a single rank has nobody to receive from");
  backend_->receive(data, from);
}
void Comm::sum(std::span<double> data) const {
  if (backend_) backend_->sum(data);
}
void Comm::end_all(int exit_code) const {
  if (backend_) backend_->end_all(exit_code);
}

}  // namespace kinema
