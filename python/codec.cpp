// codec/ for Python: masks, encode, wrap, decode.
#include "kinema/base/hash.h"
#include "kinema/codec/encode_kernel.h"
#include "kinema/codec/encode_plan.h"
#include "kinema/codec/wrap.h"
#include "kinema/data/frame_range.h"

#include "arrays.h"
#include "bindings.h"
#include "measurement.h"
#include "movie.h"
#include "verb.h"

namespace kinema::python {
namespace {

py::object draw_masks(const Call& call, const codec::MaskOptions& options) {
  const auto height = call.at("height").cast<Index>(), width = call.at("width").cast<Index>();
  if (height < 1 || width < 1) throw InputError("masks: height and width must be at least 1");
  MaskSet masks;
  call.run([&](Progress&) { masks = codec::make_masks(options, height, width); });
  return numpy_of(masks.masks);
}

struct EncodeKeywords : codec::EncodeOptions {
  io::ReadOptions read;
  bool input_hash = true, resume = false;

  static void fields(auto& self, auto&& visit) {
    codec::EncodeOptions::fields(self, visit);
    visit("input_hash", self.input_hash, "hash the movie file for the provenance (reads it again)");
    visit(
        "resume", self.resume, "go on where an interrupted call stopped that was alike; needs out");
    io::ReadOptions::fields(self.read, visit);
  }
};

/// Masks (B, Y, X) given as an array or as the path of a .npy file.
MaskSet masks_of(const py::object& given) {
  const bool is_file = is_path(given);
  const py::object array = is_file ? py::module_::import("numpy").attr("load")(given) : given;
  const Pixels pixels = pixels_of(array, "masks");
  return codec::masks_from_pixels(
      pixels.type, pixels.data, stack_shape(pixels, "masks", "(B, Y, X)"));
}

void encode_to_file(MovieSource& movie,
                    const MaskSet& masks,
                    const codec::Coding& coding,
                    const std::string& out,
                    const Provenance& provenance,
                    bool resume,
                    Progress& progress,
                    Index memory) {
  const FrameFormat format = movie.format();
  const codec::StoredAs stored = codec::stored_as(coding, format.type, masks);
  codec::ContainerWriter writer(out, format, stored, masks, movie.info(), provenance, resume);
  codec::encode(
      movie,
      masks,
      coding,
      [&](const codec::Snapshot& snapshot) { writer.append(snapshot); },
      progress,
      memory,
      writer.frames());
  writer.close();
}

py::object encode_movie(const Call& call, const EncodeKeywords& given) {
  EncodeKeywords options = given;
  const std::optional<std::string> out = call.output("out");
  const auto movie = movie_source(call.at("movie"), "movie", options.read);
  const auto path = options.input_hash ? movie_path(call.at("movie")) : std::nullopt;
  const FrameFormat format = movie->format();
  MaskSet masks;
  if (!call.at("masks").is_none()) {
    masks = masks_of(call.at("masks"));
    options.masks = masks.kind;
    options.ratio = masks.ratio();
  }
  Measurement measurement;
  EncodeKeywords same = options;
  same.resume = false;
  Provenance provenance = call.provenance(options_json(same), options.seed);
  call.run([&](Progress& progress) {
    if (masks.ratio() == 0) {
      masks = make_masks(codec::plan_masks(options, movie.get()), format.height, format.width);
    }
    codec::require_same_size(format, masks);
    if (path) provenance.inputs[*path] = hash_file(*path);
    if (out) {
      encode_to_file(
          *movie, masks, options.coding, *out, provenance, options.resume, progress, call.memory());
    } else {
      measurement = codec::encode(*movie, masks, progress, options.coding);
    }
  });
  if (out) return py::cast(std::make_shared<HeldMeasurement>(*out));
  return py::cast(std::make_shared<HeldMeasurement>(std::move(measurement), provenance));
}

struct WrapKeywords {
  std::optional<Index> frames;
  std::optional<PixelSize> pixel_size;

  static void fields(auto& self, auto&& visit) {
    visit("frames", self.frames, "frames in all, where the last group is short; auto is S * B");
    visit("pixel_size", self.pixel_size, "edge of a pixel, e.g. \"0.2 A\"");
  }
};

py::object wrap_measurements(const Call& call, const WrapKeywords& options) {
  const std::optional<std::string> out = call.output("out");
  const MaskSet masks = masks_of(call.at("masks"));
  py::object given = call.at("measurements");
  if (is_path(given)) given = py::module_::import("numpy").attr("load")(given);
  const Pixels pixels = pixels_of(given, "measurements");
  const Shape<3> shape = stack_shape(pixels, "measurements", "(S, Y, X)");
  Measurement measurement = codec::wrap(pixels.type, pixels.data, shape, masks, options.frames);
  if (options.pixel_size) measurement.info.pixel_size = {*options.pixel_size, "user"};
  const Provenance provenance = call.provenance(options_json(options));
  if (!out) return py::cast(std::make_shared<HeldMeasurement>(std::move(measurement), provenance));
  call.run([&](Progress&) { codec::write_measurement(*out, measurement, provenance); });
  return py::cast(std::make_shared<HeldMeasurement>(*out));
}

struct DecodeKeywords : codec::DecodeOptions {
  FrameRange frames;

