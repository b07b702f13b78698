// Judging a container by docs/formats/container.md, object by object.
#include "kinema/codec/container.h"
#include "kinema/codec/container_layout.h"
#include "kinema/codec/validate.h"
#include "kinema/io/file.h"

#include <algorithm>

namespace kinema::codec {
namespace {

using io::Hid;
using Path = std::filesystem::path;

/// Attributes of text that the description asks for.
struct TextRule {
  const char* object;
  const char* attribute;
  const char* value;  // empty: any text
};
constexpr TextRule text_rules[] = {
    {"/", "NX_class", "NXroot"},
    {"/", "default", "entry"},
    {"/", "creator", ""},
    {layout::entry, "NX_class", "NXentry"},
    {layout::entry, "default", "measurement"},
    {layout::data, "NX_class", "NXdata"},
    {layout::data, "signal", "snapshots"},
    {layout::snapshots, "long_name", ""},
    {layout::first_frames, "long_name", ""},
    {"entry/measurement/y", "units", ""},
    {"entry/measurement/x", "units", ""},
    {layout::hashes, "algorithm", ""},
    {layout::masks, "NX_class", "NXcollection"},
    {layout::masks, "recipe", ""},
    {layout::recorded, "NX_class", "NXcollection"},
    {layout::recorded, "pixel_size_source", ""},
    {layout::noise, "NX_class", "NXcollection"},
    {layout::noise, "model", ""},
    {"entry/provenance", "NX_class", "NXnote"},
    {"entry/provenance", "type", "application/json"},
};

/// Attributes of text in a list.
struct ListRule {
  const char* object;
  const char* attribute;
  std::vector<std::string> value;
};

class Judge {
 public:
  Judge(const Path& path, const ContainerReader& reader)
      : path_(path), reader_(reader), file_(io::open_hdf5(path, io::Hdf5Access::read)) {}

  std::vector<io::Departure> judge(Progress& progress) {
    judge_texts();
    judge_sizes("height", reader_.header().height);
    judge_sizes("width", reader_.header().width);
    judge_axes();
    judge_completeness();
    judge_masks();
    judge_snapshots(progress);
    judge_audited(progress);
    return std::move(found_);
  }

 private:
  void add(const std::string& field, std::string what, bool fatal = false, std::uint64_t at = 0) {
    const std::string prefix = path_.string() + ": ";
    if (what.starts_with(prefix)) what.erase(0, prefix.size());
    found_.push_back({at, field, std::move(what), fatal});
  }

  /// Runs a check; what it cannot read is a departure.
  template <class Check>
  void check(const std::string& field, bool fatal, Check&& run, std::uint64_t at = 0) {
    try {
      run();
    } catch (const InputError& error) {
      add(field, error.what(), fatal, at);
    }
  }

  void judge_texts() {
    for (const TextRule& rule : text_rules) {
      const std::string field = std::string(rule.object) + "@" + rule.attribute;
      check(field, false, [&] {
        const std::string text =
            io::read_text_attribute(io::open_object(file_, rule.object), rule.attribute);
        if (*rule.value != '\0' && text != rule.value) {
          add(field, "is '" + text + "', not '" + rule.value + "'");
        }
      });
    }
    for (const ListRule& rule :
         {ListRule{layout::data, "axes", {"snapshot", "y", "x"}},
          ListRule{layout::groups, "modes", layout::group_modes(reader_.header().schema)}}) {
      const std::string field = std::string(rule.object) + "@" + rule.attribute;
      check(field, false, [&] {
        const auto texts =
            io::read_texts_attribute(io::open_object(file_, rule.object), rule.attribute);
        if (texts != rule.value) add(field, "does not name what the description says");
      });
    }
  }

  /// The size of the frames stands beside the masks and the recorded movie too.
  void judge_sizes(const char* attribute, Index expected) {
    for (const char* object : {layout::masks, layout::recorded}) {
      const std::string field = std::string(object) + "@" + attribute;
      check(field, false, [&] {
        const auto found = io::read_number<std::int64_t>(io::open_object(file_, object), attribute);
        if (found == expected) return;
        add(field,
            "is " + std::to_string(found) + ", but the snapshots have " + std::to_string(expected));
      });
    }
  }

