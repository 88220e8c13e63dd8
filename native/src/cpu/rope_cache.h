#ifndef XLLM_CPU_ROPE_CACHE_H_
#define XLLM_CPU_ROPE_CACHE_H_

#include <cstdint>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/backend.h"
#include "cpu/thread_pool.h"

namespace xllm::cpu {

// cos and sin of a rope table by position, computed once: in double by the C library they cost more than all else that a row
// of a small model needs. Positions are kept in pages, made when a step first has one; positions beyond kCached are computed
// for every step.
class RopeCache {
 public:
  struct Row {
    const float* cos;  // [pairs]
    const float* sin;
  };

  RopeCache(const RopeTable& table, int32_t max_tokens);

  // Finds the rows of a step's positions; computes what is missing on the pool's threads.
  void prepare(const int32_t* positions, int32_t count, ThreadPool& pool);
  const Row& row(int64_t token) const { return rows_[token]; }

 private:
  static constexpr int32_t kPage = 64;        // positions
  static constexpr int32_t kCached = 1 << 17;  // positions

  void compute(int32_t position, float* out) const;
  void find(const int32_t* positions, int32_t count);
  void fill(const int32_t* positions, ThreadPool& pool);

  const RopeTable& table_;
  const int64_t pairs_;
  std::vector<AlignedBuffer> pages_;  // [position / kPage]: [kPage]{cos [pairs], sin [pairs]}
  std::vector<int32_t> missing_;      // pages of this step
  std::vector<int32_t> beyond_;       // rows of this step
  AlignedBuffer uncached_;            // [max_tokens]{cos, sin}, when first needed
  std::vector<Row> rows_;
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_ROPE_CACHE_H_
