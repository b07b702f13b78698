// The STAR file as cryoDRGN's parse_pose_star and parse_ctf_star read it, and the commands.
#include "cryodrgn_export.h"

#include "kinema/io/file.h"
#include "kinema/io/particles.h"

#include <fmt/format.h>

#include <algorithm>

namespace kinema::app {
namespace {

constexpr const char* text =
    R"(# This movie in cryoDRGN

{frames} frames of {box} x {box} pixels of {pixel} A, in order of time. Poses and CTF are those that kinema used.

    cryodrgn parse_pose_star particles.star -o poses.pkl -D {box} --Apix {pixel}
    cryodrgn parse_ctf_star particles.star -o ctf.pkl -D {box} --Apix {pixel}
    cryodrgn train_vae particles.mrcs --poses poses.pkl --ctf ctf.pkl --zdim 8 -n 50 -o run

The molecule is bright and kinema's CTF begins positive; that of cryoDRGN begins negative, and it turns the sign of
the images unless it is told not to (--uninvert-data), so its volumes come out positive.
)";

}  // namespace

void export_to_cryodrgn(const std::filesystem::path& folder, const Particles& particles) {
  for (const FrameCtf& ctf : particles.ctfs) {
    const FrameCtf& first = particles.ctfs.front();
    if (ctf.voltage != first.voltage || ctf.cs != first.cs ||
        ctf.amplitude_contrast != first.amplitude_contrast) {
      throw InputError(
          "option 'export_cryodrgn': frames differ in voltage, spherical aberration or amplitude "
          "contrast, and cryoDRGN reads one optics group; split the movie");
    }
  }
  std::filesystem::create_directories(folder);
  io::write_particles(folder / "particles.star", particles);
  std::string readme = fmt::format(text,
                                   fmt::arg("frames", particles.frames()),
                                   fmt::arg("box", particles.box()),
                                   fmt::arg("pixel", particles.pixel_size.value));
  if (std::any_of(particles.ctfs.begin(), particles.ctfs.end(), [](const FrameCtf& ctf) {
        return ctf.b_factor != 0.0;
      })) {
    readme += "\ncryoDRGN does not read rlnCtfBfactor, which these frames have.\n";
  }
  io::write_text_file(folder / "README.md", readme);
}

}  // namespace kinema::app
