// The volume as a coordinate network and its motion as a dynamical variational autoencoder, as the
// program sees them: arrays in, arrays out. LibTorch stays on the far side, in libkinema_torch.so,
// loaded on demand through base/module.h.
//
// After TEMPOR (Ye et al., ICCV 2023): a network of Fourier features of a place in the Hermitian
// half and of the latent; a bidirectional recurrent encoder that is fed z_(t-1); a gated transition
// p(z_t | z_(t-1)) as in deep Kalman filters (Krishnan, Shalit and Sontag, AAAI 2017).
#pragma once

#include "kinema/base/array.h"
#include "kinema/base/named_tensor.h"

#include <cstdint>
#include <string>
#include <vector>

namespace kinema::nn {

/// What the network is to explain: rest(t, s) ~ gain(t, s) net(place(t, s), z_t), with the place
/// R_t^T (kx, ky, 0) in units of 1/N.
struct InrMovie {
  Array<float, 3> rest;                // (T, S, 2): real and imaginary part
  Array<float, 2> gain;                // (T, S): CTF times the size expected of the answer
  Array<float, 3> rotations;           // (T, 3, 3), lab_from_body
  Array<float, 2> lattice;             // (S, 2): kx, ky
  std::vector<float> scale;            // S: square root of half the precision
  std::vector<float> smooth;           // S: weight of a frequency in what the encoder sees
  Array<float, 2> anchors;             // (M, 3): places in the molecule, in units of the box
  std::vector<std::uint8_t> held_out;  // T: 1 for frames that neither part may learn from
};

struct InrSettings {
  std::int64_t latents = 2;
  std::int64_t width = 128, depth = 3;  // of the coordinate network
  std::int64_t modes = 8;               // maps that it gives; 0: it is fed the latent instead
  std::int64_t encoder_width = 64;
  bool transition = true;  // otherwise every z_t is N(0, I) a priori
  std::int64_t stride = 1, sequence_length = 64, sequences = 4;  // of a batch
  std::int64_t frames_seen = 32;  // of a batch's, through the coordinate network
  double learning_rate = 1e-3;
  int epochs = 100;  // of the schedule
  int static_epochs = 0, kl_warm_up = 10;
  double kl_weight = 1.0, free_bits = 0.0;  // free: of each frame's divergence, in nats
  double weight_decay = 0.1;  // strength of the prior on the volume's weights; 1: its full
  double absent = 0.1;        // share of the frames that the encoder is not shown
  std::uint64_t seed = 0;
  std::string device = "cpu";
};

/// Means over an epoch, nats per frame.
struct InrEpoch {
  double misfit = 0.0, divergence = 0.0, gradient = 0.0;
};

/// One sequence's latents as drawn, with the Gaussians that they were drawn from and that the prior
/// gives, each (T, K), and the divergence that training counts.
struct InrPath {
  Array<float, 2> latents, mean, deviation, prior_mean, prior_deviation;
  double divergence = 0.0;
};

class InrDvae {
 public:
  virtual ~InrDvae() = default;
  /// One pass, as the schedule wants it at `epoch`. Throws InputError where the loss is no number.
  virtual InrEpoch train(int epoch) = 0;
  /// Posterior means and standard deviations of all frames (T, K), by the averaged weights; frames
  /// that are held out hear from their neighbours alone unless `all` are to be used.
  virtual void latents(bool all, Array<float, 2>& mean, Array<float, 2>& deviation) = 0;
  /// Sum over held-out frames of squared residuals at each frequency (S), with these latents.
  virtual std::vector<double> residuals(const Array<float, 2>& latents) = 0;
  /// The network's answer (n, 2) at places (n, 3), which lie in the half with x >= 0.
  virtual Array<float, 2> answer(const std::vector<float>& latent,
                                 const Array<float, 2>& places) = 0;
  virtual void set_scale(const std::vector<float>& scale) = 0;
  /// Keeps the averaged weights; use_best() takes them up again.
  virtual void keep_best() = 0;
  virtual void use_best() = 0;
  virtual std::vector<NamedTensor> state() const = 0;
  /// Throws InputError that names the tensor which is absent or of another shape.
  virtual void set_state(const std::vector<NamedTensor>& tensors) = 0;
  /// Latents of frames [first, first + count) drawn with the numbers of `seed`, and both Gaussians.
  virtual InrPath path(std::int64_t first, std::int64_t count, std::uint64_t seed) = 0;
};

/// The symbol of the module's `InrDvae* kinema_inr_dvae(const InrMovie&, const InrSettings&)`; the
/// caller owns what it gives.
inline constexpr const char* inr_dvae_symbol = "kinema_inr_dvae";

}  // namespace kinema::nn
