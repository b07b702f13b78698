// A heap for kinema_reader in which reading or writing beyond a block, or after it was given back,
// ends the process instead of going on by chance.
#pragma once

namespace kinema::app {

/// From now on every block of memory is followed by a page that cannot be touched, until a gibibyte
/// of address space is spent. Nothing where a sanitizer does the same.
void guard_heap();

}  // namespace kinema::app
