// Tables and lists of facts, as HTML and as JSON.
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/options.h"

#include <string>
#include <utility>
#include <vector>

namespace kinema::report {

/// One cell: the value for programs and its text for people. Numbers stand to the right.
struct Cell {
  Cell(const char* words) : value(words), text(words) {}         // NOLINT(*-explicit-*)
  Cell(const std::string& words) : value(words), text(words) {}  // NOLINT(*-explicit-*)
  Cell(double number);                                           // NOLINT(*-explicit-*)
  Cell(Index number);                                            // NOLINT(*-explicit-*)
  Cell(Json exact, std::string shown) : value(std::move(exact)), text(std::move(shown)) {}

  Json value;
  std::string text;
  bool numeric() const { return value.is_number(); }
};

struct Table {
  std::string caption;
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;  // each as long as columns
  bool strong_last_row = false;         // the last row is the total
};

/// Names and values, in order.
struct Facts {
  std::string title;
  std::vector<std::pair<std::string, Cell>> rows;
};

/// Facts of a JSON object; nested objects become "outer.inner", arrays their JSON text.
Facts facts_of(const std::string& title, const Json& json);

std::string to_html(const Table& table);
std::string to_html(const Facts& facts);
Json to_json(const Table& table);
Json to_json(const Facts& facts);

}  // namespace kinema::report
