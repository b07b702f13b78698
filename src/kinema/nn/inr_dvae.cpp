// Training: batches of sequences, the evidence's lower bound, Adam, weights averaged over steps.
#include "kinema/nn/inr_dvae.h"

#include "kinema/nn/inr_network.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>

namespace kinema::nn {
namespace {

using torch::Tensor;

constexpr double clip = 5.0;  // times the gradient's mean norm so far
constexpr double averaging = 0.995;
constexpr std::int64_t frames_at_once = 64;

/// Random numbers of one step of one seed, the same on every device.
class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t step)
      : generator_(at::detail::createCPUGenerator(seed * 0x9E3779B97F4A7C15U + step)) {}
  Tensor normal(std::vector<std::int64_t> shape) { return at::randn(shape, generator_); }
  Tensor uniform(std::vector<std::int64_t> shape) {
    return at::empty(shape).uniform_(0.0, 1.0, generator_);
  }
  Tensor whole(std::int64_t below, std::int64_t count) {
    return at::randint(below, {count}, generator_, torch::kLong);
  }
  Tensor order(std::int64_t count) { return at::randperm(count, generator_, torch::kLong); }

 private:
  at::Generator generator_;
};

template <int N>
Tensor tensor_of(const Array<float, N>& array) {
  std::vector<std::int64_t> shape(array.shape().begin(), array.shape().end());
  return torch::from_blob(const_cast<float*>(array.data()), shape, torch::kFloat).clone();
}

Tensor tensor_of(const std::vector<float>& values) {
  return torch::tensor(values);
}

Array<float, 2> array_of(const Tensor& tensor) {
  const Tensor flat = tensor.to(torch::kCPU, torch::kFloat).contiguous();
  Array<float, 2> out({flat.size(0), flat.size(1)});
  std::copy_n(flat.data_ptr<float>(), out.size(), out.data());
  return out;
}

class TorchInrDvae : public InrDvae {
 public:
  TorchInrDvae(const InrMovie& movie, const InrSettings& settings)
      : settings_(settings), device_(settings.device) {
    rest_ = tensor_of(movie.rest).to(device_);
    gain_ = tensor_of(movie.gain).to(device_);
    rotations_ = tensor_of(movie.rotations).to(device_);
    lattice_ = tensor_of(movie.lattice).to(device_);
    scale_ = tensor_of(movie.scale).to(device_);
    anchors_ = tensor_of(movie.anchors).to(device_);
    shown_ = torch::ones({frames()});
    for (std::int64_t t = 0; t < frames(); ++t) {
      if (movie.held_out[static_cast<std::size_t>(t)] != 0) {
        shown_[t] = 0.0F;
        held_.push_back(t);
      }
    }
    inputs_ = seen_by_encoder(tensor_of(movie.smooth).to(device_));
    torch::manual_seed(settings.seed);
    volume_ = CoordinateNetwork(settings, anchors_);
    encoder_ = Encoder(settings, inputs_.size(1) + 1);
    transition_ = Transition(settings);
    gather_parameters();
  }

  InrEpoch train(int epoch) override {
    const bool still = epoch < settings_.static_epochs;
    const double done = std::min(1.0, static_cast<double>(epoch) / std::max(1, settings_.epochs));
    const double warm =
        still
            ? 0.0
            : std::min(1.0,
                       (epoch - settings_.static_epochs + 1.0) / std::max(1, settings_.kl_warm_up));
    const double rate =
        settings_.learning_rate * (0.02 + 0.98 * 0.5 * (1.0 + std::cos(std::numbers::pi * done)));
    const std::int64_t steps = std::max<std::int64_t>(1, frames() / settings_.frames_seen);
    InrEpoch sums;
    for (std::int64_t step = 0; step < steps; ++step) {
      const Loss loss = loss_of_batch(still);
      const Tensor total =
          loss.misfit + settings_.kl_weight * warm * loss.divergence + weight_prior();
      for (auto& p : parameters_) p.mutable_grad() = Tensor();
      total.backward();
      const double misfit = loss.misfit.item<double>();
      sums.gradient += adam_step(rate, misfit) / static_cast<double>(steps);
      sums.misfit += misfit / static_cast<double>(steps);
      sums.divergence += loss.plain_divergence.item<double>() / static_cast<double>(steps);
    }
    return sums;
  }

