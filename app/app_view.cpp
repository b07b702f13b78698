// view: movies and containers in the browser, frame by frame as they are looked at.
#include "kinema/report/page.h"
#include "kinema/report/player.h"

#include <fmt/format.h>

#include "browser.h"
#include "verb.h"
#include "view_cache.h"
#include "view_movie.h"
#include "view_server.h"
#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <thread>

namespace kinema::app {
namespace {

constexpr std::size_t most_panes = 4;  // side by side
constexpr Index most_levels = 30;      // of a pyramid

struct ViewVerbOptions : io::ReadOptions {
  std::optional<int> port;
  bool browser = true;
  std::optional<Time> idle;

  static void fields(auto& self, auto&& visit) {
    visit("port", self.port, "of 127.0.0.1 where the page is served; auto takes a free one");
    visit("browser", self.browser, "open the page in the desktop's browser");
    visit("idle", self.idle, "end when nothing was asked for so long; auto goes on until Ctrl-C");
    io::ReadOptions::fields(self, visit);
  }
};

/// Panes that run in lockstep: those of one file, or of several of the same frame size.
struct ViewPlayer {
  std::vector<ViewFile*> files;
  std::vector<ViewPane*> panes;
};

/// Files of one frame size side by side, as far as there is room.
std::vector<ViewPlayer> players_of(const std::vector<std::unique_ptr<ViewFile>>& files) {
  std::vector<ViewPlayer> players;
  for (const auto& file : files) {
    const bool joins = !players.empty() &&
                       players.back().files.front()->frame_size() == file->frame_size() &&
                       players.back().panes.size() + file->panes().size() <= most_panes;
    if (!joins) players.emplace_back();
    players.back().files.push_back(file.get());
    for (const auto& pane : file->panes()) players.back().panes.push_back(pane.get());
  }
  return players;
}

/// Everything that is shown, and what the page asks for.
class View {
 public:
  View(std::vector<std::unique_ptr<ViewFile>> files, Index memory)
      : files_(std::move(files)), players_(players_of(files_)), cache_(memory) {}

  WebAnswer answer(const std::string& path, const std::map<std::string, std::string>& query) {
    if (path.empty()) return {200, "text/html; charset=utf-8", page(), {}};
    const auto number = [](const std::string& text) {
      Index value = -1;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      return error == std::errc() && end == text.data() + text.size() ? value : -1;
    };
    const std::size_t slash = path.find('/');
    const std::string kind = path.substr(0, slash);
    const Index which = slash == std::string::npos ? -1 : number(path.substr(slash + 1));
    if (kind == "players" && which >= 0 && which < static_cast<Index>(players_.size())) {
      const Json json = description(static_cast<std::size_t>(which));
      return {200, "application/json", json.dump(-1, ' ', false, replace_bytes), {}};
    }
    if (kind == "panes" && which >= 0 && which < static_cast<Index>(all_panes().size())) {
      const auto at = [&](const char* name) {
        return query.contains(name) ? number(query.at(name)) : -1;
      };
      return tile(*all_panes()[static_cast<std::size_t>(which)],
                  at("image"),
                  at("level"),
                  at("row"),
                  at("column"));
    }
    return {404, "text/plain; charset=utf-8", "kinema view: there is nothing here", {}};
  }

 private:
  static constexpr auto replace_bytes = Json::error_handler_t::replace;

  std::vector<ViewPane*> all_panes() const {
    std::vector<ViewPane*> panes;
    for (const ViewPlayer& player : players_) {
      panes.insert(panes.end(), player.panes.begin(), player.panes.end());
    }
    return panes;
  }

  WebAnswer tile(ViewPane& pane, Index image, Index level, Index row, Index column) {
    if (image < 0 || image >= pane.images()) throw InputError(fmt::format("no image {}", image));
    if (level < 0 || level > most_levels) throw InputError(fmt::format("no level {}", level));
    const auto found = cache_.level(pane, image, level);
    const std::vector<std::byte> numbers = report::tile_of(*found, row, column);
    return {200,
            "application/octet-stream",
            {reinterpret_cast<const char*>(numbers.data()), numbers.size()},
            {{"X-Kinema-Type", found->type}}};
  }

