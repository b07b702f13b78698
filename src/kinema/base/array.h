// Dense row-major arrays: the last index runs fastest. An Array owns its elements, or borrows
// them from a foreign owner (a numpy array, a mapped file) that it keeps alive. A copy is deep.
#pragma once

#include "kinema/base/error.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <utility>

namespace kinema {

using Index = std::ptrdiff_t;

/// a * b for sizes; throws InputError when the product does not fit.
inline Index checked_product(Index a, Index b) {
  Index product = 0;
  if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product)) {
    throw InputError("a size of " + std::to_string(a) + " x " + std::to_string(b) +
                     " elements does not fit into memory");
  }
  return product;
}

template <int N>
using Shape = std::array<Index, N>;

/// Number of elements of a shape; throws InputError when it overflows.
template <int N>
Index count_of(const Shape<N>& shape) {
  Index count = 1;
  for (const Index extent : shape) count = checked_product(count, extent);
  return count;
}

/// An array of rank N that it does not own: a pointer and a shape.
template <class T, int N>
class ArrayView {
 public:
  ArrayView() = default;
  ArrayView(T* data, const Shape<N>& shape) : data_(data), shape_(shape) {}
  operator ArrayView<const T, N>() const {  // NOLINT(google-explicit-constructor)
    return {data_, shape_};
  }

  const Shape<N>& shape() const { return shape_; }
  Index size() const { return count_of<N>(shape_); }
  T* data() const { return data_; }
  std::span<T> flat() const { return {data_, static_cast<std::size_t>(size())}; }

  /// Element at the given indices (unchecked: this is for kernels).
  template <class... I>
  T& operator()(I... indices) const {
    static_assert(sizeof...(I) == N);
    return data_[offset(static_cast<Index>(indices)...)];
  }

  /// The sub-array at index i of the first axis.
  ArrayView<T, N - 1> operator[](Index i) const requires(N > 1) {
    Shape<N - 1> rest{};
    Index stride = 1;
    for (int axis = 1; axis < N; ++axis) {
      rest[axis - 1] = shape_[axis];
      stride *= shape_[axis];
    }
    return {data_ + i * stride, rest};
  }

  /// Indices [first, first + count) of the first axis.
  ArrayView<T, N> slice(Index first, Index count) const {
    Shape<N> part = shape_;
    part[0] = count;
    Index stride = 1;
    for (int axis = 1; axis < N; ++axis) stride *= shape_[axis];
    return {data_ + first * stride, part};
  }

 private:
  template <class... I>
  Index offset(I... indices) const {
    const Index index[] = {indices...};
    Index at = index[0];
    for (int axis = 1; axis < N; ++axis) at = at * shape_[axis] + index[axis];
    return at;
  }

  T* data_ = nullptr;
  Shape<N> shape_{};
};

/// A dense row-major array of rank N, 64-byte aligned, zero-filled when made by shape.
template <class T, int N>
class Array {
 public:
  Array() = default;
  explicit Array(const Shape<N>& shape) : Array(uninitialised(shape)) {
    std::fill_n(data_, size(), T{});
  }
  Array(const Shape<N>& shape, T value) : Array(uninitialised(shape)) {
    std::fill_n(data_, size(), value);
  }
  Array(const Array& other) : Array(uninitialised(other.shape_)) {
    std::copy_n(other.data_, size(), data_);
  }
  Array(Array&& other) noexcept { swap(other); }
  Array& operator=(Array other) noexcept {
    swap(other);
    return *this;
  }
  ~Array() = default;

  /// Elements that will all be written before they are read.
  static Array uninitialised(const Shape<N>& shape) {
    const Index bytes = checked_product(count_of<N>(shape), static_cast<Index>(sizeof(T)));
    Array array;
    auto* memory = static_cast<T*>(
        ::operator new (static_cast<std::size_t>(std::max<Index>(bytes, 1)), std::align_val_t{64}));
    array.owner_ =
        std::shared_ptr<void>(memory, [](void* m) { ::operator delete (m, std::align_val_t{64}); });
    array.data_ = memory;
    array.shape_ = shape;
    return array;
  }

  /// Elements that belong to `owner`, which is kept alive; nothing is copied.
  static Array borrow(T* data, const Shape<N>& shape, std::shared_ptr<void> owner) {
    Array array;
    array.data_ = data;
    array.shape_ = shape;
    array.owner_ = std::move(owner);
    return array;
  }

  static Array copy_of(ArrayView<const T, N> view) {
    Array array = uninitialised(view.shape());
    std::copy_n(view.data(), view.size(), array.data_);
    return array;
  }

  const Shape<N>& shape() const { return shape_; }
  Index size() const { return data_ == nullptr ? 0 : count_of<N>(shape_); }
  bool empty() const { return size() == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  std::span<T> flat() { return {data_, static_cast<std::size_t>(size())}; }
  std::span<const T> flat() const { return {data_, static_cast<std::size_t>(size())}; }
  ArrayView<T, N> view() { return {data_, shape_}; }
  ArrayView<const T, N> view() const { return {data_, shape_}; }
  const std::shared_ptr<void>& owner() const { return owner_; }

  template <class... I>
  T& operator()(I... indices) {
    return view()(indices...);
  }
  template <class... I>
  const T& operator()(I... indices) const {
    return view()(indices...);
  }
  auto operator[](Index i) { return view()[i]; }
  auto operator[](Index i) const { return view()[i]; }

 private:
  void swap(Array& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(shape_, other.shape_);
    std::swap(owner_, other.owner_);
  }

  T* data_ = nullptr;
  Shape<N> shape_{};
  std::shared_ptr<void> owner_;
};

}  // namespace kinema
