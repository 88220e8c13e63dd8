#include "cpu/rope_cache.h"

#include <algorithm>
#include <cmath>

#include "core/checked.h"

namespace xllm::cpu {

RopeCache::RopeCache(const RopeTable& table, int32_t max_tokens)
    : table_(table), pairs_(static_cast<int64_t>(table.inv_freq.size())), rows_(max_tokens) {
  beyond_.reserve(max_tokens);
  missing_.reserve(max_tokens);
}

// The angle is a float32 product; cos and sin are taken in double, rounded, and scaled in float32.
void RopeCache::compute(int32_t position, float* out) const {
  float at = static_cast<float>(position);
  for (int64_t p = 0; p < pairs_; ++p) {
    float angle = at * table_.inv_freq[p];
    out[p] = static_cast<float>(std::cos(static_cast<double>(angle))) * table_.scale;
    out[pairs_ + p] = static_cast<float>(std::sin(static_cast<double>(angle))) * table_.scale;
  }
}

void RopeCache::prepare(const int32_t* positions, int32_t count, ThreadPool& pool) {
  missing_.clear();
  beyond_.clear();
  try {
    find(positions, count);
  } catch (...) {
    for (int32_t page : missing_) pages_[page] = AlignedBuffer();  // not filled
    throw;
  }
  if (!missing_.empty() || !beyond_.empty()) fill(positions, pool);
}

void RopeCache::find(const int32_t* positions, int32_t count) {
  for (int32_t t = 0; t < count; ++t) {
    if (positions[t] >= kCached) {
      beyond_.push_back(t);
      continue;
    }
    size_t page = positions[t] / kPage;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (pages_[page].data() == nullptr) {
      pages_[page] = AlignedBuffer(checked_mul(kPage * 2 * sizeof(float), pairs_, "rope table"), "rope table");
      missing_.push_back(static_cast<int32_t>(page));
    }
    const float* row = pages_[page].floats() + positions[t] % kPage * 2 * pairs_;
    rows_[t] = {row, row + pairs_};
  }
  if (!beyond_.empty() && uncached_.data() == nullptr) {
    uint64_t row_bytes = checked_mul(2 * sizeof(float), pairs_, "rope table");
    uncached_ = AlignedBuffer(checked_mul(rows_.size(), row_bytes, "rope table"), "rope table");
  }
}

void RopeCache::fill(const int32_t* positions, ThreadPool& pool) {
  int64_t pages = static_cast<int64_t>(missing_.size()), rows = static_cast<int64_t>(beyond_.size());
  int64_t work = pages * kPage + rows;
  pool.run([&](int32_t thread) {
    int64_t begin = work * thread / pool.threads(), end = work * (thread + 1) / pool.threads();
    for (int64_t i = begin; i < end; ++i) {
      if (i < pages * kPage) {
        int32_t page = missing_[i / kPage], at = static_cast<int32_t>(i % kPage);
        compute(page * kPage + at, pages_[page].floats() + at * 2 * pairs_);
      } else {
        int32_t t = beyond_[i - pages * kPage];
        float* row = uncached_.floats() + t * 2 * pairs_;
        compute(positions[t], row);
        rows_[t] = {row, row + pairs_};
      }
    }
  });
}

}  // namespace xllm::cpu
