// HDF5's types as pixel types, and back.
#include "kinema/io/hdf5_pixels.h"

#include "kinema/io/hdf5_error.h"

#include <array>
#include <cctype>
#include <memory>
#include <vector>

namespace kinema::io {
namespace {

Hdf5Pixels refused(const std::string& what) {
  return {PixelType::u8, Hid(), what + ", which are no pixels"};
}

Hdf5Pixels as_grey(PixelType type) {
  return {type, hdf5_type(type), ""};
}

PixelType integer_of(std::size_t bytes, bool has_sign) {
  if (bytes <= 1) return has_sign ? PixelType::i8 : PixelType::u8;
  if (bytes == 2) return has_sign ? PixelType::i16 : PixelType::u16;
  if (bytes <= 4) return has_sign ? PixelType::i32 : PixelType::u32;
  return has_sign ? PixelType::i64 : PixelType::u64;
}

PixelType float_of(hid_t type) {
  std::size_t sign = 0, exponent = 0, exponent_bits = 0, mantissa = 0, mantissa_bits = 0;
  H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits);
  const std::size_t bytes = H5Tget_size(type);
  if (bytes == 2 && exponent_bits == 5 && mantissa_bits == 10) return PixelType::f16;
  return bytes <= 4 ? PixelType::f32 : PixelType::f64;
}

/// A bool as h5py writes it and other enums: their integers. A bool is 0 or 1, without sign.
Hdf5Pixels enum_pixels(hid_t type) {
  const Hid base(H5Tget_super(type));
  const bool has_sign = H5Tget_sign(base) == H5T_SGN_2;
  if (H5Tget_size(type) == 1) return {PixelType::u8, Hid(H5Tcopy(type)), ""};
  return as_grey(integer_of(H5Tget_size(base), has_sign));
}

struct Member {
  std::string name;
  Hid type;
};

std::vector<Member> members_of(hid_t type) {
  std::vector<Member> members;
  const int count = H5Tget_nmembers(type);
  for (int i = 0; i < count && count <= 4; ++i) {
    const auto index = static_cast<unsigned>(i);
    const std::unique_ptr<char, herr_t (*)(void*)> name(H5Tget_member_name(type, index),
                                                        H5free_memory);
    members.push_back({name == nullptr ? "" : name.get(), Hid(H5Tget_member_type(type, index))});
  }
  return members;
}

/// A compound of these members, one after another without gaps, each `each` as in memory.
Hid packed(const std::vector<Member>& members, PixelType each) {
  const auto bytes = static_cast<std::size_t>(bytes_of(each));
  Hid type(H5Tcreate(H5T_COMPOUND, members.size() * bytes));
  for (std::size_t i = 0; i < members.size(); ++i) {
    H5Tinsert(type, members[i].name.c_str(), i * bytes, hdf5_type(each));
  }
  return type;
}

bool is_colour_order(const std::vector<Member>& members) {
  constexpr char order[] = {'r', 'g', 'b', 'a'};
  for (std::size_t i = 0; i < members.size(); ++i) {
    const std::string& name = members[i].name;
    if (name.empty() || std::tolower(static_cast<unsigned char>(name[0])) != order[i]) return false;
  }
  return true;
}

Hdf5Pixels compound_pixels(hid_t type) {
  const std::vector<Member> members = members_of(type);
  const auto all = [&](H5T_class_t number, std::size_t bytes) {
    for (const Member& member : members) {
      if (H5Tget_class(member.type) != number || H5Tget_size(member.type) != bytes) return false;
    }
    return true;
  };
  if (members.size() == 2 && all(H5T_FLOAT, 4)) {
    return {PixelType::c64, packed(members, PixelType::f32), ""};
  }
  if (members.size() == 2 && all(H5T_FLOAT, 8)) {
    return {PixelType::c128, packed(members, PixelType::f64), ""};
  }
  if ((members.size() == 3 || members.size() == 4) && all(H5T_INTEGER, 1) &&
      is_colour_order(members)) {
    return {
        members.size() == 3 ? PixelType::rgb : PixelType::rgba, packed(members, PixelType::u8), ""};
  }
  return refused("holds records of " + std::to_string(H5Tget_nmembers(type)) + " fields");
}

}  // namespace

Hdf5Pixels hdf5_pixels(hid_t dataset) {
  const Hid type = readable(H5Dget_type(dataset), dataset, "the type of a dataset");
  const std::size_t bytes = H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      if (bytes > 8) return refused("holds integers of " + std::to_string(bytes) + " bytes");
      return as_grey(integer_of(bytes, H5Tget_sign(type) == H5T_SGN_2));
    case H5T_FLOAT:
      return as_grey(float_of(type));
    case H5T_ENUM:
      return enum_pixels(type);
    case H5T_COMPOUND:
      return compound_pixels(type);
    case H5T_STRING:
      return refused("holds texts");
    case H5T_OPAQUE:
      return refused("holds opaque bytes");
    case H5T_BITFIELD:
      return refused("holds bit fields");
    default:
      return refused("holds elements of another kind (references, lists)");
  }
}

Hid hdf5_pixel_type(PixelType type) {
  if (is_complex(type)) {
    std::vector<Member> parts(2);
    parts[0].name = "r";
    parts[1].name = "i";
    return packed(parts, type == PixelType::c64 ? PixelType::f32 : PixelType::f64);
  }
  if (!is_colour(type)) return hdf5_type(type);
  std::vector<Member> channels(type == PixelType::rgb ? 3 : 4);
  for (std::size_t i = 0; i < channels.size(); ++i) channels[i].name = std::string(1, "RGBA"[i]);
  return packed(channels, PixelType::u8);
}

}  // namespace kinema::io
