// Verdicts as JSON and as rows of a table.
#include "kinema/atoms/validate.h"
#include "kinema/base/error.h"

#include <fmt/format.h>

namespace kinema::atoms {
namespace {

/// Every figure of a verdict once, with its name in the table and in JSON.
void figures(auto& verdict, auto&& visit) {
  visit("released_ev", verdict.released);
  visit("energy_ev", verdict.energy);
  visit("relaxed_energy_ev", verdict.relaxed_energy);
  visit("move_max_a", verdict.move_max);
  visit("move_rms_a", verdict.move_rms);
  visit("move_z_rms_a", verdict.move_z_rms);
  visit("local_max_a", verdict.local_max);
  visit("local_rms_a", verdict.local_rms);
  visit("inside", verdict.inside);
  visit("broken", verdict.broken);
  visit("bonds", verdict.bonds.bonds);
  visit("bond_mean_a", verdict.bonds.mean);
  visit("bond_rms_a", verdict.bonds.rms);
  visit("bond_shortest_a", verdict.bonds.shortest);
  visit("bond_longest_a", verdict.bonds.longest);
  for (std::size_t count = 0; count < verdict.bonds.atoms_with.size(); ++count) {
    const std::string name = fmt::format("atoms_with_{}{}", count, count == 5 ? "_or_more" : "");
    visit(name.c_str(), verdict.bonds.atoms_with[count]);
  }
}

void md_figures(auto& md, auto&& visit) {
  visit("md_temperature_k", md.temperature);
  visit("md_rms_a", md.rms);
  visit("md_move_max_a", md.largest_move);
  visit("md_broken", md.broken);
}

/// Text in quotes, as tables take it.
std::string cell_of(const std::string& text) {
  std::string cell = "\"";
  for (const char c : text) cell += c == '"' ? "\"\"" : std::string(1, c == '\n' ? ' ' : c);
  return cell + "\"";
}

std::string number_text(double value) {
  return fmt::format("{:.6g}", value);
}
std::string number_text(Index value) {
  return fmt::format("{}", value);
}

}  // namespace

Json to_json(const FrameVerdict& verdict) {
  Json json{{"frame", verdict.frame}, {"atoms", verdict.atoms}, {"verdict", verdict.verdict}};
  figures(verdict, [&](const char* name, const auto& value) { json[name] = value; });
  if (verdict.md) {
    md_figures(*verdict.md, [&](const char* name, const auto& value) { json[name] = value; });
  }
  json["reasons"] = verdict.reasons;
  return json;
}

FrameVerdict verdict_from_json(const Json& json) {
  try {
    FrameVerdict verdict;
    json.at("frame").get_to(verdict.frame);
    json.at("atoms").get_to(verdict.atoms);
    json.at("verdict").get_to(verdict.verdict);
    json.at("reasons").get_to(verdict.reasons);
    const auto take = [&](const char* name, auto& value) { json.at(name).get_to(value); };
    figures(verdict, take);
    if (json.contains("md_broken")) md_figures(verdict.md.emplace(), take);
    return verdict;
  } catch (const Json::exception&) {
    throw InputError("this is no verdict that kinema wrote");
  }
}

std::string csv_head() {
  std::string text = "frame,atoms,verdict";
  FrameVerdict names;
  const auto add = [&](const char* name, const auto& /*value*/) {
    text += std::string(",") + name;
  };
  figures(names, add);
  md_figures(names.md.emplace(), add);
  return text + ",reasons\n";
}

std::string csv_row(const FrameVerdict& verdict) {
  std::string text = fmt::format("{},{},{}", verdict.frame, verdict.atoms, verdict.verdict);
  figures(verdict, [&](const char*, const auto& value) { text += "," + number_text(value); });
  MdOutcome none;
  const MdOutcome& md = verdict.md ? *verdict.md : none;
  md_figures(md, [&](const char*, const auto& value) {
    text += "," + (verdict.md ? number_text(value) : std::string());
  });
  std::string reasons;
  for (const std::string& reason : verdict.reasons) {
    reasons += (reasons.empty() ? "" : "; ") + reason;
  }
  return text + "," + cell_of(reasons) + "\n";
}

}  // namespace kinema::atoms
