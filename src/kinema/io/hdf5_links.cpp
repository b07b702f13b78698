// Links of HDF5, followed one at a time.
#include "kinema/io/hdf5_links.h"

#include "kinema/io/hdf5_error.h"

#include <set>
#include <sstream>

namespace kinema::io {
namespace {

constexpr int most_levels = 32, most_links_in_a_row = 8, most_links = 20'000;
constexpr std::size_t most_link_bytes = 1 << 16;

/// The value of a soft or external link, as HDF5 stores it.
std::vector<char> link_value(hid_t group, const std::string& name, std::size_t size) {
  if (size == 0 || size > most_link_bytes) return {};
  std::vector<char> value(size);
  if (H5Lget_val(group, name.c_str(), value.data(), value.size(), H5P_DEFAULT) < 0) return {};
  value.back() = '\0';
  return value;
}

FoundObject none(hid_t from, const std::string& what) {
  return {Hid(), hdf5_path(from).string() + ": " + what};
}

FoundObject follow(hid_t from, const std::string& path, int links);

FoundObject follow_external(hid_t group, const std::string& name, int links) {
  const auto target = external_target(group, name);
  if (!target) return none(group, "the link '" + name + "' is damaged");
  const auto file = named_file(group, target->file);
  if (!file) {
    return none(group,
                "'" + name + "' lies in " + target->file +
                    ", outside this file's folder, and is not followed; open that file itself");
  }
  if (!std::filesystem::exists(*file)) {
    return none(
        group,
        "'" + name + "' lies in " + target->file + ", which is not beside this file; put it there");
  }
  const Hid other = open_hdf5(*file, Hdf5Access::read);
  return follow(other, "/" + target->path, links + 1);
}

/// A group, or a dataset whose external and virtual parts are looked for beside its file.
Hid open_hard(hid_t group, const std::string& name) {
  H5O_info_t info;
  if (H5Oget_info_by_name2(group, name.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0) {
    return Hid();
  }
  if (info.type != H5O_TYPE_DATASET) return Hid(H5Oopen(group, name.c_str(), H5P_DEFAULT));
  const Hid access(H5Pcreate(H5P_DATASET_ACCESS));
  H5Pset_efile_prefix(access, "${ORIGIN}");
  H5Pset_virtual_prefix(access, "${ORIGIN}");
  return Hid(H5Dopen2(group, name.c_str(), access));
}

FoundObject follow_step(hid_t group, const std::string& name, int links) {
  if (!is_group(group)) return none(group, "there is no group that holds '" + name + "'");
  H5L_info_t info;
  if (H5Lget_info(group, name.c_str(), &info, H5P_DEFAULT) < 0) {
    return none(group, "there is no '" + name + "'");
  }
  if (links > most_links_in_a_row) return none(group, "'" + name + "' links to itself");
  if (info.type == H5L_TYPE_HARD) {
    Hid object = open_hard(group, name);
    if (object.is_open()) return {std::move(object), ""};
    return none(group, "'" + name + "' cannot be read: " + hdf5_reason());
  }
  if (info.type == H5L_TYPE_EXTERNAL) return follow_external(group, name, links);
  if (info.type != H5L_TYPE_SOFT) return none(group, "'" + name + "' is a link of unknown kind");
  const std::vector<char> value = link_value(group, name, info.u.val_size);
  if (value.empty()) return none(group, "the link '" + name + "' is damaged");
  return follow(group, value.data(), links + 1);
}

FoundObject follow(hid_t from, const std::string& path, int links) {
  silence_hdf5();
  FoundObject at{Hid(H5Oopen(from, path.starts_with('/') ? "/" : ".", H5P_DEFAULT)), ""};
  if (!at.object.is_open()) return none(from, "the root group cannot be read: " + hdf5_reason());
  std::istringstream steps(path);
  for (std::string step; at.object.is_open() && std::getline(steps, step, '/');) {
    if (!step.empty() && step != ".") at = follow_step(at.object, step, links);
  }
  H5Eclear2(H5E_DEFAULT);
  return at;
}

/// What tells an object from all others, however it is linked.
using Identity = std::pair<unsigned long, haddr_t>;

std::optional<Identity> identity_of(hid_t object) {
  H5O_info_t info;
  if (H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0) return std::nullopt;
  return Identity{info.fileno, info.addr};
}

struct Walk {
  const std::function<void(const std::string&, hid_t)>& visit;
  std::set<Identity> seen = {};
  int links = 0;
  std::string broken = {};  // why the first link that leads nowhere does

  void below(hid_t group, const std::string& path, int level) {
    if (level > most_levels) return;
    for (const std::string& name : link_names(group)) {
      if (++links > most_links) return;
      const FoundObject found = follow_path(group, name);
      if (!found.object.is_open() && broken.empty()) broken = found.reason;
      const auto identity = identity_of(found.object);
      if (!identity || !seen.insert(*identity).second) continue;
      const std::string at = path.empty() ? name : path + "/" + name;
      visit(at, found.object);
      if (is_group(found.object)) below(found.object, at, level + 1);
    }
  }
};

}  // namespace

FoundObject follow_path(hid_t from, const std::string& path) {
  return follow(from, path, 0);
}

Hid find_object(hid_t from, const std::string& path) {
  return follow_path(from, path).object;
}

Hid require_object(hid_t from, const std::string& path) {
  FoundObject found = follow_path(from, path);
  if (found.object.is_open()) return std::move(found.object);
  throw InputError(found.reason);
}

std::optional<ExternalTarget> external_target(hid_t group, const std::string& name) {
  silence_hdf5();
  H5L_info_t info;
  if (H5Lget_info(group, name.c_str(), &info, H5P_DEFAULT) < 0) return std::nullopt;
  if (info.type != H5L_TYPE_EXTERNAL) return std::nullopt;
  const std::vector<char> value = link_value(group, name, info.u.val_size);
  const char *file = nullptr, *path = nullptr;
  unsigned flags = 0;
  if (value.empty() || H5Lunpack_elink_val(value.data(), value.size(), &flags, &file, &path) < 0) {
    return std::nullopt;
  }
  return ExternalTarget{file, path};
}

std::optional<std::filesystem::path> named_file(hid_t object, const std::string& name) {
  const std::filesystem::path folder = hdf5_path(object).parent_path();
  const auto backslash = name.rfind('\\');  // a path of Windows
  if (backslash != std::string::npos) return folder / name.substr(backslash + 1);
  const std::filesystem::path path = std::filesystem::path(name).lexically_normal();
  if (path.is_absolute()) return folder / path.filename();
  if (path.empty() || path == "." || *path.begin() == "..") return std::nullopt;
  return folder / path;
}

bool is_group(hid_t object) {
  return H5Iget_type(object) == H5I_GROUP;
}
bool is_dataset(hid_t object) {
  return H5Iget_type(object) == H5I_DATASET;
}

bool is_same_object(hid_t one, hid_t other) {
  const auto identity = identity_of(one);
  return identity && identity == identity_of(other);
}

std::string visit_objects(hid_t group,
                          const std::function<void(const std::string&, hid_t)>& visit) {
  Walk walk{.visit = visit};
  walk.below(group, "", 0);
  return walk.broken;
}

}  // namespace kinema::io
