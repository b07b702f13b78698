// What kinema and kinema_lammps say to each other over a socket, descriptor 3 of the program:
// a request is a head, a text and data; the answer a head and data. All numbers are the machine's
// own. kinema_lammps knows no physics: it hands commands to LAMMPS and arrays back.
//
// LAMMPS as packaged ends the process that holds it at the first error, and it is under the GPL,
// version 2: hence a program of its own. See docs/adr/0013-lammps-process.md.
#pragma once

#include <cstdint>

namespace kinema::md {

inline constexpr int lammps_socket = 3;

enum class LammpsRequest : std::uint32_t {
  version,  // answer: the version as text, "20210929"
  command,  // text: one command of LAMMPS; no answer data
  create,   // text: the count n; data: 3 n doubles (positions), n int32 (types)
  gather,   // text: "x" or "f", or the name of a number of each atom; answer: 3 n, or n, doubles in
            // order of creation
  thermo    // text: a keyword of thermo_style; answer: one double
};

struct LammpsRequestHead {
  std::uint32_t request = 0;
  std::uint32_t text_bytes = 0;
  std::uint64_t data_bytes = 0;
};

struct LammpsAnswerHead {
  std::uint64_t data_bytes = 0;
};

}  // namespace kinema::md
