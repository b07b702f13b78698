// Dumps and data of LAMMPS and POSCAR: the bounds of tilted boxes, round trips, damage refused.
#include "kinema/base/error.h"
#include "kinema/io/atom_files.h"
#include "kinema/io/lammps_dump.h"

#include "test_data.h"
#include <fstream>
#include <gmock/gmock.h>
#include <sstream>

namespace kinema::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Lammps : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& text) {
    std::ofstream(folder_ / "dump.lammpstrj", std::ios::binary) << text;
    return folder_ / "dump.lammpstrj";
  }
  static std::string refusal(const std::filesystem::path& path,
                             const std::vector<std::uint8_t>& elements = {6, 6, 6, 6, 6}) {
    try {
      LammpsDumpReader reader(path, elements);
      while (reader.next()) {
      }
    } catch (const InputError& error) {
      return error.what();
    }
    return "not refused";
  }
  test::TempFolder folder_;
};

AtomFrame tilted_frame() {
  AtomFrame frame;
  frame.atoms.atomic_numbers = {7, 6, 6};
  frame.atoms.positions = {{0.5, 0.25, 1}, {-4.5, 3, 2}, {1, 2, 3.123456}};
  frame.atoms.cell =
      Cell{{{{10, 0, 0}, {-5, 8, 0}, {1, 2, 30}}}, {true, true, false}, {-1, -2, -15}};
  frame.values["charge"] = {0.5, -0.25, 1e-9};
  frame.ids = {4, 0, 9};
  frame.number = 1200;
  return frame;
}

TEST_F(Lammps, TheBoundsOfATiltedBoxAreNotItsEdges) {
  const std::string text = lammps_dump_text(tilted_frame());
  EXPECT_THAT(text, HasSubstr("ITEM: BOX BOUNDS xy xz yz pp pp ff\n-6 10 -5\n-2 8 1\n-15 15 2\n"));
  LammpsDumpReader reader(file(text));
  const AtomFrame read = reader.next().value();
  EXPECT_EQ(read.atoms.cell, tilted_frame().atoms.cell);
  EXPECT_THAT(read.atoms.atomic_numbers, ElementsAre(7, 6, 6));
  EXPECT_THAT(read.ids, ElementsAre(4, 0, 9));
  EXPECT_EQ(read.number, 1200);
  EXPECT_NEAR(read.atoms.positions[2][2], 3.123456, 1e-12);
  EXPECT_NEAR(read.values.at("charge")[2], 1e-9, 1e-18);
  EXPECT_FALSE(reader.next());
}

TEST_F(Lammps, FractionsAndUnitsBecomeAngstromAndSeconds) {
  LammpsDumpReader reader(
      file("ITEM: UNITS\nmetal\nITEM: TIME\n2.5\nITEM: TIMESTEP\n7\nITEM: NUMBER OF ATOMS\n1\n"
           "ITEM: BOX BOUNDS abc origin pp pp pp\n2 0 0 1\n0 4 0 1\n1 1 5 1\n"
           "ITEM: ATOMS id type xs ys zs x\n1 2 0.5 0.25 1 77\n"),
      {6, 5});
  const AtomFrame frame = reader.next().value();
  EXPECT_THAT(frame.atoms.positions[0], ElementsAre(3, 3, 6));
  EXPECT_THAT(frame.atoms.atomic_numbers, ElementsAre(5));
  EXPECT_NEAR(frame.time->value, 2.5e-12, 1e-20);
}

