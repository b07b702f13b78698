// kinema_reader: the reader process. kinema starts it, with its end of a socket and shared memory
// as descriptors 3 and 4; it reads one file and says what is in it. Not for people.
//
//   kinema_reader read FILE     answers about a movie
//   kinema_reader probe FILE    looks through a file; its heap forgives nothing
#include "kinema/io/reader_protocol.h"
#include "kinema/io/reader_server.h"

#include "reader_heap.h"
#include <csignal>
#include <cstdio>
#include <malloc.h>
#include <poll.h>
#include <string_view>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace {

/// The parent ends this process when it is done; what the terminal sends is for the parent alone.
void ignore_signals() {
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ, SIGTSTP}) {
    std::signal(signal, SIG_IGN);
  }
}

void give_up_rights() {
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
  mallopt(M_ARENA_MAX, 4);  // every arena reserves 64 MiB of the address space that is given
}

/// Ends the process as soon as the parent is gone, even while a library works. (The kernel's signal
/// for a parent's death comes when the thread ends that started this process, which is too early.)
void end_with_parent(pid_t parent) {
  pollfd socket{kinema::io::reader_socket, POLLRDHUP, 0};
  while (getppid() == parent) {
    if (poll(&socket, 1, 1000) > 0) break;
  }
  _exit(0);
}

bool is_socket(int descriptor) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 || !is_socket(kinema::io::reader_socket)) {
    std::fputs("kinema_reader is started by kinema, for files that it reads\n", stderr);
    return 2;
  }
  ignore_signals();
  give_up_rights();
  std::thread(end_with_parent, getppid()).detach();
  if (std::string_view(argv[1]) == "probe") kinema::app::guard_heap();
  kinema::io::serve_reader(argv[2]);
  _exit(0);
}
