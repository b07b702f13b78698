// kinema_lammps: LAMMPS as a process of its own. kinema starts it, with its end of a socket as
// descriptor 3, and asks as lammps_protocol.h says. What LAMMPS prints goes to standard output,
// which kinema keeps: its last words say why it ended. Not for people.
//
// This program is linked with LAMMPS and therefore under the GNU General Public License, version 2.
#include "kinema/md/lammps_protocol.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <lammps/library.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using kinema::md::lammps_socket;
using kinema::md::LammpsRequest;

struct Request {
  LammpsRequest kind{};
  std::string text;
  std::vector<char> data;
};

bool receive(void* to, std::size_t bytes) {
  auto* at = static_cast<char*>(to);
  while (bytes > 0) {
    const ssize_t got = recv(lammps_socket, at, bytes, 0);
    if (got <= 0) return false;
    at += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

bool receive(Request& request) {
  kinema::md::LammpsRequestHead head;
  if (!receive(&head, sizeof head)) return false;
  request.kind = static_cast<LammpsRequest>(head.request);
  request.text.resize(head.text_bytes);
  request.data.resize(head.data_bytes);
  return receive(request.text.data(), request.text.size()) &&
         receive(request.data.data(), request.data.size());
}

bool send_all(const void* from, std::size_t bytes) {
  const auto* at = static_cast<const char*>(from);
  while (bytes > 0) {
    const ssize_t put = send(lammps_socket, at, bytes, MSG_NOSIGNAL);
    if (put <= 0) return false;
    at += put;
    bytes -= static_cast<std::size_t>(put);
  }
  return true;
}

bool answer(const void* data, std::size_t bytes) {
  const kinema::md::LammpsAnswerHead head{bytes};
  return send_all(&head, sizeof head) && send_all(data, bytes);
}

/// Atoms at the positions given, with ids 1, 2, ...
void create(void* lammps, const Request& request) {
  const int count = std::atoi(request.text.c_str());
  const auto* positions = reinterpret_cast<const double*>(request.data.data());
  const auto* types = reinterpret_cast<const int*>(positions + std::size_t{3} * count);
  std::vector<int> ids(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) ids[static_cast<std::size_t>(i)] = i + 1;
  lammps_create_atoms(lammps, count, ids.data(), types, positions, nullptr, nullptr, 1);
}

bool serve(void* lammps, Request& request) {
  switch (request.kind) {
    case LammpsRequest::version: {
      const std::string version = std::to_string(lammps_version(lammps));
      return answer(version.data(), version.size());
    }
    case LammpsRequest::command:
      lammps_command(lammps, request.text.c_str());
      return answer(nullptr, 0);
    case LammpsRequest::create:
      create(lammps, request);
      return answer(nullptr, 0);
    case LammpsRequest::gather: {
      const bool is_vector = request.text == "x" || request.text == "f";
      const int each = is_vector ? 3 : 1;
      std::vector<double> values(each * static_cast<std::size_t>(lammps_get_natoms(lammps)));
      lammps_gather(lammps, request.text.data(), 1, each, values.data());
      return answer(values.data(), values.size() * sizeof(double));
    }
    case LammpsRequest::thermo: {
      const double value = lammps_get_thermo(lammps, request.text.c_str());
      return answer(&value, sizeof value);
    }
  }
  return false;
}

/// Ends the process as soon as kinema is gone or has hung up, even while LAMMPS works.
void end_with_parent(pid_t parent) {
  pollfd socket{lammps_socket, POLLRDHUP, 0};
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

int main(int argc, char** /*argv*/) {
  if (argc != 1 || !is_socket(lammps_socket)) {
    std::fputs("kinema_lammps is started by kinema, for molecular dynamics\n", stderr);
    return 2;
  }
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGPIPE, SIGTSTP}) {
    std::signal(signal, SIG_IGN);
  }
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  std::thread(end_with_parent, getppid()).detach();
  const char* arguments[] = {"kinema_lammps", "-log", "none", "-nocite"};
  void* lammps = lammps_open_no_mpi(4, const_cast<char**>(arguments), nullptr);
  Request request;
  while (lammps != nullptr && receive(request) && serve(lammps, request)) {
  }
  std::_Exit(0);
}
