#ifndef XLLM_CPU_PACKED_WEIGHT_H_
#define XLLM_CPU_PACKED_WEIGHT_H_

#include "core/aligned_buffer.h"
#include "core/backend.h"
#include "cpu/kernels.h"
#include "cpu/thread_pool.h"

namespace xllm::cpu {

// A weight in the CPU's layout: a vector as float32 (padded with zeros to 16), a matrix or table in tiles of 16 rows.
class PackedWeight final : public Weight {
 public:
  PackedWeight(const Backend* owner, const xllm_weight_desc& desc, ThreadPool& pool);
  uint64_t bytes() const override { return buffer_.bytes(); }

  const PackedMatrix& matrix() const { return matrix_; }
  const float* vector() const { return buffer_.floats(); }
  // Values of one row (a table's lookup), each times `factor`.
  void read_row(int64_t row, float factor, float* out) const;

 private:
  AlignedBuffer buffer_;
  PackedMatrix matrix_{};
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_PACKED_WEIGHT_H_
