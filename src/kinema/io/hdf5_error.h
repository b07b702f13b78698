// How calls of the HDF5 library become values or exceptions; for hdf5*.cpp alone.
#pragma once

#include "kinema/io/hdf5.h"

#include <hdf5.h>

#include <string>
#include <type_traits>

namespace kinema::io {

/// Stops HDF5's own printing of errors in this thread.
void silence_hdf5();

/// The innermost reason on this thread's error stack, and clears it.
std::string hdf5_reason();

/// `result` of a call that reads, as a handle where it is one; InputError where it is negative.
template <class Result>
auto readable(Result result, hid_t object, const std::string& what) {
  if (result < 0) {
    const std::string reason = hdf5_reason();
    throw InputError(hdf5_path(object).string() + ": " + what + " cannot be read: " + reason);
  }
  if constexpr (std::is_same_v<Result, hid_t>) return Hid(result);
}

/// The same of a call that writes: IoError.
template <class Result>
auto writable(Result result, hid_t object, const std::string& what) {
  if (result < 0) {
    const std::string reason = hdf5_reason();
    throw IoError(hdf5_path(object), what + " cannot be written: " + reason);
  }
  if constexpr (std::is_same_v<Result, hid_t>) return Hid(result);
}

}  // namespace kinema::io
