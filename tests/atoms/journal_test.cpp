// A journal gives back what was kept, to the last bit, and only to the job that kept it.
#include "kinema/atoms/journal.h"

#include "test_data.h"
#include <fstream>
#include <gmock/gmock.h>
#include <numbers>

namespace kinema::atoms {
namespace {

using testing::HasSubstr;

class JournalOf : public testing::Test {
 protected:
  const Json job_{{"options", {{"joint", "auto"}}}, {"seed", 7}};
  test::TempFolder folder_;
  const std::filesystem::path path_ = folder_ / "journal", partial_ = folder_ / "journal.partial";

  void keep(int steps) {
    Journal journal(path_, job_, false);
    for (int n = 0; n < steps; ++n) {
      journal.keep("refine " + std::to_string(n), {{"x", n * std::numbers::pi}});
    }
  }
};

TEST_F(JournalOf, AnInterruptedRunComesBackToTheLastBit) {
  keep(3);
  ASSERT_TRUE(Journal::is_left(path_));
  {
    Journal journal(path_, job_, true);
    EXPECT_EQ(journal.found(), 3);
    ASSERT_NE(journal.find("refine 2"), nullptr);
    EXPECT_EQ(journal.find("refine 2")->at("x").get<double>(), 2 * std::numbers::pi);
    EXPECT_EQ(journal.find("refine 3"), nullptr);
    journal.keep("refine 3", {{"x", 1.0}});
  }
  Journal again(path_, job_, true);
  EXPECT_EQ(again.found(), 4);
  again.close();
  EXPECT_FALSE(Journal::is_left(path_));
}

TEST_F(JournalOf, WithoutResumeItBeginsAnew) {
  keep(3);
  EXPECT_EQ(Journal(path_, job_, false).found(), 0);
  EXPECT_FALSE(Journal::is_left(path_));  // one without a step is not kept
}

TEST_F(JournalOf, AnotherJobIsRefused) {
  keep(1);
  try {
    Journal(path_, {{"options", {{"joint", "true"}}}, {"seed", 7}}, true);
    FAIL() << "taken";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("journal.partial: was begun with other options"));
  }
}

TEST_F(JournalOf, OneProcessWritesIt) {
  Journal journal(path_, job_, false);
  journal.keep("refine 0", 1);
  EXPECT_THROW(Journal(path_, job_, true), InputError);
}

TEST_F(JournalOf, DamageEndsItWhereItStands) {
  keep(3);
  const auto whole = std::filesystem::file_size(partial_);
  for (const auto cut : {whole - 1, whole - 30}) {
    std::filesystem::resize_file(partial_, cut);
    Journal journal(path_, job_, true);
    EXPECT_EQ(journal.found(), 2) << cut;
    journal.keep("refine 2", {{"x", 2 * std::numbers::pi}});
  }
  std::fstream file(partial_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(-1, std::ios::end);
  file.put('\x7f');
  file.close();
  EXPECT_EQ(Journal(path_, job_, true).found(), 2);
}

TEST(Journal, WithoutAFileNothingIsRemembered) {
  Journal journal;
  journal.keep("refine 0", 1);
  EXPECT_EQ(journal.find("refine 0"), nullptr);
  journal.close();
}

}  // namespace
}  // namespace kinema::atoms
