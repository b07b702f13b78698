// The fields of an entry of FEI1 and FEI2 extended headers: a table. Reserved fields are left out.
// Layout: Thermo Fisher's MRC2014 image file specifications (metadata versions 0 and 2), as also
// given by mrcfile and ExifTool.
#pragma once

#include <cstdint>

namespace kinema::io {

/// real: 64-bit float; integer: 32 bits; wide: 64 bits; truth: one byte; text: 16 bytes, long_text
/// 80.
enum class FeiKind : std::uint8_t { real, integer, wide, truth, text, long_text };

/// A field counts where its bit in the bit mask at byte `mask` (always little-endian) is set.
/// Angles are in degrees (tilts, rotations) or radian, lengths in m, times in s, tensions in V,
/// the dose in electrons per m^2.
struct FeiField {
  const char* name;
  std::uint16_t offset;
  FeiKind kind;
  std::uint16_t mask;
  std::uint8_t bit;
};

inline constexpr FeiField fei_fields[] = {
    {"Timestamp", 12, FeiKind::real, 8, 0},
    {"Microscope type", 20, FeiKind::text, 8, 1},
    {"D-Number", 36, FeiKind::text, 8, 2},
    {"Application", 52, FeiKind::text, 8, 3},
    {"Application version", 68, FeiKind::text, 8, 4},
    {"HT", 84, FeiKind::real, 8, 5},
    {"Dose", 92, FeiKind::real, 8, 6},
    {"Alpha tilt", 100, FeiKind::real, 8, 7},
    {"Beta tilt", 108, FeiKind::real, 8, 8},
    {"X-Stage", 116, FeiKind::real, 8, 9},
    {"Y-Stage", 124, FeiKind::real, 8, 10},
    {"Z-Stage", 132, FeiKind::real, 8, 11},
    {"Tilt axis angle", 140, FeiKind::real, 8, 12},
    {"Dual axis rotation", 148, FeiKind::real, 8, 13},
    {"Pixel size X", 156, FeiKind::real, 8, 14},
    {"Pixel size Y", 164, FeiKind::real, 8, 15},
    {"Defocus", 220, FeiKind::real, 8, 22},
    {"STEM Defocus", 228, FeiKind::real, 8, 23},
    {"Applied defocus", 236, FeiKind::real, 8, 24},
    {"Instrument mode", 244, FeiKind::integer, 8, 25},
    {"Projection mode", 248, FeiKind::integer, 8, 26},
    {"Objective lens mode", 252, FeiKind::text, 8, 27},
    {"High magnification mode", 268, FeiKind::text, 8, 28},
    {"Probe mode", 284, FeiKind::integer, 8, 29},
    {"EFTEM On", 288, FeiKind::truth, 8, 30},
    {"Magnification", 289, FeiKind::real, 8, 31},
    {"Camera length", 301, FeiKind::real, 297, 0},
    {"Spot index", 309, FeiKind::integer, 297, 1},
    {"Illuminated area", 313, FeiKind::real, 297, 2},
    {"Intensity", 321, FeiKind::real, 297, 3},
    {"Convergence angle", 329, FeiKind::real, 297, 4},
    {"Illumination mode", 337, FeiKind::text, 297, 5},
    {"Wide convergence angle range", 353, FeiKind::truth, 297, 6},
    {"Slit inserted", 354, FeiKind::truth, 297, 7},
    {"Slit width", 355, FeiKind::real, 297, 8},
    {"Acceleration voltage offset", 363, FeiKind::real, 297, 9},
    {"Drift tube voltage", 371, FeiKind::real, 297, 10},
    {"Energy shift", 379, FeiKind::real, 297, 11},
    {"Shift offset X", 387, FeiKind::real, 297, 12},
    {"Shift offset Y", 395, FeiKind::real, 297, 13},
    {"Shift X", 403, FeiKind::real, 297, 14},
    {"Shift Y", 411, FeiKind::real, 297, 15},
    {"Integration time", 419, FeiKind::real, 297, 16},
    {"Binning Width", 427, FeiKind::integer, 297, 17},
    {"Binning Height", 431, FeiKind::integer, 297, 18},
    {"Camera name", 435, FeiKind::text, 297, 19},
    {"Readout area left", 451, FeiKind::integer, 297, 20},
    {"Readout area top", 455, FeiKind::integer, 297, 21},
    {"Readout area right", 459, FeiKind::integer, 297, 22},
    {"Readout area bottom", 463, FeiKind::integer, 297, 23},
    {"Ceta noise reduction", 467, FeiKind::truth, 297, 24},
    {"Ceta frames summed", 468, FeiKind::integer, 297, 25},
    {"Direct detector electron counting", 472, FeiKind::truth, 297, 26},
    {"Direct detector align frames", 473, FeiKind::truth, 297, 27},
    {"Phase Plate", 518, FeiKind::truth, 490, 6},
    {"STEM Detector name", 519, FeiKind::text, 490, 7},
    {"Gain", 535, FeiKind::real, 490, 8},
    {"Offset", 543, FeiKind::real, 490, 9},
    {"Dwell time", 571, FeiKind::real, 490, 15},
    {"Frame time", 579, FeiKind::real, 490, 16},
    {"Scan size left", 587, FeiKind::integer, 490, 17},
    {"Scan size top", 591, FeiKind::integer, 490, 18},
    {"Scan size right", 595, FeiKind::integer, 490, 19},
    {"Scan size bottom", 599, FeiKind::integer, 490, 20},
    {"Full scan FOV X", 603, FeiKind::real, 490, 21},
    {"Full scan FOV Y", 611, FeiKind::real, 490, 22},
    {"Element", 619, FeiKind::text, 490, 23},
    {"Energy interval lower", 635, FeiKind::real, 490, 24},
    {"Energy interval higher", 643, FeiKind::real, 490, 25},
    {"Method", 651, FeiKind::integer, 490, 26},
    {"Is dose fraction", 655, FeiKind::truth, 490, 27},
    {"Fraction number", 656, FeiKind::integer, 490, 28},
    {"Start frame", 660, FeiKind::integer, 490, 29},
    {"End frame", 664, FeiKind::integer, 490, 30},
    {"Input stack filename", 668, FeiKind::long_text, 490, 31},
    {"Alpha tilt min", 752, FeiKind::real, 748, 0},
    {"Alpha tilt max", 760, FeiKind::real, 748, 1},
    {"Scan rotation", 768, FeiKind::real, 748, 2},
    {"Diffraction pattern rotation", 776, FeiKind::real, 748, 3},
    {"Image rotation", 784, FeiKind::real, 748, 4},
    {"Scan mode enumeration", 792, FeiKind::integer, 748, 5},
    {"Acquisition time stamp", 796, FeiKind::wide, 748, 6},
    {"Detector commercial name", 804, FeiKind::text, 748, 7},
    {"Start tilt angle", 820, FeiKind::real, 748, 8},
    {"End tilt angle", 828, FeiKind::real, 748, 9},
    {"Tilt per image", 836, FeiKind::real, 748, 10},
    {"Tilt speed", 844, FeiKind::real, 748, 11},
    {"Beam center X pixel", 852, FeiKind::integer, 748, 12},
    {"Beam center Y pixel", 856, FeiKind::integer, 748, 13},
    {"CFEG flash timestamp", 860, FeiKind::wide, 748, 14},
    {"Phase plate position index", 868, FeiKind::integer, 748, 15},
    {"Objective aperture name", 872, FeiKind::text, 748, 16},
};

/// Bytes of an entry.
inline constexpr std::uint64_t fei1_bytes = 768, fei2_bytes = 888;

}  // namespace kinema::io
