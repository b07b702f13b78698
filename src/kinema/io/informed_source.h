// A source with more known about it than its file says.
#pragma once

#include "kinema/data/movie_source.h"

#include <nlohmann/json.hpp>

#include <memory>

namespace kinema::io {

/// The frames of `source` under another MovieInfo.
class InformedSource : public MovieSource {
 public:
  InformedSource(std::unique_ptr<MovieSource> source, MovieInfo info)
      : source_(std::move(source)), info_(std::move(info)) {}
  FrameFormat format() const override { return source_->format(); }
  std::optional<Index> frames() const override { return source_->frames(); }
  const MovieInfo& info() const override { return info_; }
  void read(Index first, Index count, std::span<std::byte> out) override {
    source_->read(first, count, out);
  }
  std::optional<std::uint64_t> plain_offset() const override { return source_->plain_offset(); }
  nlohmann::ordered_json metadata() const override { return source_->metadata(); }

 private:
  std::unique_ptr<MovieSource> source_;
  MovieInfo info_;
};

}  // namespace kinema::io
