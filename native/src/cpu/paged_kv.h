#ifndef XLLM_CPU_PAGED_KV_H_
#define XLLM_CPU_PAGED_KV_H_

#include "core/aligned_buffer.h"
#include "core/backend.h"
#include "cpu/kernels.h"
#include "cpu/kv_file.h"
#include "cpu/kv_ranges.h"

namespace xllm::cpu {

// The KV pool: [block][layer][kv head]{K [head_dim][block_tokens], V [block_tokens][head_dim padded to 16]}, so that a block
// is one run of memory. Q8_0 has a scale for each 32 dimensions of a row (KvLayer says how it lies). In a virtual pool a block begins on a
// page of the system; in a shared one too.
class PagedKv final : public KvPool {
 public:
  PagedKv(const Backend* owner, const xllm_kv_desc& desc);
  uint64_t bytes() const override { return block_bytes_ * desc.blocks; }
  void copy_block(int32_t from, int32_t to) override;
  void map(const xllm_kv_mapping* mappings, int32_t count, bool ahead) override;
  void describe(xllm_kv_info& out) override;
  void attach(int32_t file, int32_t first, int32_t count) override;
  bool has_guest(int32_t block) const override { return file_ != nullptr && file_->has_guest(block - desc.blocks); }
  // A layer in the pool (range -1), found by block id, or in a range, found by position.
  KvLayer layer(int32_t index, int32_t range = -1) const;
  // NULL when the pool is plain.
  KvRanges* ranges() const { return ranges_.get(); }

 private:
  int64_t value_stride_;
  uint64_t value_offset_;
  uint64_t scales_offset_;
  uint64_t scales_bytes_;  // of K, and of V
  uint64_t head_bytes_;
  uint64_t layer_bytes_;
  uint64_t block_bytes_;
  uint8_t* data_;
  AlignedBuffer buffer_;  // a plain pool's
  std::unique_ptr<KvFile> file_;  // a shared pool's
  std::unique_ptr<KvRanges> ranges_;
  std::string reason_;
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_PAGED_KV_H_