  void latents(bool all, Array<float, 2>& mean, Array<float, 2>& deviation) override {
    const torch::NoGradGuard still;
    const Averaged averaged(*this);
    const Tensor shown = all ? torch::ones({frames()}) : shown_;
    Tensor means = torch::zeros({frames(), settings_.latents}), deviations = means.clone();
    for (std::int64_t first = 0; first < settings_.stride; ++first) {
      const Tensor index = torch::arange(first, frames(), settings_.stride, torch::kLong);
      const Encoder::Impl::Path path =
          encoder_->forward(with_presence(index.unsqueeze(0), shown), Tensor());
      means.index_copy_(0, index, path.posterior.mean[0].to(torch::kCPU));
      deviations.index_copy_(0, index, path.posterior.deviation[0].to(torch::kCPU));
    }
    mean = array_of(means);
    deviation = array_of(deviations);
  }

  std::vector<double> residuals(const Array<float, 2>& latents) override {
    const torch::NoGradGuard still;
    const Averaged averaged(*this);
    const Tensor z = tensor_of(latents), held = torch::tensor(held_, torch::kLong);
    Tensor sum = torch::zeros({lattice_.size(0)}, torch::kDouble);
    for (std::int64_t at = 0; at < held.size(0); at += frames_at_once) {
      const Tensor index = held.narrow(0, at, std::min(frames_at_once, held.size(0) - at));
      const Tensor left = left_over(index, z.index_select(0, index).to(device_));
      sum += left.square().sum(at::IntArrayRef{0, 2}).to(torch::kCPU, torch::kDouble);
    }
    return std::vector<double>(sum.data_ptr<double>(), sum.data_ptr<double>() + sum.size(0));
  }

  Array<float, 2> answer(const std::vector<float>& latent, const Array<float, 2>& places) override {
    const torch::NoGradGuard still;
    const Averaged averaged(*this);
    const Tensor all = tensor_of(places).to(device_),
                 z = tensor_of(latent).unsqueeze(0).to(device_);
    std::vector<Tensor> parts;
    const std::int64_t at_once = 32768;
    for (std::int64_t at = 0; at < all.size(0); at += at_once) {
      const Tensor part = all.narrow(0, at, std::min(at_once, all.size(0) - at));
      parts.push_back(volume_->forward(part.unsqueeze(0), z)[0]);
    }
    return array_of(torch::cat(parts));
  }

  void set_scale(const std::vector<float>& scale) override {
    scale_ = tensor_of(scale).to(device_);
  }

  void keep_best() override {
    best_.clear();
    for (const Tensor& p : average_) best_.push_back(p.clone());
  }
  void use_best() override {
    const torch::NoGradGuard still;
    for (std::size_t i = 0; i < best_.size(); ++i) average_[i].copy_(best_[i]);
  }

