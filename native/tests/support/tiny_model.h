#ifndef XLLM_TESTS_SUPPORT_TINY_MODEL_H_
#define XLLM_TESTS_SUPPORT_TINY_MODEL_H_

#include "support/harness.h"

namespace xllm::test {

// Shape of a Llama-like model with random weights.
struct TinyShape {
  int32_t vocabulary = 320;
  int32_t hidden = 256;
  int32_t heads = 6;
  int32_t kv_heads = 2;
  int32_t head_dim = 32;
  int32_t intermediate = 512;
  int32_t layers = 2;
  int32_t window = 0;     // of every second layer
  bool head_norm = false;  // norm of q and k a head
  bool biases = false;
  bool tied = true;
  int32_t type = XLLM_TYPE_Q4_1;
  int32_t head_type = XLLM_TYPE_Q8_0;
  int32_t kv_type = XLLM_TYPE_F16;
  int32_t block_tokens = 16;
  int32_t kv_blocks = 64;
  int32_t kv_ranges = 0;  // > 0: a virtual pool
  int32_t kv_flags = 0;   // XLLM_KV_SHARED
  int32_t guest_blocks = 0;
  int64_t extra_bytes = 0;
  int32_t max_tokens = 256;
  int32_t max_outputs = 256;
  bool float_activations = false;
};

// A model with seeded weights on a device: the same seed and shape give the same model on every path.
class TinyModel {
 public:
  TinyModel(const TinyShape& shape, uint64_t seed, int32_t isa, int32_t threads);

  const TinyShape& shape() const { return shape_; }
  const Program& program() const { return program_; }
  const Kv& kv() const { return kv_; }
  std::vector<float> step(const std::vector<Part>& parts) const {
    return run_step(program_, kv_, parts, shape_.vocabulary);
  }
  // Blocks [first, first + n) in descending order, for `tokens` positions.
  std::vector<int32_t> blocks(int32_t first, int32_t tokens) const;
  uint64_t weight_bytes() const;
  // The output matrix [vocabulary, hidden], dequantised.
  const std::vector<float>& head() const { return head_; }

 private:
  int32_t matrix(Random& random, int32_t type, int32_t usage, int32_t rows, int32_t cols);
  int32_t vector(Random& random, int32_t size, float centre);
  int32_t linear(Random& random, int32_t in, int32_t out, int32_t flags);
  void layer(Random& random, int32_t index);

  TinyShape shape_;
  Device device_;
  std::vector<float> head_;
  std::vector<WeightHandle> weights_;
  ProgramBuilder builder_;
  Kv kv_;
  Program program_;
  int32_t x_, y_, q_, k_, v_, attended_, gate_, up_;
};

}  // namespace xllm::test

#endif  // XLLM_TESTS_SUPPORT_TINY_MODEL_H_
