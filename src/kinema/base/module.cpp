// dlopen with a clear word when it fails.
#include "kinema/base/module.h"

#include "kinema/base/error.h"

#include <cstdlib>
#include <dlfcn.h>
#include <map>
#include <mutex>
#include <vector>

namespace kinema {
namespace {

std::filesystem::path folder_of_this_code() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(&folder_of_this_code), &info) != 0 &&
      info.dli_fname != nullptr) {
    std::error_code ignored;
    const auto real = std::filesystem::canonical(info.dli_fname, ignored);
    if (!ignored) return real.parent_path();
  }
  return std::filesystem::canonical("/proc/self/exe").parent_path();
}

}  // namespace

std::filesystem::path find_module(const std::string& name) {
  const std::string file = "libkinema_" + name + ".so";
  const std::filesystem::path here = folder_of_this_code();
  std::vector<std::filesystem::path> folders{
      here, here / "../lib/kinema", here / "../modules", here / "../../kinema"};
  if (const char* extra = std::getenv("KINEMA_MODULE_PATH")) folders.insert(folders.begin(), extra);
  for (const auto& folder : folders) {
    std::error_code ignored;
    if (std::filesystem::exists(folder / file, ignored)) return folder / file;
  }
  return {};
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
