#include "view_server.h"

#include "kinema/base/error.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <httplib.h>
#include <random>
#include <thread>

namespace kinema::app {
namespace {

constexpr const char* host = "127.0.0.1";
constexpr int keep_alive_seconds = 1;  // how long ending waits for idle connections
constexpr int threads_for_requests = 12;

/// 128 random bits of the system.
std::string random_token() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

/// Compares in a time that does not tell where texts differ.
bool is_same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<unsigned>(a[i] ^ b[i]);
  return difference == 0;
}

std::int64_t now_milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// What browsers may do with an answer: nothing beyond this page.
httplib::Headers guarding_headers() {
  return {{"Cache-Control", "no-store"},
          {"Cross-Origin-Resource-Policy", "same-origin"},
          {"Cross-Origin-Opener-Policy", "same-origin"},
          {"Referrer-Policy", "no-referrer"},
          {"X-Content-Type-Options", "nosniff"},
          {"X-Frame-Options", "DENY"}};
}

void refuse(httplib::Response& answer, int status, const std::string& text) {
  answer.status = status;
  answer.set_content(text, "text/plain; charset=utf-8");
}

}  // namespace

struct WebServer::State {
  WebHandler handler;
  std::string token = random_token();
  int port = 0;
  std::string address;
  httplib::Server server;
  std::atomic<Index> requests = 0;
  std::atomic<std::int64_t> last = now_milliseconds();
  std::thread listener;

  void set_up() {
    server.set_socket_options([](int socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server.new_task_queue = [] { return new httplib::ThreadPool(threads_for_requests); };
    server.set_keep_alive_timeout(keep_alive_seconds);
    server.set_keep_alive_max_count(1'000'000);
    server.set_tcp_nodelay(true);
    server.set_default_headers(guarding_headers());
    server.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& answer) {
          respond(request, answer);
          return httplib::Server::HandlerResponse::Handled;
        });
  }

  /// Pages of other places reach this machine under their own names, which their Host tells.
  bool is_for_us(const httplib::Request& request) const {
    const std::string asked = request.get_header_value("Host");
    return asked == fmt::format("{}:{}", host, port) || asked == fmt::format("localhost:{}", port);
  }

  void respond(const httplib::Request& request, httplib::Response& answer) {
    const std::size_t slash = request.path.find('/', 1);
    const std::string given =
        request.path.substr(1, slash == std::string::npos ? slash : slash - 1);
    if (!is_for_us(request)) return refuse(answer, 403, "kinema view: asked under a wrong name");
    if (!is_same(given, token)) return refuse(answer, 403, "kinema view: a wrong token");
    if (request.method != "GET" && request.method != "HEAD") {
      return refuse(answer, 405, "kinema view: answers to GET alone");
    }
    last = now_milliseconds();
    if (slash == std::string::npos) {
      answer.set_redirect("/" + token + "/");
      return;
    }
    hand_over(request.path.substr(slash + 1), request, answer);
    last = now_milliseconds();
    ++requests;
  }

  void hand_over(const std::string& path,
                 const httplib::Request& request,
                 httplib::Response& answer) {
    try {
      WebAnswer made = handler(path, {request.params.begin(), request.params.end()});
      answer.status = made.status;
      for (const auto& [name, value] : made.headers) answer.set_header(name, value);
      answer.set_content(std::move(made.body), made.type);
    } catch (const InputError& error) {
      refuse(answer, 400, error.what());
    } catch (const std::exception& error) {
      refuse(answer, 500, error.what());
    }
  }
};

WebServer::WebServer(std::optional<int> port, WebHandler handler)
    : state_(std::make_unique<State>()) {
  state_->handler = std::move(handler);
  state_->set_up();
  if (port && (*port < 1 || *port > 65535)) {
    throw InputError(fmt::format("view: port {} is none; give 1 to 65535", *port));
  }
  if (port && !state_->server.bind_to_port(host, *port)) {
    throw InputError(
        fmt::format("view: port {} is taken; leave --port away for a free one", *port));
  }
  state_->port = port ? *port : state_->server.bind_to_any_port(host);
  if (state_->port < 1) throw IoError("view", "this machine gives no port on 127.0.0.1");
  state_->address = fmt::format("http://{}:{}/{}/", host, state_->port, state_->token);
  state_->listener = std::thread([this] { state_->server.listen_after_bind(); });
  while (!state_->server.is_running())
    std::this_thread::yield();  // what does not run is not stopped
}

WebServer::~WebServer() {
  state_->server.stop();
  state_->listener.join();
}

const std::string& WebServer::address() const {
  return state_->address;
}

Index WebServer::requests() const {
  return state_->requests;
}

double WebServer::idle_seconds() const {
  return static_cast<double>(now_milliseconds() - state_->last) * 1e-3;
}

}  // namespace kinema::app