TEST_F(Lammps, DamagedDumpsAreRefusedWithTheirLine) {
  const std::string head =
      "ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n1\nITEM: BOX BOUNDS pp pp pp\n0 1\n0 1\n0 1\n";
  EXPECT_THAT(refusal(file(head + "ITEM: ATOMS id type x y z\n1 9 0 0 0\n")),
              HasSubstr("line 10: the dump does not say which element"));
  EXPECT_THAT(refusal(file(head + "ITEM: ATOMS id type x y\n1 1 0 0\n")), HasSubstr("line 9"));
  EXPECT_THAT(refusal(file(head + "ITEM: ATOMS id type x y z\n")), HasSubstr("the file ends"));
  EXPECT_THAT(refusal(file(head + "ITEM: ATOMS id type x y zs\n1 1 0 0 0\n")),
              HasSubstr("only some coordinates"));
  EXPECT_THAT(refusal(file("ITEM: TIMESTEP\n0\nITEM: NUMBER OF ATOMS\n77777777777\nITEM: BOX "
                           "BOUNDS\n0 1\n0 1\n0 1\nITEM: ATOMS type x y z\n")),
              HasSubstr("cannot be 77777777777 atoms"));
  EXPECT_THAT(refusal(file("ITEM: TIMESTEP\n")), HasSubstr("ends before the time step"));
  EXPECT_THAT(refusal(file("ITEM: ATOMS id type x y z\n")), HasSubstr("comes before TIMESTEP"));
}

TEST_F(Lammps, EveryBadSampleOfOthersIsRefused) {
  const auto folder = test::test_data("formats/chemfiles/atoms_bad");
  KINEMA_REQUIRE_DATA(folder);
  const auto said = [&](const char* name) { return refusal(folder / name); };
  EXPECT_THAT(said("lammps_atom-duplicated-id.lammpstrj"), HasSubstr("line 11: atom 2 is there"));
  EXPECT_THAT(said("lammps_atom-no-item.lammpstrj"), HasSubstr("line 9: 'DUMMY' stands where"));
  EXPECT_THAT(said("lammps_atom-too-many-fields.lammpstrj"), HasSubstr("line 10: 'X' stands"));
  EXPECT_THAT(said("lammps_box-not-item.lammpstrj"), HasSubstr("line 5: 'DUMMY' stands where"));
  EXPECT_THAT(said("lammps_box-wrong-size.lammpstrj"), HasSubstr("line 6: the bounds"));
  EXPECT_THAT(said("lammps_timestep-item-name.lammpstrj"), HasSubstr("line 1: ITEM: 'DUMMY'"));
}

TEST_F(Lammps, DataAndPoscarSortTheKinds) {
  const std::string data = lammps_data_text(tilted_frame());
  EXPECT_THAT(data, HasSubstr("3 atoms\n2 atom types\n\n-1 9 xlo xhi\n-2 6 ylo yhi\n"));
  EXPECT_THAT(data, HasSubstr("-5 1 2 xy xz yz\n"));
  EXPECT_THAT(data, HasSubstr("1 12.011 # C\n2 14.007 # N\n"));
  EXPECT_THAT(data, HasSubstr("\n5 2 0.500000 0.250000 1.000000\n"));
  std::istringstream poscar(poscar_text(tilted_frame()));
  std::vector<std::string> lines;
  for (std::string line; std::getline(poscar, line);) lines.push_back(line);
  EXPECT_EQ(lines.size(), 11U);
  EXPECT_EQ(lines[5], " C N");
  EXPECT_EQ(lines[6], " 2 1");
  EXPECT_THAT(lines[10], HasSubstr("1.500000       2.250000      16.000000"));  // from the corner
}

TEST_F(Lammps, FormatsThatHoldOneFrameTakeNoSecond) {
  AtomFrame flake = tilted_frame();
  flake.atoms.cell.reset();
  AtomWriter writer(folder_ / "POSCAR_3");
  writer.write(flake);
  EXPECT_THROW(writer.write(flake), InputError);
  AtomWriter trajectory(folder_ / "out.extxyz");
  trajectory.write(flake);
  trajectory.write(flake);
  trajectory.close();
  const auto reader = open_atoms(folder_ / "out.extxyz");
  EXPECT_TRUE(reader->next() && reader->next() && !reader->next());
  EXPECT_THROW(AtomWriter(folder_ / "out.pdb"), InputError);
}

}  // namespace
}  // namespace kinema::io
