#include "kinema/report/table.h"

#include "kinema/report/text.h"

#include <cmath>
#include <stdexcept>

namespace kinema::report {

namespace {

std::string cell_html(const char* tag, const std::string& text, bool numeric) {
  const std::string name = tag;
  return "<" + name + (numeric ? " class=\"number\">" : ">") + escape_html(text) + "</" + name +
         ">";
}

void add_facts(Facts& facts, const std::string& prefix, const Json& json) {
  for (const auto& [name, value] : json.items()) {
    const std::string full = prefix.empty() ? name : prefix + "." + name;
    if (value.is_object()) {
      add_facts(facts, full, value);
    } else if (value.is_number_float()) {
      facts.rows.emplace_back(full, Cell(value, number_text(value.get<double>(), 6)));
    } else if (value.is_string()) {
      facts.rows.emplace_back(full, Cell(value.get<std::string>()));
    } else {
      facts.rows.emplace_back(full, Cell(value, value.is_null() ? "none" : value.dump()));
    }
  }
}

}  // namespace

Cell::Cell(double number)
    : value(std::isfinite(number) ? Json(rounded(number, 9)) : Json(nullptr)),
      text(number_text(number)) {}

Cell::Cell(Index number) : value(number), text(std::to_string(number)) {}

Facts facts_of(const std::string& title, const Json& json) {
  Facts facts{title, {}};
  add_facts(facts, "", json);
  return facts;
}

std::string to_html(const Table& table) {
  std::string html = "<div class=\"table-frame\"><table>";
  if (!table.caption.empty()) html += "<caption>" + escape_html(table.caption) + "</caption>";
  html += "<thead><tr>";
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const bool numeric = !table.rows.empty() && table.rows.front().at(c).numeric();
    html += cell_html("th", table.columns[c], numeric);
  }
  html += "</tr></thead><tbody>";
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const bool strong = table.strong_last_row && r + 1 == table.rows.size();
    html += strong ? "<tr class=\"strong\">" : "<tr>";
    for (const Cell& cell : table.rows[r]) html += cell_html("td", cell.text, cell.numeric());
    html += "</tr>";
  }
  return html + "</tbody></table></div>";
}

std::string to_html(const Facts& facts) {
  std::string html = "<div>";
  if (!facts.title.empty()) html += "<h3>" + escape_html(facts.title) + "</h3>";
  html += "<div class=\"table-frame\"><table class=\"facts\"><tbody>";
  for (const auto& [name, cell] : facts.rows) {
    html += "<tr>" + cell_html("th", name, false) + cell_html("td", cell.text, false) + "</tr>";
  }
  return html + "</tbody></table></div></div>";
}

Json to_json(const Table& table) {
  Json rows = Json::array();
  for (const auto& row : table.rows) {
    if (row.size() != table.columns.size()) {
      throw std::logic_error("table '" + table.caption + "': a row is not as long as the head");
    }
    Json object = Json::object();
    for (std::size_t c = 0; c < row.size(); ++c) object[table.columns[c]] = row[c].value;
    rows.push_back(std::move(object));
  }
  return {{"kind", "table"}, {"caption", table.caption}, {"rows", std::move(rows)}};
}

Json to_json(const Facts& facts) {
  Json values = Json::object();
  for (const auto& [name, cell] : facts.rows) values[name] = cell.value;
  return {{"kind", "facts"}, {"title", facts.title}, {"values", std::move(values)}};
}

}  // namespace kinema::report
