// The three networks of inr-dvae: volume, encoder, transition.
#pragma once

#include "kinema/nn/inr_dvae.h"

#include <torch/torch.h>

namespace kinema::nn {

/// Gaussians with independent components.
struct Normal {
  torch::Tensor mean, deviation;
};

/// KL(q || p) summed over the last axis, nats.
torch::Tensor divergence(const Normal& q, const Normal& p);

/// cos and sin of 2 pi places . anchors: (..., 3) -> (..., 2M).
torch::Tensor waves_of(const torch::Tensor& places, const torch::Tensor& anchors);

/// A place in the Hermitian half and a latent -> real and imaginary part. A residual network of
/// Fourier features gives the values of some maps there, which a small network of the latent mixes;
/// without maps the latent joins the features (TEMPOR).
class CoordinateNetworkImpl : public torch::nn::Module {
 public:
  CoordinateNetworkImpl(const InrSettings& settings, const torch::Tensor& anchors);
  /// (F, S, 3) with x of either sign, and (F, K) -> (F, S, 2).
  torch::Tensor forward(const torch::Tensor& places, const torch::Tensor& latents);

 private:
  torch::Tensor anchors_;
  std::int64_t modes_;
  torch::nn::Linear first_{nullptr}, last_{nullptr}, straight_{nullptr}, mix_in_{nullptr},
      mix_out_{nullptr};
  torch::nn::ModuleList blocks_;
};
TORCH_MODULE(CoordinateNetwork);

/// What frames show -> a latent for each, forwards in time, each fed the one before.
class EncoderImpl : public torch::nn::Module {
 public:
  EncoderImpl(const InrSettings& settings, std::int64_t inputs);
  struct Path {
    torch::Tensor latents;  // (B, L, K)
    Normal posterior;
  };
  /// `inputs` (B, L, F); `noise` (B, L, K), or undefined for the means.
  Path forward(const torch::Tensor& inputs, const torch::Tensor& noise);

 private:
  std::int64_t latents_;
  torch::nn::Linear first_{nullptr}, second_{nullptr}, back_{nullptr}, join_{nullptr},
      last_{nullptr};
  torch::nn::LSTM memory_{nullptr};
};
TORCH_MODULE(Encoder);

/// p(z_t | z_(t-1)): mean (1 - g) W z + g P(z), deviation by a softplus.
class TransitionImpl : public torch::nn::Module {
 public:
  explicit TransitionImpl(const InrSettings& settings);
  Normal forward(const torch::Tensor& before);

 private:
  torch::nn::Linear gate_in_{nullptr}, gate_out_{nullptr}, propose_in_{nullptr},
      propose_out_{nullptr}, straight_{nullptr}, deviation_{nullptr};
};
TORCH_MODULE(Transition);

}  // namespace kinema::nn
