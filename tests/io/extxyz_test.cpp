// Extended XYZ: what other programs write is read, what we write is read back, damage is refused.
#include "kinema/io/extxyz.h"

#include "kinema/base/rng.h"
#include "kinema/io/extxyz_comment.h"

#include "test_data.h"
#include <cmath>
#include <fstream>
#include <gmock/gmock.h>

namespace kinema::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Extxyz : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& text) {
    std::ofstream(folder_ / "atoms.xyz", std::ios::binary) << text;
    return folder_ / "atoms.xyz";
  }
  /// What a file of this text is refused with.
  std::string refusal(const std::string& text) {
    try {
      read_extxyz(file(text));
    } catch (const InputError& error) {
      return error.what();
    }
    return "not refused";
  }
  test::TempFolder folder_;
};

TEST_F(Extxyz, PlainFilesHaveAnyCommentAndAnyFurtherColumns) {
  const Trajectory read =
      read_extxyz(file("2\r\n5\" of \"graphene\r\nC 0 1 2 0.5 x\r\n  N -1 1e1 "
                       "+.5\r\n\r\n"));
  EXPECT_THAT(read.atomic_numbers, ElementsAre(6, 7));
  EXPECT_EQ(read.frames(), 1);
  EXPECT_EQ(read.positions(0, 1, 0), -1.0);
  EXPECT_EQ(read.positions(0, 1, 2), 0.5);
  EXPECT_TRUE(read.values.empty());
  EXPECT_FALSE(read.cell);
}

TEST_F(Extxyz, ColumnsAndKeysAreTakenByTheirNames) {
  ExtxyzReader reader(
      file("1\nProperties=name:S:1:id:I:1:pos:R:3:species:S:1:sigma:R:3:force:R:3:ok:L:1:q:I:2 "
           "Lattice=[[2, 0, 0], [1, 3, 0], [0, 0, 4]] pbc=[True, true, F] Origin={-1 0 1} frame=7 "
           "Time = 14.0 Time_unit=ms title=\"a \\\"b\\\" \\\\\" flag\n"
           "first 42 1 2 3 C .1 .2 .3 1d0 2D+1 -3.0d-1 T 8 -9\n"));
  const AtomFrame frame = reader.next().value();
  EXPECT_THAT(frame.ids, ElementsAre(42));
  EXPECT_THAT(frame.atoms.positions[0], ElementsAre(1, 2, 3));
  EXPECT_THAT(frame.sigmas[0], ElementsAre(.1, .2, .3));
  EXPECT_THAT(frame.values.at("force_x"), ElementsAre(1.0));
  EXPECT_THAT(frame.values.at("force_y"), ElementsAre(20.0));
  EXPECT_THAT(frame.values.at("force_z"), ElementsAre(-0.3));
  EXPECT_THAT(frame.values.at("ok"), ElementsAre(1.0));
  EXPECT_THAT(frame.values.at("q_1"), ElementsAre(-9.0));
  EXPECT_EQ(frame.values.size(), 6U);
  const Cell& cell = frame.atoms.cell.value();
  EXPECT_THAT(cell.edges[1], ElementsAre(1, 3, 0));
  EXPECT_THAT(cell.periodic, ElementsAre(true, true, false));
  EXPECT_THAT(cell.origin, ElementsAre(-1, 0, 1));
  EXPECT_EQ(frame.number, 7);
  EXPECT_NEAR(frame.time.value().value, 0.014, 1e-12);
  EXPECT_EQ(frame.info.at("title"), "a \"b\" \\");
  EXPECT_EQ(frame.info.at("flag"), "T");
  EXPECT_FALSE(reader.next());
}

TEST(ExtxyzComment, PairsEndWhereTheyShould) {
  const auto pairs = comment_pairs("a=\"1\"[x] b=[1, [2]] c='' d={3 e= f= 'g h'");
  EXPECT_EQ(pairs.at("a"), "1");
  EXPECT_EQ(pairs.at("[x]"), "T");
  EXPECT_EQ(pairs.at("b"), "[1, [2]]");
  EXPECT_EQ(pairs.at("c"), "");
  EXPECT_EQ(pairs.at("d"), "{3");  // never closed
  EXPECT_EQ(pairs.at("e"), "f=");
  EXPECT_EQ(pairs.at("g h"), "T");
  EXPECT_EQ(comment_pairs("k=\"v\"").at("k"), "v");
  EXPECT_TRUE(comment_pairs("  ").empty());
}

