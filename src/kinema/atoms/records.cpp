#include "kinema/atoms/records.h"

namespace kinema::atoms {
namespace {

/// Names each member of a summary once: visit(name, member).
void each_member(auto& summary, auto&& visit) {
  visit("frame", summary.frame);
  visit("failure", summary.failure);
  visit("atoms", summary.atoms);
  visit("chi_squared", summary.chi_squared);
  visit("mean_counts", summary.mean_counts);
  visit("strength", summary.strength);
  visit("bond_mean", summary.bond_mean);
  visit("bond_spread", summary.bond_spread);
  visit("z_rms", summary.z_rms);
  visit("z_sigma", summary.z_sigma);
  visit("mirror_probability", summary.mirror_probability);
  visit("seconds", summary.seconds);
  visit("converged", summary.converged);
}

void each_member_of_optics(auto& optics, auto&& visit) {
  visit("defocus", optics.defocus.value);
  visit("cs", optics.cs.value);
  visit("c12", optics.c12.size);
  visit("c12_angle", optics.c12.angle);
  visit("c21", optics.c21.size);
  visit("c21_angle", optics.c21.angle);
  visit("c23", optics.c23.size);
  visit("c23_angle", optics.c23.angle);
  visit("focal_spread", optics.focal_spread.value);
  visit("blur", optics.blur.value);
}

Json to_json(const FrameSummary& summary) {
  Json json;
  each_member(summary, [&](const char* name, const auto& value) { json[name] = value; });
  return json;
}

void read(const Json& json, FrameSummary& summary) {
  each_member(summary, [&](const char* name, auto& value) { json.at(name).get_to(value); });
}

}  // namespace

Json calibration_record(const Reconstruction& result) {
  Json record{{"optics", Json::object()},
              {"sigmas", result.optics_sigmas},
              {"temperature", result.temperature},
              {"frames", Json::array()}};
  each_member_of_optics(result.optics,
                        [&](const char* name, double value) { record["optics"][name] = value; });
  for (const FrameSummary& summary : result.frames) record["frames"].push_back(to_json(summary));
  return record;
}

void recall_calibration(const Json& record, Reconstruction& result) {
  each_member_of_optics(result.optics, [&](const char* name, double& value) {
    record.at("optics").at(name).get_to(value);
  });
  record.at("sigmas").get_to(result.optics_sigmas);
  record.at("temperature").get_to(result.temperature);
  for (std::size_t n = 0; n < result.frames.size(); ++n) {
    read(record.at("frames").at(n), result.frames[n]);
  }
}

Json frame_record(const FrameSummary& summary, const io::AtomFrame& atoms) {
  return {{"summary", to_json(summary)},
          {"positions", atoms.atoms.positions},
          {"sigmas", atoms.sigmas},
          {"values", atoms.values}};
}

void recall_frame(const Json& record, FrameSummary& summary, io::AtomFrame& atoms) {
  read(record.at("summary"), summary);
  record.at("positions").get_to(atoms.atoms.positions);
  record.at("sigmas").get_to(atoms.sigmas);
  record.at("values").get_to(atoms.values);
}

Json joint_record(const FrameSummary& summary, const JointFrame& frame) {
  return {{"summary", to_json(summary)},
          {"positions", frame.positions},
          {"z_sigmas", frame.z_sigmas},
          {"sign_probability", frame.sign_probability},
          {"residual", frame.residual}};
}

void recall_joint(const Json& record, FrameSummary& summary, JointFrame& frame) {
  read(record.at("summary"), summary);
  record.at("positions").get_to(frame.positions);
  record.at("z_sigmas").get_to(frame.z_sigmas);
  record.at("sign_probability").get_to(frame.sign_probability);
  record.at("residual").get_to(frame.residual);
}

}  // namespace kinema::atoms
