#include "kinema/report/page.h"

#include "kinema/data/provenance.h"
#include "kinema/report/text.h"
#include "kinema/report/web_files.h"

#include <fmt/format.h>

#include <algorithm>

namespace kinema::report {

namespace {

constexpr std::string_view page_head =
    R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="kinema">
<link rel="icon" href="data:,">
)";

/// What the page may load: nothing but what stands in it, or what its own server gives.
std::string policy(bool is_served) {
  return fmt::format(
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
      "style-src 'unsafe-inline'; script-src 'unsafe-inline'; form-action 'none'; base-uri "
      "'none'{}\">\n",
      is_served ? "; connect-src 'self'" : "");
}

std::string script(std::string_view type, const std::string& id, std::string_view content) {
  return fmt::format("<script type=\"{}\" id=\"{}\">{}</script>\n", type, id, content);
}

/// Kinds of views that need three.js; other pages do not carry it.
constexpr std::string_view scene_kinds[] = {"atoms", "volume"};

bool shows_scenes(const Json& parts) {
  return std::any_of(parts.begin(), parts.end(), [](const Json& part) {
    return std::ranges::find(scene_kinds, part["kind"].get<std::string>()) != std::end(scene_kinds);
  });
}

std::string_view script_for(const Json& parts) {
  return shows_scenes(parts) && !scene_script.empty() ? scene_script : flat_script;
}

/// What this page cannot draw because tools were missing when kinema was built; empty: nothing.
std::string_view missing_for(const Json& parts) {
  if (parts.empty()) return "";
  if (flat_script.empty()) {
    return "Players and plots are missing from this page: this kinema was built without esbuild "
           "(Debian's package esbuild).";
  }
  if (shows_scenes(parts) && scene_script.empty()) {
    return "3D views are missing from this page: this kinema was built without three.js (Debian's "
           "package libjs-three).";
  }
  return "";
}

}  // namespace

Page::Page(std::string title, std::string subtitle)
    : title_(std::move(title)), subtitle_(std::move(subtitle)) {
  summary_ = {{"title", title_},
              {"subtitle", subtitle_},
              {"kinema", version()},
              {"sections", Json::array()}};
}

void Page::section(const std::string& heading) {
  const std::string id = fmt::format("section-{}", sections_++);
  if (sections_ > 1) body_ += "</section>\n";
  body_ += fmt::format("<section>\n<h2 id=\"{}\">{}</h2>\n", id, escape_html(heading));
  navigation_ += fmt::format("<a href=\"#{}\">{}</a>\n", id, escape_html(heading));
  summary_["sections"].push_back({{"heading", heading}, {"parts", Json::array()}});
}

void Page::record(Json part) {
  if (sections_ == 0) section("Overview");
  summary_["sections"].back()["parts"].push_back(std::move(part));
}

/// Holds a block in the page and returns how a view finds it.
Json Page::add_block(const Block& block) {
  const std::string id = fmt::format("block-{}", block_count_++);
  blocks_ += script("text/plain", id, block.text);
  return {{"id", id}, {"type", block.type}, {"shape", block.shape}};
}

void Page::add_part(std::string_view class_name, Json part) {
  body_ += fmt::format("<div class=\"{}\" data-part=\"{}\"></div>\n", class_name, parts_.size());
  parts_.push_back(std::move(part));
}

void Page::paragraph(const std::string& text) {
  record({{"kind", "paragraph"}, {"text", text}});
  body_ += "<p>" + escape_html(text) + "</p>\n";
}

void Page::note(const std::string& text) {
  record({{"kind", "note"}, {"text", text}});
  body_ += "<p class=\"note\">" + escape_html(text) + "</p>\n";
}

void Page::table(const Table& table) {
  record(to_json(table));
  body_ += to_html(table) + "\n";
}

void Page::facts(const std::vector<Facts>& lists) {
  for (const Facts& list : lists) record(to_json(list));
  body_ += "<div class=\"columns\">\n";
  for (const Facts& list : lists) body_ += to_html(list) + "\n";
  body_ += "</div>\n";
}

void Page::images(const std::vector<Image>& row) {
  for (const Image& image : row) record(to_json(image));
  body_ += "<div class=\"images\">\n";
  for (const Image& image : row) body_ += to_html(image) + "\n";
  body_ += "</div>\n";
}

void Page::plots(const std::vector<Plot>& plots) {
  for (const Plot& plot : plots) record(to_json(plot));
  body_ += "<div class=\"plots\">\n";
  for (const Plot& plot : plots) add_part("plot", to_json(plot));
  body_ += "</div>\n";
}

void Page::player(const Player& player, Progress& progress) {
  PackedPlayer packed = pack(player, progress);
  record(packed.description);
  for (std::size_t p = 0; p < packed.blocks.size(); ++p) {
    packed.description["panes"][p]["levels"] = add_block(packed.blocks[p]);
  }
  body_ += "<p>" + escape_html(packed.shown) + "</p>\n";
  add_part("player", std::move(packed.description));
}

void Page::view(Json description, const std::vector<std::pair<std::string, Block>>& blocks) {
  record(description);
  for (const auto& [name, block] : blocks) description["blocks"][name] = add_block(block);
  add_part("view", std::move(description));
}

std::string Page::render() const {
  std::string html = std::string(page_head) + policy(is_served_);
  html += "<title>" + escape_html(title_) + "</title>\n<style>\n";
  html += web_style;
  html += "</style>\n</head>\n<body>\n<header>\n<h1>" + escape_html(title_) + "</h1>\n";
  html += "<p class=\"subtitle\">" + escape_html(subtitle_) + "</p>\n<nav>\n" + navigation_;
  html += "<button class=\"quiet\" id=\"save-summary\">JSON</button>\n</nav>\n</header>\n<main>\n";
  html +=
      "<noscript><p class=\"note\">Players and plots need JavaScript; tables and still images "
      "do not.</p></noscript>\n";
  if (const std::string_view missing = missing_for(parts_); !missing.empty()) {
    html += fmt::format("<p class=\"note\">{}</p>\n", missing);
  }
  html += body_ + (sections_ > 0 ? "</section>\n" : "") + "</main>\n<footer>kinema " +
          escape_html(version()) + "</footer>\n";
  html += script("application/json", "parts", script_json(parts_));
  html += script("application/json", "summary", script_json(summary_));
  html += blocks_ + "<script type=\"module\">\n";
  html += script_for(parts_);
  return html + "</script>\n</body>\n</html>\n";
}

}  // namespace kinema::report
