#include "view_container.h"

#include "kinema/codec/decode.h"
#include "kinema/data/measurement.h"

#include "growing.h"
#include <algorithm>
#include <chrono>
#include <filesystem>

namespace kinema::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto between_looks = std::chrono::milliseconds(500);

/// The container as it was seen last, for both panes. HDF5 is used by one thread at a time.
class Followed {
 public:
  explicit Followed(const std::string& path) : growing_(path) { look(); }

  /// Calls use(reader) with nobody else in HDF5; looks again where more may have come.
  template <class Use>
  auto with_reader(Use&& use) {
    const std::lock_guard lock(hdf5_);
    if (!reader_ || (grows_ && Clock::now() - looked_ > between_looks)) look();
    return use(*reader_);
  }

  codec::ContainerHeader header() {
    return with_reader([](const codec::ContainerReader& reader) { return reader.header(); });
  }
  bool grows() {
    return with_reader([this](const codec::ContainerReader&) { return grows_; });
  }

 private:
  void look() {
    bool abandoned = false;
    reader_.reset();  // a file that is open still would be seen as it was
    reader_ = growing_.look(abandoned);
    grows_ = !reader_->header().complete && !abandoned;
    looked_ = Clock::now();
  }

  GrowingContainer growing_;
  std::unique_ptr<codec::ContainerReader> reader_;
  bool grows_ = false;
  Clock::time_point looked_;
  inline static std::mutex hdf5_;
};

report::LevelImage float_image(ArrayView<const float, 2> pixels) {
  const auto bytes = std::as_bytes(pixels.flat());
  return {pixels.shape()[0], pixels.shape()[1], "f32", {bytes.begin(), bytes.end()}};
}

class MeasurementPane : public ViewPane {
 public:
  explicit MeasurementPane(std::shared_ptr<Followed> container)
      : container_(std::move(container)) {}

  Json description() override {
    const codec::ContainerHeader header = container_->header();
    Json starts = Json::array();
    for (const Group& group : header.groups) {
      for (Index k = 0; k < group.buckets; ++k) {
        starts.push_back(group.first + first_frame_of(group, k));
      }
    }
    return {{"name", "measurement"},
            {"group", "sums"},
            {"height", header.height},
            {"width", header.width},
            {"whole", !is_float(header.stored)},
            {"images", starts.size()},
            {"image_starts", std::move(starts)}};
  }

  Index images() override {
    return container_->with_reader(
        [](const codec::ContainerReader& reader) { return reader.snapshots(); });
  }

  report::LevelImage image(Index number) override {
    return container_->with_reader([&](const codec::ContainerReader& reader) {
      return float_image(reader.snapshot(number).view());
    });
  }

 private:
  std::shared_ptr<Followed> container_;
};

/// Stops when the program is to stop, and tells nobody how far it is.
class StoppingProgress : public Progress {
 public:
  explicit StoppingProgress(const Progress& outer) : outer_(outer) {}
  void advance(Index) override {
    if (outer_.stop_requested()) request_stop();
  }

 private:
  const Progress& outer_;
};

/// Frames decoded group by group; the last group is kept.
class DecodedPane : public ViewPane {
 public:
  DecodedPane(std::shared_ptr<Followed> container, const Session& session)
      : container_(std::move(container)), session_(session) {}

  Json description() override {
    const codec::ContainerHeader header = container_->header();
    return {{"name", "decoded"},
            {"group", "frames"},
            {"height", header.height},
            {"width", header.width},
            {"whole", false},
            {"slow", "decoding\u2026"},
            {"images", header.frames}};
  }

  Index images() override { return container_->header().frames; }

  report::LevelImage image(Index number) override {
    if (number < first_ || number >= first_ + frames_.shape()[0]) decode_group_of(number);
    return float_image(std::as_const(frames_).view()[number - first_]);
  }

 private:
  void decode_group_of(Index frame) {
    frames_ = {};
    codec::CodedMovie coded = container_->with_reader(
        [](const codec::ContainerReader& reader) { return codec::coded_movie(reader); });
    coded.snapshot = [this](Index s) {
      return container_->with_reader(
          [s](const codec::ContainerReader& reader) { return reader.snapshot(s); });
    };
    coded.audited.clear();
    const auto [first, last] = codec::groups_of(coded.groups, {frame, frame + 1});
    StoppingProgress progress(session_.progress);
    const auto take = [&](Index s, const codec::GroupReport&, ArrayView<const float, 3> frames) {
      first_ = coded.groups[static_cast<std::size_t>(s)].first;
      frames_ = Array<float, 3>::uninitialised(frames.shape());
      std::copy_n(frames.data(), frames.size(), frames_.data());
    };
    codec::decode(coded, {}, first, last, take, progress, session_.memory());
  }

  std::shared_ptr<Followed> container_;
  const Session& session_;
  Array<float, 3> frames_;  // (frames of the group, Y, X)
  Index first_ = 0;
};

class ContainerFile : public ViewFile {
 public:
  ContainerFile(const std::string& path, const Session& session)
      : name_(std::filesystem::path(path).filename().string()),
        container_(std::make_shared<Followed>(path)),
        header_(container_->header()) {
    panes_.push_back(std::make_unique<MeasurementPane>(container_));
    panes_.push_back(std::make_unique<DecodedPane>(container_, session));
  }

  Index frames() override { return container_->header().frames; }
  bool grows() override { return container_->grows(); }
  const MovieInfo& info() const override { return header_.info; }
  Json facts() const override {
    Json facts =
        describe({header_.recorded, header_.height, header_.width}, header_.frames, header_.info);
    facts["frames per snapshot"] = codec::ratio_text(header_.groups, header_.ratio);
    facts["masks"] = to_text(header_.mask_kind);
    facts["provenance"] = to_json(header_.provenance);
    return facts;
  }
  std::string name() const override { return name_; }
  std::pair<Index, Index> frame_size() const override { return {header_.height, header_.width}; }

 private:
  std::string name_;
  std::shared_ptr<Followed> container_;
  codec::ContainerHeader header_;  // as it was at first
};

}  // namespace

bool is_viewed_container(const std::string& path) {
  return codec::is_container(path) ||
         (!std::filesystem::exists(path) && codec::is_container(path + ".partial"));
}

std::unique_ptr<ViewFile> open_container_view(const std::string& path, const Session& session) {
  return std::make_unique<ContainerFile>(path, session);
}

}  // namespace kinema::app