  /// The axes of the NXdata: one value a snapshot, row and column, and they rise.
  void judge_axes() {
    const ContainerHeader& header = reader_.header();
    const struct {
      const char* name;
      Index size;
    } axes[] = {{"y", header.height}, {"x", header.width}};
    for (const auto& axis : axes) {
      const std::string field = std::string(layout::data) + "/" + axis.name;
      check(field, false, [&] {
        const auto values = io::read_dataset<double>(file_, field);
        if (static_cast<Index>(values.size()) != axis.size) {
          add(field, "has " + std::to_string(values.size()) + " values, not one a pixel");
        } else if (!std::is_sorted(values.begin(), values.end())) {
          add(field, "does not rise from pixel to pixel");
        }
      });
    }
    check(layout::first_frames, false, [&] {
      const auto first = io::read_dataset<std::int64_t>(file_, layout::first_frames);
      std::size_t s = 0;
      for (const Group& group : header.groups) {
        for (Index i = 0; i < group.buckets; ++i, ++s) {
          const Index expected = group.first + first_frame_of(group, i);
          if (s < first.size() && first[s] == expected) continue;
          add(layout::first_frames,
              "does not say that snapshot " + std::to_string(s) + " begins with frame " +
                  std::to_string(expected));
          return;
        }
      }
    });
  }

  void judge_completeness() {
    const ContainerHeader& header = reader_.header();
    if (!header.complete) {
      add("entry@complete", "is 0: the writer was interrupted; what has a row in groups is whole");
    }
    const Index rows = io::shape_of(io::open_object(file_, layout::snapshots))[0];
    const Index told = reader_.snapshots();
    if (rows > told) {
      add(layout::snapshots,
          "has " + std::to_string(rows) + " snapshots, but groups tell of " + std::to_string(told) +
              "; those without a row are ignored");
    }
  }

  void judge_masks() {
    check(layout::masks, true, [&] { reader_.masks(); });
  }

  void judge_snapshots(Progress& progress) {
    const ContainerHeader& header = reader_.header();
    std::vector<std::byte> sums(static_cast<std::size_t>(
        checked_product(checked_product(header.height, header.width), bytes_of(header.stored))));
    const Hid data = io::open_object(file_, layout::snapshots);
    progress.begin("validate", reader_.snapshots(), "snapshots");
    for (Index s = 0; s < reader_.snapshots(); ++s) {
      progress.check();
      const std::string field = std::string(layout::snapshots) + "[" + std::to_string(s) + "]";
      check(
          field, true, [&] { reader_.read_exact(s, sums.data()); }, place_of(data, s));
      progress.advance(1);
    }
    progress.end();
  }

  void judge_audited(Progress& progress) {
    const auto frames = static_cast<Index>(reader_.header().audited.size());
    progress.begin("validate", frames, "audited frames");
    for (Index i = 0; i < frames; ++i) {
      progress.check();
      const std::string field = std::string(layout::audit_frames) + "[" + std::to_string(i) + "]";
      check(field, true, [&] { reader_.audited(i); });
      progress.advance(1);
    }
    progress.end();
  }

  /// Offset of a snapshot's bytes in the file; 0 where it has none.
  static std::uint64_t place_of(hid_t data, Index s) {
    const hsize_t offset[] = {static_cast<hsize_t>(s), 0, 0};
    unsigned filters = 0;
    haddr_t address = HADDR_UNDEF;
    hsize_t size = 0;
    const herr_t done = H5Dget_chunk_info_by_coord(data, offset, &filters, &address, &size);
    return done < 0 || address == HADDR_UNDEF ? 0 : address;
  }

  const Path& path_;
  const ContainerReader& reader_;
  Hid file_;
  std::vector<io::Departure> found_;
};

}  // namespace

std::vector<io::Departure> validate_container(const Path& path, Progress& progress) {
  io::InputFile there(path);
  try {
    const ContainerReader reader(path);
    return Judge(path, reader).judge(progress);
  } catch (const InputError& error) {
    const std::string prefix = path.string() + ": ", what = error.what();
    return {{0, "/", what.starts_with(prefix) ? what.substr(prefix.size()) : what, true}};
  }
}

}  // namespace kinema::codec
