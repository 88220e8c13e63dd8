#ifndef XLLM_CPU_PAGED_KV_H_
#define XLLM_CPU_PAGED_KV_H_

#include "core/aligned_buffer.h"
#include "core/backend.h"
#include "cpu/kernels.h"

namespace xllm::cpu {

// The KV pool: [block][layer][kv head]{K [head_dim][block_tokens], V [block_tokens][head_dim padded to 16]}, so that a block
// is one run of memory.
class PagedKv final : public KvPool {
 public:
  PagedKv(const Backend* owner, const xllm_kv_desc& desc);
  uint64_t bytes() const override { return buffer_.bytes(); }
  void copy_block(int32_t from, int32_t to) override;
  KvLayer layer(int32_t index) const;

 private:
  int64_t value_stride_;
  uint64_t value_offset_;
  uint64_t head_bytes_;
  uint64_t layer_bytes_;
  uint64_t block_bytes_;
  AlignedBuffer buffer_;
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_PAGED_KV_H_
