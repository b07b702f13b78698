// One rank alone, and parts of the program that are not there.
#include "kinema/base/comm.h"

#include "kinema/base/module.h"

#include <gtest/gtest.h>

#include <array>
#include <gmock/gmock.h>

namespace kinema {
namespace {

TEST(Comm, AloneIsRootAndNeedsNobody) {
  const Comm comm;
  EXPECT_EQ(comm.rank(), 0);
  EXPECT_EQ(comm.size(), 1);
  EXPECT_TRUE(comm.is_root());
  comm.barrier();
  std::array<double, 2> values{1.5, -2.0};
  comm.sum(values);
  comm.broadcast(std::as_writable_bytes(std::span(values)));
  EXPECT_EQ(values, (std::array<double, 2>{1.5, -2.0}));
}

TEST(Comm, AloneHasNobodyToTalkTo) {
  std::array<std::byte, 4> bytes{};
  EXPECT_THROW(Comm().send(bytes, 1), std::logic_error);
  EXPECT_THROW(Comm().receive(bytes, 1), std::logic_error);
}

TEST(Comm, AloneHasNobodyToEnd) {
  Comm().end_all(2);  // nobody else is there to end
}

TEST(Module, ThatIsMissingIsOneLineWithTheMend) {
  EXPECT_TRUE(find_module("unheard_of").empty());
  try {
    module_symbol("unheard_of", "anything", "install libunheard-dev and build again");
    FAIL() << "found a module that nobody made";
  } catch (const InputError& error) {
    const std::string text = error.what();
    EXPECT_THAT(text, testing::HasSubstr("'unheard_of'"));
    EXPECT_THAT(text, testing::EndsWith("install libunheard-dev and build again"));
    EXPECT_EQ(text.find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace kinema