/// Atoms that come and go, with every kind of number.
Trajectory rich_trajectory() {
  Rng rng(3);
  Trajectory made;
  made.atomic_numbers = {6, 7, 5, 6};
  made.positions = Array<double, 3>({3, 4, 3});
  made.sigmas = Array<double, 3>({3, 4, 3});
  made.present = Array<std::uint8_t, 2>({3, 4}, std::uint8_t{1});
  made.values["sign_probability"] = Array<double, 2>({3, 4});
  made.frame_numbers = {4, 6, 8};
  made.frame_time = Time{1e-3};
  made.cell = Cell{{{{20, 0, 0}, {5, 22, 0}, {0, 0, 30}}}, {true, true, false}, {-2, 0, -15}};
  made.present(0, 2) = made.present(2, 0) = 0;
  for (Index t = 0; t < 3; ++t) {
    for (Index i = 0; i < 4; ++i) {
      if (made.present(t, i) == 0) continue;
      for (Index axis = 0; axis < 3; ++axis) {
        made.positions(t, i, axis) = 100.0 * rng.uniform() - 50.0;
        made.sigmas(t, i, axis) = rng.uniform();
      }
      made.values["sign_probability"](t, i) = rng.uniform();
    }
  }
  return made;
}

TEST_F(Extxyz, ATrajectoryComesBackAsItWasWritten) {
  const Trajectory made = rich_trajectory();
  write_extxyz(folder_ / "out.extxyz", made, {{{"note", "first = \"one\", not two"}}});
  EXPECT_FALSE(std::filesystem::exists((folder_ / "out.extxyz").string() + ".partial"));
  const Trajectory read = read_extxyz(folder_ / "out.extxyz");
  EXPECT_EQ(read.atomic_numbers, made.atomic_numbers);
  EXPECT_EQ(read.frame_numbers, made.frame_numbers);
  EXPECT_NEAR(read.frame_time.value, 1e-3, 1e-12);
  EXPECT_EQ(read.cell, made.cell);
  for (Index i = 0; i < made.present.size(); ++i) {
    EXPECT_EQ(read.present.data()[i], made.present.data()[i]);
    EXPECT_NEAR(read.values.at("sign_probability").data()[i],
                made.values.at("sign_probability").data()[i],
                1e-8);
  }
  for (Index i = 0; i < made.positions.size(); ++i) {
    EXPECT_NEAR(read.positions.data()[i], made.positions.data()[i], 5.1e-7);
    EXPECT_NEAR(read.sigmas.data()[i], made.sigmas.data()[i], 5e-6);
  }
  ExtxyzReader reader(folder_ / "out.extxyz");
  EXPECT_EQ(reader.next()->info.at("note"), "first = \"one\", not two");
}

TEST_F(Extxyz, ANonsenseThatCannotBeTrustedIsRefusedWithItsLine) {
  EXPECT_THAT(refusal(""), HasSubstr("holds no frame"));
  EXPECT_THAT(refusal("# no xyz\n"), HasSubstr("line 1: '# no xyz' stands where a frame begins"));
  EXPECT_THAT(refusal("-1\n\n"), HasSubstr("line 1"));
  EXPECT_THAT(refusal("999999999999\n\nC 0 0 0\n"), HasSubstr("cannot be 999999999999 atoms"));
  EXPECT_THAT(refusal("1"), HasSubstr("ends before the second line"));
  EXPECT_THAT(refusal("2\n\nC 0 0 0\n"), HasSubstr("after 1 of the 2 atoms that line 1"));
  EXPECT_THAT(refusal("1\n\nC 0 0\n"), HasSubstr("line 3: the line ends before its column 'pos'"));
  EXPECT_THAT(refusal("1\n\nC 0 0 nan\n"), HasSubstr("not finite"));
  EXPECT_THAT(refusal("1\n\nQq 0 0 0\n"), HasSubstr("'Qq', which names no element"));
  EXPECT_THAT(refusal("1\nLattice=\"1 2\"\nC 0 0 0\n"), HasSubstr("line 2: Lattice is '1 2'"));
  const std::string head = "1\nProperties=species:S:1:pos:R:3";
  EXPECT_THAT(refusal(head + " frame=-1\nC 0 0 0\n"), HasSubstr("frame is '-1'"));
  EXPECT_THAT(refusal(head + "\nC 0 0 0 9\n"), HasSubstr("'9' stands behind the last column"));
  EXPECT_THAT(refusal(head + ":q:R\nC 0 0 0 9\n"), HasSubstr("'q:R' where name:type:count"));
  EXPECT_THAT(refusal(head + ":q:R:99999\nC 0 0 0 9\n"), HasSubstr("'q:R'"));
  EXPECT_THAT(refusal(head + ":pos:R:3\nC 0 0 0 9\n"), HasSubstr("'pos' twice"));
  EXPECT_THAT(refusal("1\nProperties=species:S:1\nC\n"), HasSubstr("no pos:R:3"));
  EXPECT_THAT(refusal("2\nProperties=species:S:1:pos:R:3:id:I:1\nC 0 0 0 5\nC 0 0 1 5\n"),
              HasSubstr("line 4: atom 5 is there twice"));
  EXPECT_THAT(refusal("1\nProperties=species:S:1:pos:R:3:id:I:1\nC 0 0 0 9223372036854775807\n"),
              HasSubstr("line 3: id is larger"));
  EXPECT_THAT(refusal("1\n\n" + std::string(3U << 20U, 'C')), HasSubstr("over a megabyte"));
}

