// The CTF of particles against another program's numbers, and its limits.
#include "kinema/imaging/particle_ctf.h"

#include <gtest/gtest.h>

#include "test_data.h"
#include <fstream>

namespace kinema::imaging {
namespace {

TEST(ParticleCtf, AgreesWithAnotherProgram) {
  std::ifstream file(test::test_file("particle_ctf.txt"));
  FrameCtf ctf;
  double cs_mm = 0, kx = 0, ky = 0, expected = 0;
  int lines = 0;
  while (file >> ctf.defocus_u >> ctf.defocus_v >> ctf.defocus_angle >> ctf.voltage >> cs_mm >>
         ctf.amplitude_contrast >> ctf.phase_shift >> ctf.b_factor >> kx >> ky >> expected) {
    ctf.cs = cs_mm * 1e7;
    ++lines;
    EXPECT_NEAR(particle_ctf(ctf, kx, ky), expected, 1e-3) << "line " << lines;
  }
  EXPECT_EQ(lines, 24);
}

TEST(ParticleCtf, IsPositiveAtLowFrequenciesOfUnderfocus) {
  const FrameCtf ctf{.defocus_u = 15000, .defocus_v = 15000, .cs = 2.7e7};
  EXPECT_DOUBLE_EQ(particle_ctf(ctf, 0, 0), 0.1);
  EXPECT_GT(particle_ctf(ctf, 0.01, 0.01), 0.1);
}

}  // namespace
}  // namespace kinema::imaging
