// Ranks that work together: alone by default, MPI when the program was started by mpirun or srun.
#pragma once

#include "kinema/base/array.h"

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace kinema {

/// What a message layer must do; `comm_mpi.cpp` is the MPI one, in a module of its own.
class CommBackend {
 public:
  virtual ~CommBackend() = default;
  virtual int rank() const = 0;
  virtual int size() const = 0;
  virtual void barrier() = 0;
  virtual void broadcast(std::span<std::byte> data, int root) = 0;
  virtual void send(std::span<const std::byte> data, int to) = 0;
  virtual void receive(std::span<std::byte> data, int from) = 0;
  virtual void sum(std::span<double> data) = 0;
  virtual void end_all(int exit_code) = 0;
};

/// A value; copies speak to the same ranks.
class Comm {
 public:
  /// One rank: this process.
  Comm() = default;
  /// The ranks of mpirun or srun if the environment says that we were started by one, else alone.
  static Comm start();

  int rank() const { return backend_ ? backend_->rank() : 0; }
  int size() const { return backend_ ? backend_->size() : 1; }
  bool is_root() const { return rank() == 0; }
  void barrier() const;
  /// Every rank's `data` becomes root's.
  void broadcast(std::span<std::byte> data, int root = 0) const;
  /// Point to point; sizes agree on both sides.
  void send(std::span<const std::byte> data, int to) const;
  void receive(std::span<std::byte> data, int from) const;
  /// Every rank's `data` becomes the sum over ranks, element by element.
  void sum(std::span<double> data) const;
  /// Ends all ranks, wherever they wait, with this exit code; a rank that is alone goes on.
  void end_all(int exit_code) const;

 private:
  std::shared_ptr<CommBackend> backend_;
};

}  // namespace kinema
