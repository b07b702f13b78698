// Heavy parts (LibTorch, MPI) live in shared objects of their own, loaded when a command needs
// them: the program starts at once, and a missing part is one clear line.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace kinema {

/// Folders that are searched for modules: KINEMA_MODULE_PATH, beside the program, and the install
/// prefix's lib/kinema.
std::filesystem::path find_module(const std::string& name);

/// The program `name` that works for this one (`kinema_reader`): searched for in the same folders,
/// and in the folder above, where a build tree has it. Empty where it is not found.
std::filesystem::path find_program(const std::string& name);

/// The symbol `symbol` of module `name` (file libkinema_<name>.so), loaded on first use and kept.
/// Throws InputError that says which package mends it when the module cannot be loaded.
void* module_symbol(const std::string& name, const std::string& symbol, const std::string& mend);

/// The same as a function pointer of type F.
template <class F>
F* module_function(const std::string& name, const std::string& symbol, const std::string& mend) {
  return reinterpret_cast<F*>(module_symbol(name, symbol, mend));
}

}  // namespace kinema
