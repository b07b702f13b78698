// The MPI message layer, built as the module libkinema_mpi.so.
#include "kinema/base/comm.h"

#include <algorithm>
#include <cstdlib>
#include <mpi.h>

namespace kinema {
namespace {

constexpr std::size_t largest_message = std::size_t{1} << 30;  // MPI counts are ints

/// Calls part(offset, bytes) for pieces that MPI can count.
template <class Part>
void in_pieces(std::size_t bytes, Part&& part) {
  for (std::size_t at = 0; at < bytes; at += largest_message) {
    part(at, static_cast<int>(std::min(largest_message, bytes - at)));
  }
}

class MpiBackend : public CommBackend {
 public:
  MpiBackend() {
    int ready = 0;
    MPI_Initialized(&ready);
    if (ready == 0) {
      int level = 0;
      MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &level);
      ours_ = true;
    }
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &size_);
  }
  ~MpiBackend() override {
    if (ours_) MPI_Finalize();
  }
  int rank() const override { return rank_; }
  int size() const override { return size_; }
  void barrier() override { MPI_Barrier(MPI_COMM_WORLD); }
  void broadcast(std::span<std::byte> data, int root) override {
    in_pieces(data.size(), [&](std::size_t at, int bytes) {
      MPI_Bcast(data.data() + at, bytes, MPI_BYTE, root, MPI_COMM_WORLD);
    });
  }
  void send(std::span<const std::byte> data, int to) override {
    in_pieces(data.size(), [&](std::size_t at, int bytes) {
      MPI_Send(data.data() + at, bytes, MPI_BYTE, to, 0, MPI_COMM_WORLD);
    });
  }
  void receive(std::span<std::byte> data, int from) override {
    in_pieces(data.size(), [&](std::size_t at, int bytes) {
      MPI_Recv(data.data() + at, bytes, MPI_BYTE, from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    });
  }
  void sum(std::span<double> data) override {
    MPI_Allreduce(MPI_IN_PLACE,
                  data.data(),
                  static_cast<int>(data.size()),
                  MPI_DOUBLE,
                  MPI_SUM,
                  MPI_COMM_WORLD);
  }
  void end_all(int exit_code) override { MPI_Abort(MPI_COMM_WORLD, exit_code); }

 private:
  int rank_ = 0, size_ = 1;
  bool ours_ = false;
};

}  // namespace
}  // namespace kinema

extern "C" kinema::CommBackend* kinema_make_mpi_backend() {
  return new kinema::MpiBackend;
}
