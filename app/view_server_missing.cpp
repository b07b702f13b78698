// In place of view_server.cpp where cpp-httplib was missing when kinema was built.
#include "kinema/base/error.h"

#include "view_server.h"

namespace kinema::app {

struct WebServer::State {
  std::string address;
};

WebServer::WebServer(std::optional<int>, WebHandler) {
  throw InputError(
      "view: this kinema was built without cpp-httplib; install it (Debian's package "
      "libcpp-httplib-dev) and build again");
}
WebServer::~WebServer() = default;

const std::string& WebServer::address() const {
  return state_->address;
}
Index WebServer::requests() const {
  return 0;
}
double WebServer::idle_seconds() const {
  return 0.0;
}

}  // namespace kinema::app