  std::vector<NamedTensor> state() const override {
    std::vector<NamedTensor> out{{"steps", {1}, {static_cast<float>(steps_)}},
                                 {"mean_norm", {1}, {static_cast<float>(mean_norm_)}},
                                 named("scale", scale_)};
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      out.push_back(named("weights." + names_[i], parameters_[i]));
      out.push_back(named("average." + names_[i], average_[i]));
      out.push_back(named("first_moment." + names_[i], first_[i]));
      out.push_back(named("second_moment." + names_[i], second_[i]));
      if (!best_.empty()) out.push_back(named("best." + names_[i], best_[i]));
    }
    return out;
  }

  void set_state(const std::vector<NamedTensor>& tensors) override {
    const torch::NoGradGuard still;
    const auto find = [&](const std::string& name) {
      const auto found = std::find_if(
          tensors.begin(), tensors.end(), [&](const NamedTensor& one) { return one.name == name; });
      return found == tensors.end() ? nullptr : &*found;
    };
    const auto load = [&](const std::string& name, Tensor& into) {
      const NamedTensor* tensor = find(name);
      if (tensor == nullptr) throw InputError("has no tensor '" + name + "'");
      if (tensor->shape != into.sizes().vec()) {
        throw InputError("tensor '" + name +
                         "' is of another shape; were other widths, latents or frames used?");
      }
      into.copy_(torch::tensor(tensor->values).view(tensor->shape));
    };
    Tensor steps = torch::zeros({1}), norm = torch::zeros({1});
    load("steps", steps);
    load("mean_norm", norm);
    load("scale", scale_);
    steps_ = std::lround(steps.item<double>());
    mean_norm_ = norm.item<float>();
    best_.clear();
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      load("weights." + names_[i], parameters_[i]);
      load("average." + names_[i], average_[i]);
      load("first_moment." + names_[i], first_[i]);
      load("second_moment." + names_[i], second_[i]);
      if (find("best." + names_[0]) == nullptr) continue;
      best_.push_back(average_[i].clone());
      load("best." + names_[i], best_[i]);
    }
  }

  InrPath path(std::int64_t first, std::int64_t count, std::uint64_t seed) override {
    const torch::NoGradGuard still;
    Draw draw(seed, 0);
    const Tensor index = torch::arange(first, first + count, torch::kLong).unsqueeze(0);
    const Encoder::Impl::Path drawn = encoder_->forward(
        with_presence(index, shown_), draw.normal({1, count, settings_.latents}).to(device_));
    const Normal prior = prior_of(drawn.latents);
    return {array_of(drawn.latents[0]),
            array_of(drawn.posterior.mean[0]),
            array_of(drawn.posterior.deviation[0]),
            array_of(prior.mean[0]),
            array_of(prior.deviation[0]),
            divergence(drawn.posterior, prior).sum().item<double>()};
  }

 private:
  struct Loss {
    Tensor misfit, divergence, plain_divergence;  // nats per frame
  };

  /// The averaged weights stand in for the weights while it lives.
  class Averaged {
   public:
    explicit Averaged(TorchInrDvae& model) : model_(model) { swap(); }
    Averaged(const Averaged&) = delete;
    Averaged& operator=(const Averaged&) = delete;
    ~Averaged() { swap(); }

   private:
    void swap() {
      for (std::size_t i = 0; i < model_.parameters_.size(); ++i) {
        const Tensor kept = model_.parameters_[i].detach().clone();
        model_.parameters_[i].detach().copy_(model_.average_[i]);
        model_.average_[i].copy_(kept);
      }
    }
    TorchInrDvae& model_;
  };

  std::int64_t frames() const { return rest_.size(0); }

  /// The places (F, S, 3) of the frequencies of some frames.
  Tensor places_of(const Tensor& index) const {
    const Tensor turn = rotations_.index_select(0, index.to(device_)).narrow(1, 0, 2);  // (F, 2, 3)
    return torch::matmul(lattice_, turn);
  }

  /// What each frame adds to the mean map, back-projected to the anchors, and where it is seen
  /// from.
  Tensor seen_by_encoder(const Tensor& smooth) const {
    const torch::NoGradGuard still;
    const std::int64_t anchors = anchors_.size(0);
    std::vector<Tensor> parts;
    for (std::int64_t at = 0; at < frames(); at += frames_at_once) {
      const Tensor index = torch::arange(at, std::min(at + frames_at_once, frames()), torch::kLong);
      const Tensor waves = waves_of(places_of(index), anchors_);  // (F, S, 2M)
      const Tensor here = index.to(device_);
      const Tensor weight = gain_.index_select(0, here) * (scale_.square() * smooth);
      const Tensor pull = rest_.index_select(0, here) * weight.unsqueeze(2);  // (F, S, 2)
      const Tensor cosines =
          torch::bmm(pull.select(2, 0).unsqueeze(1), waves.narrow(2, 0, anchors));
      const Tensor sines =
          torch::bmm(pull.select(2, 1).unsqueeze(1), waves.narrow(2, anchors, anchors));
      parts.push_back((cosines - sines).squeeze(1));
    }
    Tensor seen = torch::cat(parts);
    seen = (seen - seen.mean(0)) / (seen.std(0) + 1e-12);
    const Tensor view = rotations_.select(1, 2);  // the beam in the molecule's frame
    const Tensor shape = view.unsqueeze(2) * view.unsqueeze(1);
    const Tensor rows = torch::tensor({0, 0, 0, 1, 1, 2}, torch::kLong).to(device_);
    const Tensor columns = torch::tensor({0, 1, 2, 1, 2, 2}, torch::kLong).to(device_);
    return torch::cat({seen, shape.index({torch::indexing::Slice(), rows, columns})}, 1);
  }

  /// Inputs (B, L, F + 1) of frames (B, L): zero, and marked so, where a frame is not shown.
  Tensor with_presence(const Tensor& index, const Tensor& shown) const {
    const Tensor flat = index.reshape({-1});
    const Tensor there = shown.index_select(0, flat).unsqueeze(1).to(device_);
    const Tensor seen = inputs_.index_select(0, flat.to(device_));
    return torch::cat({seen * there, there}, 1).view({index.size(0), index.size(1), -1});
  }

  /// rest - gain net of frames: (F, S, 2).
  Tensor left_over(const Tensor& index, const Tensor& z) {
    const Tensor here = index.to(device_);
    const Tensor net = volume_->forward(places_of(index), z);
    return rest_.index_select(0, here) - gain_.index_select(0, here).unsqueeze(2) * net;
  }

  /// Of z_t given z_(t-1) for a path (B, L, K); the first is N(0, I) a priori.
  Normal prior_of(const Tensor& path) {
    if (!settings_.transition) return {torch::zeros_like(path), torch::ones_like(path)};
    const std::int64_t length = path.size(1);
    const Normal next = transition_->forward(path.narrow(1, 0, length - 1));
    const Tensor first = path.narrow(1, 0, 1);
    return {torch::cat({torch::zeros_like(first), next.mean}, 1),
            torch::cat({torch::ones_like(first), next.deviation}, 1)};
  }

  Loss loss_of_batch(bool still) {
    Draw draw(settings_.seed, static_cast<std::uint64_t>(++steps_));
    const std::int64_t stride = settings_.stride;
    const std::int64_t length = std::min(settings_.sequence_length, frames() / stride);
    const std::int64_t batch = settings_.sequences, starts = frames() - stride * (length - 1);
    const Tensor first = draw.whole(starts, batch);
    const Tensor index =
        first.unsqueeze(1) + stride * torch::arange(length, torch::kLong).unsqueeze(0);
    const Tensor flat = index.reshape({-1});
    const Tensor shown = shown_ * draw.uniform({frames()}).ge(settings_.absent).to(torch::kFloat);
    const Tensor noise = draw.normal({batch, length, settings_.latents}).to(device_);
    // Of the frames that may be learnt from, a few.
    Tensor order = draw.order(batch * length);
    order = order.masked_select(shown_.index_select(0, flat).index_select(0, order).gt(0.5));
    order = order.narrow(0, 0, std::min(settings_.frames_seen, order.size(0)));
    const Tensor some = flat.index_select(0, order);
    if (still) {
      const Tensor z = torch::zeros({some.size(0), settings_.latents}, noise.options());
      const Tensor none = torch::zeros({}, noise.options());
      return {misfit(some, z), none, none};
    }
    const Encoder::Impl::Path path = encoder_->forward(with_presence(index, shown), noise);
    const Tensor z = path.latents.reshape({batch * length, -1}).index_select(0, order.to(device_));
    const Tensor apart = divergence(path.posterior, prior_of(path.latents));
    return {misfit(some, z), apart.clamp_min(settings_.free_bits).mean(), apart.mean().detach()};
  }

  Tensor misfit(const Tensor& index, const Tensor& z) {
    const Tensor left = left_over(index, z) * scale_.unsqueeze(1);
    return left.square().sum() / static_cast<double>(index.size(0));
  }

  /// Minus the log of a Gaussian prior on the volume's weights, nats per frame: of a variance under
  /// which a layer hands on the size of what it is given, times 1 / weight_decay.
  Tensor weight_prior() {
    Tensor sum = torch::zeros({}, rest_.options());
    for (const Tensor& p : volume_->parameters()) {
      if (p.dim() == 2) sum = sum + p.square().sum() * static_cast<double>(p.size(1));
    }
    return sum * (0.5 * settings_.weight_decay / static_cast<double>(frames()));
  }

  void gather_parameters() {
    const auto add = [&](const std::string& prefix, torch::nn::Module& module, double factor) {
      module.to(device_);
      for (const auto& p : module.named_parameters()) {
        names_.push_back(prefix + p.key());
        parameters_.push_back(p.value());
        rates_.push_back(factor);
        average_.push_back(p.value().detach().clone());
        first_.push_back(torch::zeros_like(average_.back()));
        second_.push_back(torch::zeros_like(average_.back()));
      }
    };
    add("volume.", *volume_, 1.0);
    add("encoder.", *encoder_, 1.0);
    add("transition.", *transition_, 10.0);  // as in TEMPOR
  }

  /// Adam (Kingma and Ba 2015) on gradients whose norm is bounded, and the running mean of weights;
  /// returns the norm.
  double adam_step(double rate, double misfit) {
    const torch::NoGradGuard still;
    double square = 0.0;
    for (const Tensor& p : parameters_) {
      if (p.grad().defined()) square += p.grad().square().sum().item<double>();
    }
    const double norm = std::sqrt(square);
    if (!std::isfinite(norm) || !std::isfinite(misfit)) {
      throw InputError("dynamics: training of inr-dvae left the finite numbers at step " +
                       std::to_string(steps_) + "; lower --inr-learning-rate");
    }
    if (steps_ == 1) mean_norm_ = norm;
    const double bound = clip * mean_norm_, shrink = norm > bound ? bound / norm : 1.0;
    mean_norm_ += 0.02 * (std::min(norm, bound) - mean_norm_);
    const auto n = static_cast<double>(steps_);
    const double size = rate * std::sqrt(1.0 - std::pow(0.999, n)) / (1.0 - std::pow(0.9, n));
    const double follow = 1.0 - std::min(averaging, (1.0 + n) / (10.0 + n));
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      Tensor& p = parameters_[i];
      if (p.grad().defined()) {
        const Tensor g = p.grad() * shrink;
        first_[i].lerp_(g, 0.1);
        second_[i].lerp_(g.square(), 0.001);
        p.addcdiv_(first_[i], second_[i].sqrt() + 1e-8, -size * rates_[i]);
      }
      average_[i].lerp_(p, follow);
    }
    return norm;
  }

  static NamedTensor named(const std::string& name, const Tensor& tensor) {
    const Tensor flat = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
    const float* data = flat.data_ptr<float>();
    return {name, flat.sizes().vec(), std::vector<float>(data, data + flat.numel())};
  }

  InrSettings settings_;
  torch::Device device_;
  Tensor rest_, gain_, rotations_, lattice_, scale_, anchors_, inputs_, shown_;
  std::vector<std::int64_t> held_;
  CoordinateNetwork volume_{nullptr};
  Encoder encoder_{nullptr};
  Transition transition_{nullptr};
  std::vector<std::string> names_;
  std::vector<Tensor> parameters_, average_, first_, second_, best_;
  std::vector<double> rates_;
  std::int64_t steps_ = 0;
  float mean_norm_ = 0.0F;
};

}  // namespace
}  // namespace kinema::nn

extern "C" kinema::nn::InrDvae* kinema_inr_dvae(const kinema::nn::InrMovie& movie,
                                                const kinema::nn::InrSettings& settings) {
  try {
    torch::zeros({1}, torch::Device(settings.device));
  } catch (const std::exception& error) {
    const std::string why = error.what();
    throw kinema::InputError("option 'device': LibTorch cannot work on '" + settings.device +
                             "' (" + why.substr(0, why.find('\n')) +
                             "); kinema doctor lists the devices");
  }
  return new kinema::nn::TorchInrDvae(movie, settings);
}
