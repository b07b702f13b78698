// atoms evaluate: estimated atoms against their truth.
#include "kinema/atoms/evaluate.h"

#include "app_atoms.h"

namespace kinema::app {
namespace {

struct EvaluateVerbOptions : atoms::EvaluateOptions {
  std::string truth;

  static void fields(auto& self, auto&& visit) {
    visit("truth", self.truth, "the true atoms: extended XYZ, XYZ, or a dump of LAMMPS");
    atoms::EvaluateOptions::fields(self, visit);
  }
};

Outcome evaluate_atoms(const Arguments& arguments,
                       const EvaluateVerbOptions& options,
                       const Session& /*session*/) {
  if (options.truth.empty()) {
    throw InputError("atoms evaluate: name the true atoms: --truth TRUTH.extxyz");
  }
  const std::string& in = arguments.at("RESULT");
  const auto estimate = atoms::read_atom_frames(in);
  const auto truth = atoms::read_atom_frames(options.truth);
  try {
    const atoms::Evaluation evaluation = atoms::evaluate(estimate, truth);
    return {atoms::to_json(evaluation, options.per_frame),
            atoms::to_text(evaluation, options.per_frame),
            {}};
  } catch (const InputError& error) {
    throw InputError(in + " beside " + options.truth + ": " + error.what());
  }
}

}  // namespace

Verb atoms_evaluate_verb() {
  return make_verb<EvaluateVerbOptions>(
      "atoms evaluate",
      "measure found atoms against their truth",
      {{"RESULT", "the atoms to judge: extended XYZ, XYZ, or a dump of LAMMPS"}},
      "",
      evaluate_atoms);
}

}  // namespace kinema::app
