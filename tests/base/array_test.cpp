// Arrays: sizes that do not fit are refused, copies are deep, borrowed memory stays alive.
#include "kinema/base/array.h"

#include <gtest/gtest.h>

#include <vector>

namespace kinema {
namespace {

constexpr Index huge = std::numeric_limits<Index>::max();

TEST(Array, SizesThatDoNotFitAreRefused) {
  EXPECT_EQ(checked_product(1 << 20, 1 << 20), Index{1} << 40);
  EXPECT_EQ(checked_product(huge, 1), huge);
  EXPECT_THROW(checked_product(huge, 2), InputError);
  EXPECT_THROW(checked_product(-1, 2), InputError);
  EXPECT_THROW((count_of<3>({Index{1} << 22, Index{1} << 22, Index{1} << 22})), InputError);
  // The elements can be counted, their bytes cannot.
  EXPECT_THROW((Array<double, 1>::uninitialised({huge / 4})), InputError);
}

TEST(Array, IsZeroWhenMadeByShapeAndAligned) {
  const Array<float, 3> array({2, 3, 5});
  EXPECT_EQ(array.size(), 30);
  for (const float value : array.flat()) EXPECT_EQ(value, 0.0F);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(array.data()) % 64, 0U);
  EXPECT_TRUE((Array<float, 3>().empty()));
  EXPECT_TRUE((Array<float, 3>({4, 0, 4}).empty()));
}

TEST(Array, TheLastIndexRunsFastest) {
  Array<int, 3> array({2, 3, 5});
  for (Index i = 0; i < array.size(); ++i) array.data()[i] = static_cast<int>(i);
  EXPECT_EQ(array(1, 2, 3), (1 * 3 + 2) * 5 + 3);
  EXPECT_EQ(array[1](2, 3), array(1, 2, 3));
  EXPECT_EQ(array[1][2].shape(), (Shape<1>{5}));
  EXPECT_EQ(array.view().slice(1, 1)(0, 2, 3), array(1, 2, 3));
}

TEST(Array, ACopyIsDeepAndAMoveIsNone) {
  Array<int, 1> first({4}, 7);
  Array<int, 1> copy = first;
  copy(0) = 1;
  EXPECT_EQ(first(0), 7);
  const int* memory = first.data();
  const Array<int, 1> moved = std::move(first);
  EXPECT_EQ(moved.data(), memory);
  EXPECT_EQ(moved(3), 7);
}

TEST(Array, BorrowedMemoryLivesAsLongAsTheArray) {
  auto owner = std::make_shared<std::vector<float>>(6, 2.0F);
  const std::weak_ptr<std::vector<float>> watch = owner;
  {
    auto borrowed = Array<float, 2>::borrow(owner->data(), {2, 3}, owner);
    EXPECT_EQ(borrowed.data(), owner->data());
    owner.reset();
    EXPECT_FALSE(watch.expired());
    borrowed(1, 2) = 5.0F;
    EXPECT_EQ(watch.lock()->back(), 5.0F);
    const Array<float, 2> copy = borrowed;  // has memory of its own
    EXPECT_NE(copy.data(), borrowed.data());
    EXPECT_EQ(watch.use_count(), 1);
  }
  EXPECT_TRUE(watch.expired());
}

TEST(Array, CopyOfAViewOwnsItsElements) {
  Array<int, 2> whole({3, 2}, 1);
  const auto part = Array<int, 2>::copy_of(whole.view().slice(1, 2));
  whole(1, 0) = 9;
  EXPECT_EQ(part.shape(), (Shape<2>{2, 2}));
  EXPECT_EQ(part(0, 0), 1);
}

}  // namespace
}  // namespace kinema
