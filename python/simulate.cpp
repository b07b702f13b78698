// simulate/ for Python: movies with their truth, as arrays or as files.
#include "kinema/simulate/fibres.h"
#include "kinema/simulate/nanocrystals.h"
#include "kinema/simulate/particles.h"

#include "arrays.h"
#include "bindings.h"
#include "movie.h"
#include "verb.h"

namespace kinema::python {
namespace {

template <class Scene>
struct Keywords : Scene {
  std::uint64_t seed = 0;

  static void fields(auto& self, auto&& visit) {
    Scene::fields(self, visit);
    visit("seed", self.seed, "seed of everything random");
  }
};

/// (recorded, truth): each an array, or a Movie where a file is named; no truth beside a recorded
/// file unless it is named too.
template <class SimulatedMovie, class Scene>
py::object simulated(const Call& call, const Keywords<Scene>& options) {
  const auto out = call.output("out"), truth_out = call.output("truth");
  if (out && out == truth_out) throw InputError("simulate: " + *out + " cannot hold both movies");
  const bool wants_truth = truth_out || !out;
  const SimulatedMovie movie(options, Rng(options.seed));
  const FrameFormat format = movie.format();
  const Json provenance = to_json(call.provenance(options_json(options), options.seed));
  FrameStore recorded(out, format, movie.frames(), movie.info(), provenance);
  std::optional<FrameStore> truth;
  if (wants_truth) {
    const FrameFormat floats{PixelType::f32, format.height, format.width};
    truth.emplace(truth_out, floats, movie.frames(), movie.info(), provenance);
  }
  call.run([&](Progress& progress) {
    std::vector<float> clean(static_cast<std::size_t>(format.pixels()));
    std::vector<std::byte> frame(static_cast<std::size_t>(format.bytes()));
    progress.begin("simulate", movie.frames(), "frames");
    for (Index t = 0; t < movie.frames(); ++t) {
      progress.check();
      movie.clean(t, clean);
      movie.record(t, clean, frame);
      recorded.write(t, frame);
      if (truth) truth->write(t, std::as_bytes(std::span(clean)));
      progress.advance(1);
    }
    recorded.close();
    if (truth) truth->close();
    progress.end();
  });
  return py::make_tuple(recorded.result(), truth ? truth->result() : py::none());
}

template <class SimulatedMovie, class Scene>
void define_scene(py::module_& module, std::string name, std::string summary) {
  const std::string frames = "npt.NDArray[Any]", clean = "npt.NDArray[np.float32]";
  define_verb<Keywords<Scene>>(
      module,
      {std::move(name),
       std::move(summary),
       {{"out", "StrPath | None", "None", "write the recorded movie to this file"},
        {"truth", "StrPath | None", "None", "write the clean movie to this file"},
        force_parameter(),
        progress_parameter()},
       "tuple[Any, Any]",
       "(recorded, truth): arrays (T, Y, X), or a Movie for each file that is named; the truth is "
       "None where `out` alone is named",
       {{{{"out", "None"}, {"truth", "None"}}, "tuple[" + frames + ", " + clean + "]"},
        {{{"out", "StrPath"}, {"truth", "None"}}, "tuple[Movie, None]"},
        {{{"out", "None"}, {"truth", "StrPath"}}, "tuple[" + frames + ", Movie]"},
        {{{"out", "StrPath"}, {"truth", "StrPath"}}, "tuple[Movie, Movie]"}}},
      simulated<SimulatedMovie, Scene>);
}

}  // namespace

void define_simulate(py::module_& module) {
  define_scene<simulate::NanocrystalMovie, simulate::NanocrystalOptions>(
      module,
      "simulate nanocrystals",
      "an in-situ movie of gold nanocrystals on carbon, with its clean truth");
  define_scene<simulate::FibreMovie, simulate::FibreOptions>(
      module,
      "simulate fibres",
      "a movie of carbon fibres that drift and bend on a film, with its clean truth");
  define_scene<simulate::ParticleMovie, simulate::ParticleOptions>(
      module,
      "simulate particles",
      "a movie of metal particles that wander in a liquid cell, with its clean truth");
}

}  // namespace kinema::python
