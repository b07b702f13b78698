// One self-contained HTML page: text, tables, images, plots and players, with everything that is
// shown also as JSON. It opens from a file, needs no network and may ask for none (its content
// security policy forbids it). The same calls give the same bytes.
#pragma once

#include "kinema/base/options.h"
#include "kinema/base/progress.h"
#include "kinema/report/block.h"
#include "kinema/report/image.h"
#include "kinema/report/player.h"
#include "kinema/report/plot.h"
#include "kinema/report/table.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kinema::report {

/// Built from top to bottom. All text is plain text and is escaped here.
class Page {
 public:
  explicit Page(std::string title, std::string subtitle = "");

  /// What follows stands under this heading, up to the next section.
  void section(const std::string& heading);
  void paragraph(const std::string& text);
  /// A paragraph that a careful reader must not miss.
  void note(const std::string& text);
  void table(const Table& table);
  /// Lists of facts, side by side where there is room.
  void facts(const std::vector<Facts>& lists);
  void images(const std::vector<Image>& row);
  void plots(const std::vector<Plot>& plots);
  /// Packs the player's frames within its byte budget and says on the page what was left out.
  /// Throws InputError where not even one frame fits.
  void player(const Player& player, Progress& progress);

  /// What a module of web/ draws: `description` names its kind ("atoms", "volume") and holds all
  /// that is small; the module finds each block's {id, type, shape} in description["blocks"] by
  /// name.
  void view(Json description, const std::vector<std::pair<std::string, Block>>& blocks);

  /// Lets the page ask the server that it comes from, and nobody else.
  void served() { is_served_ = true; }

  /// {title, subtitle, sections: [{heading, parts: [...]}]}: all that is shown but the blocks.
  const Json& summary() const { return summary_; }

  /// The whole HTML file.
  std::string render() const;

 private:
  void add_part(std::string_view class_name, Json part);
  void record(Json part);
  Json add_block(const Block& block);

  std::string title_, subtitle_;
  std::string navigation_, body_, blocks_;
  Json parts_ = Json::array();  // what the browser draws
  Json summary_;
  Index sections_ = 0, block_count_ = 0;
  bool is_served_ = false;
};

}  // namespace kinema::report