  static void fields(auto& self, auto&& visit) {
    codec::DecodeOptions::fields(self, visit);
    visit("frames", self.frames, "frames to decode, a:b, half-open");
  }
};

py::object decode_measurement(const Call& call, const DecodeKeywords& options) {
  const std::optional<std::string> out = call.output("out");
  const auto measurement = measurement_of(call.at("measurement"));
  const codec::ContainerHeader& header = measurement->header();
  if (header.groups.empty()) throw InputError("decode: the measurement holds no snapshot");
  const FrameSpan span = resolve(options.frames, header.frames);
  const auto [first, last] = codec::groups_of(header.groups, span);
  FrameStore store(out,
                   {PixelType::f32, header.height, header.width},
                   span.count(),
                   header.info,
                   codec::decoded_provenance(header, call.provenance(options_json(options))));
  Json reports = Json::array();
  const auto keep =
      [&](Index s, const codec::GroupReport& report, ArrayView<const float, 3> frames) {
        const Index start = header.groups[static_cast<std::size_t>(s)].first;
        const Index from = std::max(span.first, start);
        const Index to = std::min(span.last, start + frames.shape()[0]);
        store.write(from - span.first, std::as_bytes(frames.slice(from - start, to - from).flat()));
        reports.push_back(codec::to_json(report));
      };
  call.run([&, first = first, last = last](Progress& progress) {
    if (!header.complete)
      progress.note("decode: the container is not complete; what is there is decoded");
    const codec::CodedMovie coded = measurement->coded();
    codec::decode(coded, options, first, last, keep, progress, call.memory());
    store.close();
  });
  if (!call.flag("return_report")) return store.result();
  const Json report{{"decoder", to_text(options.decoder)}, {"groups", reports}};
  return py::make_tuple(store.result(), python_of(report));
}

void define_decode(py::module_& module) {
  const std::string frames = "npt.NDArray[np.float32]", report = "dict[str, Any]";
  const auto with_report = [&](const std::string& type) {
    return "tuple[" + type + ", " + report + "]";
  };
  define_verb<DecodeKeywords>(
      module,
      {"codec decode",
       "decode measurements back into a movie",
       {{"measurement", "MeasurementLike", "", "a Measurement, or the path of a container", true},
        {"out", "StrPath | None", "None", "write the movie to this .mrc, .tif or .npy file"},
        {"return_report", "bool", "False", "return how each group went, too"},
        memory_parameter(),
        force_parameter(),
        progress_parameter()},
       "Any",
       "frames (T, Y, X) as float32, or the file as a Movie where `out` is given; with "
       "return_report a tuple of these and a dict",
       {{{{"out", "None"}, {"return_report", "Literal[False]"}}, frames},
        {{{"out", "StrPath"}, {"return_report", "Literal[False]"}}, "Movie"},
        {{{"out", "None"}, {"return_report", "Literal[True]"}}, with_report(frames)},
        {{{"out", "StrPath"}, {"return_report", "Literal[True]"}}, with_report("Movie")}}},
      decode_measurement);
}

}  // namespace

void define_codec(py::module_& module) {
  const Parameter out{"out", "StrPath | None", "None", "write the container to this file"};
  define_verb<codec::MaskOptions>(
      module,
      {"codec masks",
       "draw the masks of a coded exposure",
       {{"height", "int", "", "pixels in y", true}, {"width", "int", "", "pixels in x", true}},
       "npt.NDArray[np.uint8]",
       "masks (B, Y, X) of zeros and ones",
       {}},
      draw_masks);
  define_verb<EncodeKeywords>(
      module,
      {"codec encode",
       "compress a movie into coded measurements",
       {{"movie",
         "MovieLike",
         "",
         "the movie to encode: an array (T, Y, X), a path or a Movie",
         true},
        {"masks", "npt.ArrayLike", "", "or an array (B, Y, X) of zeros and ones"},
        out,
        memory_parameter(),
        force_parameter(),
        progress_parameter()},
       "Measurement",
       "a Measurement, in memory or, where `out` is given, on file",
       {}},
      encode_movie);
  define_verb<WrapKeywords>(module,
                            {"codec wrap",
                             "put measurements from elsewhere into a Measurement",
                             {{"measurements",
                               "npt.ArrayLike | StrPath",
                               "",
                               "(S, Y, X), or the path of a .npy file",
                               true},
                              {"masks",
                               "npt.ArrayLike | StrPath",
                               "",
                               "(B, Y, X) of zeros and ones, or a .npy file",
                               true},
                              out,
                              force_parameter(),
                              progress_parameter()},
                             "Measurement",
                             "a Measurement, in memory or, where `out` is given, on file",
                             {}},
                            wrap_measurements);
  define_decode(module);
}

}  // namespace kinema::python
