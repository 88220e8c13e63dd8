#include "support/tiny_model.h"

#include <cmath>

namespace xllm::test {

TinyModel::TinyModel(const TinyShape& shape, uint64_t seed, int32_t isa, int32_t threads)
    : shape_(shape), device_(make_device(isa, threads)) {
  Random random(seed);
  x_ = builder_.tokens_buffer(shape.hidden);
  y_ = builder_.tokens_buffer(shape.hidden);
  q_ = builder_.tokens_buffer(shape.heads * shape.head_dim);
  k_ = builder_.tokens_buffer(shape.kv_heads * shape.head_dim);
  v_ = builder_.tokens_buffer(shape.kv_heads * shape.head_dim);
  attended_ = builder_.tokens_buffer(shape.heads * shape.head_dim);
  gate_ = builder_.tokens_buffer(shape.intermediate);
  up_ = builder_.tokens_buffer(shape.intermediate);
  int32_t wanted = builder_.outputs_buffer(shape.hidden);
  int32_t normed = builder_.outputs_buffer(shape.hidden);
  builder_.logits = builder_.outputs_buffer(shape.vocabulary);
  std::vector<float> frequencies(shape.head_dim / 2);
  for (size_t i = 0; i < frequencies.size(); ++i) {
    frequencies[i] = std::pow(10000.0f, -2.0f * static_cast<float>(i) / static_cast<float>(shape.head_dim));
  }
  builder_.frequencies.push_back(frequencies);
  builder_.rope_scales.push_back(1.0f);
  builder_.max_tokens = shape.max_tokens;
  builder_.max_outputs = shape.max_outputs;
  builder_.float_activations = shape.float_activations;

  int32_t usage = shape.tied ? XLLM_WEIGHT_TABLE | XLLM_WEIGHT_MATRIX : XLLM_WEIGHT_TABLE;
  int32_t table = matrix(random, shape.head_type, usage, shape.vocabulary, shape.hidden);
  builder_.ops.push_back(make_op(XLLM_OP_EMBED, {}, x_, {table}, {}, {1.0f}));
  for (int32_t l = 0; l < shape.layers; ++l) layer(random, l);
  builder_.ops.push_back(make_op(XLLM_OP_GATHER, {x_}, wanted));
  builder_.hidden = x_;
  builder_.hidden_norm = vector(random, shape.hidden, 1.0f);
  builder_.hidden_epsilon = 1e-5f;
  builder_.ops.push_back(make_op(XLLM_OP_RMS_NORM, {wanted}, normed, {builder_.hidden_norm}, {0}, {1e-5f}));
  int32_t head = shape.tied
                     ? table
                     : matrix(random, shape.head_type, XLLM_WEIGHT_MATRIX, shape.vocabulary, shape.hidden);
  builder_.ops.push_back(make_op(XLLM_OP_LINEAR, {normed}, builder_.logits, {head}));

  program_ = builder_.build(device_.get());
  xllm_kv_desc desc{};
  desc.size = sizeof(desc);
  desc.type = shape.kv_type;
  desc.layers = shape.layers;
  desc.kv_heads = shape.kv_heads;
  desc.head_dim = shape.head_dim;
  desc.block_tokens = shape.block_tokens;
  desc.blocks = shape.kv_blocks;
  desc.mode = shape.kv_ranges > 0 ? XLLM_KV_VIRTUAL : XLLM_KV_PLAIN;
  desc.ranges = shape.kv_ranges;
  desc.range_blocks = shape.kv_blocks;
  desc.flags = shape.kv_flags;
  desc.guest_blocks = shape.guest_blocks;
  desc.extra_bytes = shape.extra_bytes;
  xllm_kv* kv = nullptr;
  require(xllm_kv_create(device_.get(), &desc, &kv));
  kv_.reset(kv);
}

int32_t TinyModel::matrix(Random& random, int32_t type, int32_t usage, int32_t rows, int32_t cols) {
  float deviation = 1.0f / std::sqrt(static_cast<float>(cols));
  std::vector<uint8_t> bytes = random.weights(type, rows, cols, deviation);
  if (rows == shape_.vocabulary && cols == shape_.hidden) {
    head_ = dequantized(type, bytes, static_cast<size_t>(rows) * static_cast<size_t>(cols));
  }
  weights_.push_back(make_weight(device_.get(), type, usage, rows, cols, bytes));
  return builder_.weight(weights_.back());
}

int32_t TinyModel::vector(Random& random, int32_t size, float centre) {
  std::vector<float> values = random.normals(size, 0.1f);
  for (float& value : values) value += centre;
  weights_.push_back(make_vector(device_.get(), values));
  return builder_.weight(weights_.back());
}

int32_t TinyModel::linear(Random& random, int32_t in, int32_t out, int32_t flags) {
  int32_t rows = builder_.buffers[out].width, cols = builder_.buffers[in].width;
  int32_t w = matrix(random, shape_.type, XLLM_WEIGHT_MATRIX, rows, cols);
  int32_t bias = shape_.biases ? vector(random, rows, 0.0f) : -1;
  builder_.ops.push_back(make_op(XLLM_OP_LINEAR, {in}, out, {w, bias}, {}, {}, flags));
  return w;
}

void TinyModel::layer(Random& random, int32_t index) {
  const TinyShape& s = shape_;
  auto norm = [&](int32_t in, int32_t out, int32_t group) {
    int32_t size = group == 0 ? builder_.buffers[out].width : group;
    builder_.ops.push_back(
        make_op(XLLM_OP_RMS_NORM, {in}, out, {vector(random, size, 1.0f)}, {group}, {1e-5f}));
  };
  norm(x_, y_, 0);
  linear(random, y_, q_, 0);
  linear(random, y_, k_, 0);
  linear(random, y_, v_, 0);
  if (s.head_norm) norm(q_, q_, s.head_dim), norm(k_, k_, s.head_dim);
  builder_.ops.push_back(make_op(XLLM_OP_ROPE, {}, q_, {}, {s.heads, s.head_dim, s.head_dim, index % 2, 0}));
  builder_.ops.push_back(make_op(XLLM_OP_ROPE, {}, k_, {}, {s.kv_heads, s.head_dim, s.head_dim, index % 2, 0}));
  int32_t window = index % 2 == 1 ? s.window : 0;
  builder_.ops.push_back(make_op(XLLM_OP_ATTENTION, {q_, k_, v_}, attended_, {},
                                 {index, s.heads, s.kv_heads, s.head_dim, window},
                                 {1.0f / std::sqrt(static_cast<float>(s.head_dim)), 0.0f}));
  linear(random, attended_, x_, XLLM_LINEAR_ADD);
  norm(x_, y_, 0);
  linear(random, y_, gate_, 0);
  linear(random, y_, up_, 0);
  builder_.ops.push_back(make_op(XLLM_OP_SWIGLU, {gate_, up_}, gate_));
  linear(random, gate_, x_, XLLM_LINEAR_ADD);
}

std::vector<int32_t> TinyModel::blocks(int32_t first, int32_t tokens) const {
  int32_t count = (tokens + shape_.block_tokens - 1) / shape_.block_tokens;
  std::vector<int32_t> ids;
  for (int32_t b = count - 1; b >= 0; --b) ids.push_back(first + b);
  return ids;
}

uint64_t TinyModel::weight_bytes() const {
  uint64_t bytes = 0;
  for (const WeightHandle& weight : weights_) bytes += xllm_weight_bytes(weight.get());
  return bytes;
}

}  // namespace xllm::test
