// dlopen with a clear word when it fails.
#include "kinema/base/module.h"

#include "kinema/base/error.h"

#include <cstdlib>
#include <dlfcn.h>
#include <link.h>
#include <map>
#include <mutex>
#include <vector>

namespace kinema {
namespace {

/// Of the shared object that holds the library, or of the program where it is part of that.
std::filesystem::path folder_of_this_code() {
  Dl_info info{};
  link_map* object = nullptr;
  const bool found = dladdr1(reinterpret_cast<void*>(&folder_of_this_code),
                             &info,
                             reinterpret_cast<void**>(&object),
                             RTLD_DL_LINKMAP) != 0;
  if (found && object != nullptr && object->l_name != nullptr && *object->l_name != '\0') {
    std::error_code ignored;
    const auto real = std::filesystem::canonical(object->l_name, ignored);
    if (!ignored) return real.parent_path();
  }
  return std::filesystem::canonical("/proc/self/exe").parent_path();
}

/// The first of `folders`, seen from here and after KINEMA_MODULE_PATH, that holds `file`.
std::filesystem::path find_in(const std::vector<const char*>& folders, const std::string& file) {
  std::vector<std::filesystem::path> places;
  if (const char* extra = std::getenv("KINEMA_MODULE_PATH")) places.emplace_back(extra);
  const std::filesystem::path here = folder_of_this_code();
  for (const char* folder : folders) places.push_back(here / folder);
  for (const auto& place : places) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(place / file, ignored)) {
      return (place / file).lexically_normal();
    }
  }
  return {};
}

}  // namespace

std::filesystem::path find_module(const std::string& name) {
  // From bin/, from lib/pythonX/dist-packages/kinema/.
  return find_in({".", "../lib/kinema", "../modules", "../../kinema", "../../../kinema"},
                 "libkinema_" + name + ".so");
}

std::filesystem::path find_program(const std::string& name) {
  // From a build tree's tests/ and python/kinema/ too.
  return find_in({".", "../lib/kinema", "../../kinema", "../../../kinema", "..", "../.."}, name);
}

void* module_symbol(const std::string& name, const std::string& symbol, const std::string& mend) {
  static std::mutex mutex;
  static std::map<std::string, void*> loaded;
  const std::lock_guard lock(mutex);
  void*& handle = loaded[name];
  if (handle == nullptr) {
    const std::filesystem::path path = find_module(name);
    if (path.empty()) {
      throw InputError("the part '" + name + "' was not built into this kinema; " + mend);
    }
    handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
      const char* reason = dlerror();
      throw InputError("the part '" + name + "' cannot be loaded (" +
                       (reason != nullptr ? reason : "unknown reason") + "); " + mend);
    }
  }
  void* function = dlsym(handle, symbol.c_str());
  if (function == nullptr) {
    throw InputError("the part '" + name + "' is of another version than this kinema; " + mend);
  }
  return function;
}

}  // namespace kinema
