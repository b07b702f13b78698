// Messages over the socket, and a movie's description as JSON.
#include "kinema/io/reader_protocol.h"

#include <cerrno>
#include <poll.h>
#include <sys/socket.h>

namespace kinema::io {
namespace {

constexpr int most_levels = 64;
constexpr std::int64_t most_values = 1'000'000;
constexpr Index most_frame_bytes = Index{8} << 30;
constexpr Index most_extent = Index{1} << 31;
constexpr int poll_milliseconds = 20;

struct MessageHead {
  std::uint32_t kind = 0, unused = 0;
  std::uint64_t bytes = 0;
};

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

template <class T>
void put(Json& json, const char* name, const Fact<T>& fact) {
  if (!fact) return;
  if constexpr (std::is_same_v<T, PixelSize>) {
    json[name] = {{"x", fact->x.value}, {"y", fact->y.value}};
  } else if constexpr (requires { fact->value; }) {
    json[name] = {{"value", fact->value}};
  } else {
    json[name] = {{"value", *fact}};
  }
  json[name]["source"] = fact.source;
}

template <class T>
void take(const Json& json, const char* name, Fact<T>& fact) {
  if (!json.contains(name)) return;
  const Json& found = json.at(name);
  const auto source = found.at("source").get<std::string>();
  if constexpr (std::is_same_v<T, PixelSize>) {
    fact = {PixelSize{{found.at("x").get<double>()}, {found.at("y").get<double>()}}, source};
  } else if constexpr (std::is_same_v<T, std::string>) {
    fact = {found.at("value").get<std::string>(), source};
  } else {
    fact = {T{found.at("value").get<double>()}, source};
  }
}

/// JSON has no numbers that are not finite: they become null, and 0 on the other side.
double number_or_zero(const Json& json) {
  return json.is_null() ? 0.0 : json.get<double>();
}

Json info_json(const MovieInfo& info) {
  Json json = Json::object();
  put(json, "pixel_size", info.pixel_size);
  put(json, "frame_time", info.frame_time);
  put(json, "voltage", info.voltage);
  put(json, "dose", info.dose);
  put(json, "detector", info.detector);
  put(json, "date", info.date);
  json["axes"] = Json::array();
  for (const Axis& axis : info.axes) {
    json["axes"].push_back({axis.name, axis.size, axis.step, axis.origin, axis.unit});
  }
  json["dataset"] = info.dataset;
  json["datasets"] = info.datasets;
  json["notes"] = info.notes;
  return json;
}

MovieInfo info_from(const Json& json) {
  MovieInfo info;
  take(json, "pixel_size", info.pixel_size);
  take(json, "frame_time", info.frame_time);
  take(json, "voltage", info.voltage);
  take(json, "dose", info.dose);
  take(json, "detector", info.detector);
  take(json, "date", info.date);
  for (const Json& axis : json.at("axes")) {
    info.axes.push_back({axis.at(0).get<std::string>(),
                         axis.at(1).get<Index>(),
                         number_or_zero(axis.at(2)),
                         number_or_zero(axis.at(3)),
                         axis.at(4).get<std::string>()});
  }
  info.dataset = json.at("dataset").get<std::string>();
  info.datasets = json.at("datasets").get<std::vector<std::string>>();
  info.notes = json.at("notes").get<std::vector<std::string>>();
  return info;
}

FrameFormat format_from(const Json& json) {
  const auto type = pixel_type_named(json.at("type").get<std::string>());
  const FrameFormat format{
      type.value_or(PixelType::u8), json.at("height").get<Index>(), json.at("width").get<Index>()};
  const auto possible = [](Index extent) { return extent > 0 && extent < most_extent; };
  if (!type || !possible(format.height) || !possible(format.width) ||
      format.bytes() > most_frame_bytes) {
    throw InputError("frames of " + std::to_string(format.height) + " x " +
                     std::to_string(format.width) + " pixels are larger than 8 GiB or of no size");
  }
  return format;
}

}  // namespace

bool Channel::send(ReaderMessage kind, std::string_view text) {
  const MessageHead head{static_cast<std::uint32_t>(kind), 0, text.size()};
  return send_all(socket_.get(), packed(head)) && send_all(socket_.get(), text);
}

Arrival Channel::receive(Message& message, const Patience& patience) {
  MessageHead head;
  const Arrival arrival = fill({reinterpret_cast<char*>(&head), sizeof head}, patience);
  if (arrival != Arrival::complete) return arrival;
  if (head.bytes > most_message_bytes || head.unused != 0) return Arrival::broken;
  message.kind = static_cast<ReaderMessage>(head.kind);
  message.text.resize(static_cast<std::size_t>(head.bytes));
  return fill(message.text, patience);
}

Arrival Channel::fill(std::span<char> out, const Patience& patience) {
  while (!out.empty()) {
    pollfd waiting{socket_.get(), POLLIN, 0};
    const int ready = poll(&waiting, 1, patience ? poll_milliseconds : -1);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) {
      if (!patience()) return Arrival::late;
      continue;
    }
    const ssize_t got = ready < 0 ? -1 : recv(socket_.get(), out.data(), out.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return Arrival::closed;
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return Arrival::complete;
}

std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json bounded_json(std::string_view text) {
  std::int64_t values = 0;
  const auto count = [&](int depth, Json::parse_event_t, const Json&) {
    if (depth > most_levels || ++values > most_values) {
      throw InputError("more than 64 levels or a million values");
    }
    return true;
  };
  try {
    return Json::parse(text, count);
  } catch (const Json::exception&) {
    throw InputError("it is not JSON");
  }
}

Json to_json(const MovieDescription& description) {
  return {{"type", to_text(description.format.type)},
          {"height", description.format.height},
          {"width", description.format.width},
          {"frames", description.frames ? Json(*description.frames) : Json()},
          {"info", info_json(description.info)},
          {"plain_offset", description.plain_offset ? Json(*description.plain_offset) : Json()}};
}

MovieDescription description_from(const Json& json) {
  try {
    MovieDescription description{format_from(json), {}, info_from(json.at("info")), {}};
    if (const Json place = json.value("plain_offset", Json()); !place.is_null()) {
      description.plain_offset = place.get<std::uint64_t>();
    }
    if (!json.at("frames").is_null()) description.frames = json.at("frames").get<Index>();
    if (description.frames) {
      if (*description.frames < 0) throw InputError("the number of frames is negative");
      checked_product(*description.frames, description.format.bytes());
    }
    return description;
  } catch (const Json::exception&) {
    throw InputError("the description of the movie is not whole");
  }
}

}  // namespace kinema::io