TEST_F(Extxyz, WhoIsWhoMustBeSaidWhereFramesDiffer) {
  const std::string refused = refusal("1\n\nC 0 0 0\n2\n\nC 0 0 0\nC 0 0 1\n");
  EXPECT_THAT(refused, HasSubstr("frame at line 4: 2 atoms that are not the 1"));
  EXPECT_THAT(refused, HasSubstr("integer column id"));
  const std::string head = "Properties=species:S:1:pos:R:3:id:I:1\n";
  EXPECT_THAT(refusal("1\n" + head + "C 0 0 0 9\n1\n" + head + "N 0 0 0 9\n"),
              HasSubstr("atom 9 is N here and was C before"));
  const Trajectory read =
      read_extxyz(file("1\n" + head + "C 0 0 0 9\n2\n" + head + "N 0 0 0 3\nC 1 0 0 9\n"));
  EXPECT_THAT(read.atomic_numbers, ElementsAre(7, 6));
  EXPECT_EQ(read.present(0, 0), 0);
  EXPECT_EQ(read.positions(1, 1, 0), 1.0);
}

TEST_F(Extxyz, EverySampleOfOthersIsReadOrRefused) {
  const auto samples = test::test_data("formats/chemfiles");
  KINEMA_REQUIRE_DATA(samples / "atoms");
  ExtxyzReader extended(samples / "atoms/extended.xyz");
  const AtomFrame first = extended.next().value();
  EXPECT_EQ(first.atoms.size(), 192);
  EXPECT_NEAR(first.atoms.cell->edges[2][1], 4.4685149855, 1e-10);
  EXPECT_NEAR(first.values.at("CS_1")[0], 31.34, 1e-10);
  EXPECT_EQ(first.info.at("IsStrange"), "T");
  EXPECT_EQ(read_extxyz(samples / "atoms/spaces.xyz").atoms(), 64);
  // The file of damages holds one in each frame: each is refused alone.
  std::ifstream bad(samples / "atoms_bad/xyz_extended.xyz");
  std::string text;
  int frames = 0;
  for (std::string line; std::getline(bad, line);) {
    text += line + "\n";
    if (line.empty() || line[0] != 'H') continue;
    EXPECT_THAT(refusal(text), HasSubstr("line 3: ")) << text;
    text.clear();
    ++frames;
  }
  EXPECT_EQ(frames, 9);
}

TEST_F(Extxyz, TheTruthOfTheFlakeIsTwelveFramesOfItsAtoms) {
  const auto truth = test::test_data("graphene/flake12_truth.extxyz");
  KINEMA_REQUIRE_DATA(truth);
  const Trajectory read = read_extxyz(truth);
  EXPECT_EQ(read.frames(), 12);
  EXPECT_EQ(read.atoms(), 747);
  EXPECT_EQ(read.frame_numbers.back(), 11);
  double square = 0.0;
  for (Index i = 0; i < read.atoms(); ++i) square += std::pow(read.positions(0, i, 2), 2);
  EXPECT_NEAR(std::sqrt(square / 747.0), 0.83158, 1e-4);  // conditions.json: z_rms
}

TEST_F(Extxyz, WhatIsCutOffAnywhereIsReadOrRefusedButNeverWorse) {
  write_extxyz(folder_ / "out.extxyz", rich_trajectory());
  std::ifstream in(folder_ / "out.extxyz");
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    std::string text = whole.substr(0, size);
    if (size % 2 == 1 && size > 40) text[size / 2] = static_cast<char>(size * 7);
    refusal(text);
  }
}

}  // namespace
}  // namespace kinema::io
