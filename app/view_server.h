// The web server of `kinema view`: on 127.0.0.1 alone, for those who know its token.
#pragma once

#include "kinema/base/array.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kinema::app {

struct WebAnswer {
  int status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body = {};
  std::map<std::string, std::string> headers = {};
};

/// Answers a GET: `path` is what follows the token ("" is the page), `query` its parameters. Called
/// by several threads at once; may throw.
using WebHandler =
    std::function<WebAnswer(const std::string& path, const std::map<std::string, std::string>&)>;

class WebServer {
 public:
  /// Listens at `port`, or at a free one. Throws InputError where the port is taken, or kinema was
  /// built without a web server.
  WebServer(std::optional<int> port, WebHandler handler);
  ~WebServer();

  /// "http://127.0.0.1:PORT/TOKEN/". Requests without the token, and those that reached this
  /// machine under another name than 127.0.0.1 or localhost, are refused with 403.
  const std::string& address() const;
  /// Requests that were answered, and seconds since the last one (or the start) began or ended.
  Index requests() const;
  double idle_seconds() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kinema::app
