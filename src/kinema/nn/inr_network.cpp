// What the networks compute.
#include "kinema/nn/inr_network.h"

#include <cmath>
#include <numbers>

namespace kinema::nn {

using torch::Tensor;

namespace {
constexpr double dipole_arm = 0.1;  // in units of the box / 2 pi
}

Tensor divergence(const Normal& q, const Normal& p) {
  const Tensor ratio = (q.deviation / p.deviation).square();
  const Tensor apart = ((q.mean - p.mean) / p.deviation).square();
  return 0.5 * (ratio + apart - 1.0 - ratio.log()).sum(-1);
}

Tensor waves_of(const Tensor& places, const Tensor& anchors) {
  const Tensor phase = torch::matmul(places, anchors.t()) * (2.0 * std::numbers::pi);
  return torch::cat({phase.cos(), phase.sin()}, -1);
}

CoordinateNetworkImpl::CoordinateNetworkImpl(const InrSettings& s, const Tensor& anchors)
    : anchors_(register_buffer("anchors", anchors)), modes_(s.modes) {
  const std::int64_t waves = 2 * anchors.size(0);
  first_ =
      register_module("first", torch::nn::Linear(waves + (modes_ > 0 ? 0 : s.latents), s.width));
  register_module("blocks", blocks_);
  for (std::int64_t i = 0; i < s.depth; ++i)
    blocks_->push_back(torch::nn::Linear(s.width, s.width));
  last_ =
      register_module("last", torch::nn::Linear(s.width, 2 * std::max<std::int64_t>(modes_, 1)));
  straight_ =
      register_module("straight", torch::nn::Linear(waves, 8 * std::max<std::int64_t>(modes_, 1)));
  if (modes_ == 0) return;
  mix_in_ = register_module("mix_in", torch::nn::Linear(s.latents, 32));
  mix_out_ = register_module("mix_out", torch::nn::Linear(32 + s.latents, modes_));
}

Tensor CoordinateNetworkImpl::forward(const Tensor& places, const Tensor& latents) {
  const std::int64_t frames = places.size(0), samples = places.size(1);
  const Tensor mirrored = places.select(2, 0).lt(0.0);
  const Tensor sign = 1.0 - 2.0 * mirrored.to(places.scalar_type());
  const Tensor half = places * sign.unsqueeze(2);
  const Tensor waves = waves_of(half, anchors_).view({frames * samples, -1});
  Tensor h = waves;
  if (modes_ == 0) {
    const Tensor z = latents.unsqueeze(1).expand({frames, samples, latents.size(1)});
    h = torch::cat({h, z.reshape({frames * samples, -1})}, 1);
  }
  h = first_->forward(h);
  for (const auto& block : *blocks_)
    h = h + torch::relu(block->as<torch::nn::Linear>()->forward(h));
  // Every feature's point has a charge and a dipole of its own: 1 and k times its wave.
  const Tensor arms =
      torch::cat({torch::ones_like(half.narrow(2, 0, 1)), dipole_arm * half}, 2).unsqueeze(3);
  const Tensor charges = straight_->forward(waves).view({frames, samples, 4, -1});
  Tensor out = last_->forward(h) + (charges * arms).sum(2).view({frames * samples, -1});
  if (modes_ > 0) {
    const Tensor mixed = torch::relu(mix_in_->forward(latents));
    const Tensor weights = mix_out_->forward(torch::cat({latents, mixed}, 1));  // (F, modes)
    out = torch::einsum("fsmc,fm->fsc", {out.view({frames, samples, modes_, 2}), weights});
  }
  out = out.view({frames, samples, 2});
  return torch::stack({out.select(2, 0), out.select(2, 1) * sign}, 2);
}

EncoderImpl::EncoderImpl(const InrSettings& s, std::int64_t inputs) : latents_(s.latents) {
  const std::int64_t width = s.encoder_width;
  first_ = register_module("first", torch::nn::Linear(inputs, width));
  second_ = register_module("second", torch::nn::Linear(width, width));
  memory_ = register_module(
      "memory",
      torch::nn::LSTM(torch::nn::LSTMOptions(width, width).batch_first(true).bidirectional(true)));
  back_ = register_module("back", torch::nn::Linear(latents_, width));
  join_ = register_module("join", torch::nn::Linear(width, width));
  last_ = register_module("last", torch::nn::Linear(width, 2 * latents_));
}

EncoderImpl::Path EncoderImpl::forward(const Tensor& inputs, const Tensor& noise) {
  Tensor features = first_->forward(inputs);
  features = features + torch::relu(second_->forward(features));
  const Tensor told = std::get<0>(memory_->forward(features));  // (B, L, 2 width)
  const std::int64_t width = features.size(2), length = inputs.size(1);
  const Tensor both = told.narrow(2, 0, width) + told.narrow(2, width, width);
  const std::vector<Tensor> parts = both.unbind(1);
  Tensor before = torch::zeros({inputs.size(0), latents_}, inputs.options());
  std::vector<Tensor> latents, means, deviations;
  for (std::int64_t t = 0; t < length; ++t) {
    const Tensor joined =
        (torch::tanh(back_->forward(before)) + parts[static_cast<std::size_t>(t)]) / 3.0;
    const Tensor told_of = last_->forward(joined + torch::relu(join_->forward(joined)));
    means.push_back(told_of.narrow(1, 0, latents_));
    deviations.push_back((told_of.narrow(1, latents_, latents_) - 1.0).clamp(-8.0, 3.0).exp());
    before = noise.defined() ? means.back() + deviations.back() * noise.select(1, t) : means.back();
    latents.push_back(before);
  }
  return {torch::stack(latents, 1), {torch::stack(means, 1), torch::stack(deviations, 1)}};
}

TransitionImpl::TransitionImpl(const InrSettings& s) {
  const std::int64_t width = 32;
  gate_in_ = register_module("gate_in", torch::nn::Linear(s.latents, width));
  gate_out_ = register_module("gate_out", torch::nn::Linear(width, s.latents));
  propose_in_ = register_module("propose_in", torch::nn::Linear(s.latents, width));
  propose_out_ = register_module("propose_out", torch::nn::Linear(width, s.latents));
  straight_ = register_module("straight", torch::nn::Linear(s.latents, s.latents));
  deviation_ = register_module("deviation", torch::nn::Linear(s.latents, s.latents));
  const torch::NoGradGuard still;
  straight_->weight.copy_(torch::eye(s.latents));
  straight_->bias.zero_();
  gate_out_->bias.fill_(-2.0);
  deviation_->bias.fill_(-1.5);  // softplus: 0.2
}

Normal TransitionImpl::forward(const Tensor& before) {
  const Tensor gate = torch::sigmoid(gate_out_->forward(torch::relu(gate_in_->forward(before))));
  const Tensor proposed = propose_out_->forward(torch::relu(propose_in_->forward(before)));
  const Tensor mean = (1.0 - gate) * straight_->forward(before) + gate * proposed;
  const Tensor deviation =
      torch::nn::functional::softplus(deviation_->forward(torch::relu(proposed))) + 1e-3;
  return {mean, deviation};
}

}  // namespace kinema::nn