  /// What the page's player is told of one of ours.
  Json description(std::size_t which) const {
    const ViewPlayer& player = players_[which];
    std::size_t number = 0;
    for (std::size_t p = 0; p < which; ++p) number += players_[p].panes.size();
    Json panes = Json::array();
    for (const ViewFile* file : player.files) {
      for (const auto& pane : file->panes()) panes.push_back(pane_json(*file, *pane, number++));
    }
    const MovieInfo& info = player.files.front()->info();
    Index frames = 1;
    bool grows = false;
    for (ViewFile* file : player.files) {
      frames = std::max(frames, file->frames());
      grows = grows || file->grows();
    }
    return {{"kind", "player"},
            {"served", true},
            {"address", fmt::format("players/{}", which)},
            {"total_frames", frames},
            {"growing", grows},
            {"frame_seconds", info.frame_time ? Json(info.frame_time->value) : Json()},
            {"dose", report::dose_json(info.dose, info.pixel_size)},
            {"panes", std::move(panes)}};
  }

  Json pane_json(const ViewFile& file, ViewPane& pane, std::size_t number) const {
    Json json = pane.description();
    const std::optional<PixelSize>& pixel = file.info().pixel_size;
    const bool several = files_.size() > 1 && file.panes().size() > 1;
    if (several) json["name"] = file.name() + ": " + json["name"].get<std::string>();
    json["unit"] = "";
    json["diverging"] = false;
    json["offset"] = 0.0;
    json["scale"] = 1.0;
    json["pixel_angstrom"] = pixel ? Json(pixel->x.value) : Json();
    json["tiles"] = {{"address", fmt::format("panes/{}", number)},
                     {"levels", report::level_count(json["height"], json["width"])},
                     {"edge", report::tile_edge},
                     {"whole", json["whole"]},
                     {"slow", json.value("slow", "")}};
    return json;
  }

  std::string page() const {
    std::string title;
    for (const auto& file : files_) title += (title.empty() ? "" : ", ") + file->name();
    report::Page page(title, "kinema view");
    page.served();
    page.section(files_.size() == 1 ? "Movie" : "Movies");
    for (std::size_t p = 0; p < players_.size(); ++p) page.view(description(p), {});
    std::vector<report::Facts> facts;
    for (const auto& file : files_) {
      for (const std::string& note : file->info().notes) page.note(file->name() + ": " + note);
      facts.push_back(report::facts_of(file->name(), file->facts()));
    }
    page.section("Facts");
    page.facts(facts);
    return page.render();
  }

  std::vector<std::unique_ptr<ViewFile>> files_;
  std::vector<ViewPlayer> players_;
  ViewCache cache_;
};

Outcome view_files(const Arguments& arguments,
                   const ViewVerbOptions& options,
                   const Session& session) {
  std::vector<std::unique_ptr<ViewFile>> files;
  for (const std::string& path : arguments.all("FILE")) {
    files.push_back(open_view(path, options, session));
  }
  View view(std::move(files), session.memory() / 2);
  const WebServer server(options.port, [&](const std::string& path, const auto& query) {
    return view.answer(path, query);
  });
  session.tell({Json{{"address", server.address()}}, server.address() + "\n"});
  session.progress.note("Ctrl-C ends");
  const std::string opened = options.browser ? open_browser(server.address()) : "";
  while (!session.progress.stop_requested()) {
    if (options.idle && server.idle_seconds() >= options.idle->value) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  std::error_code ignored;
  std::filesystem::remove(opened, ignored);
  return {};
}

}  // namespace

std::vector<Verb> view_verbs() {
  return {make_verb<ViewVerbOptions>(
      "view",
      "show movies and containers in the browser",
      {{.name = "FILE",
        .help = "movies and containers; those of one frame size side by side",
        .many = true}},
      "",
      view_files)};
}

}  // namespace kinema::app
