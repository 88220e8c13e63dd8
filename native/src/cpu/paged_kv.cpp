#include "cpu/paged_kv.h"

#include <cstring>

#include "core/checked.h"

namespace xllm::cpu {

PagedKv::PagedKv(const Backend* owner, const xllm_kv_desc& desc) : KvPool(owner, desc) {
  uint64_t element = desc.type == XLLM_TYPE_F16 ? 2 : 4;
  value_stride_ = round_up(desc.head_dim, kLanes);
  value_offset_ = element * desc.head_dim * desc.block_tokens;
  head_bytes_ = value_offset_ + element * value_stride_ * desc.block_tokens;
  layer_bytes_ = checked_mul(head_bytes_, desc.kv_heads, "KV pool");
  block_bytes_ = checked_mul(layer_bytes_, desc.layers, "KV pool");
  buffer_ = AlignedBuffer(checked_mul(block_bytes_, desc.blocks, "KV pool"), "KV pool");
}

void PagedKv::copy_block(int32_t from, int32_t to) {
  std::memcpy(buffer_.data() + to * block_bytes_, buffer_.data() + from * block_bytes_, block_bytes_);
}

KvLayer PagedKv::layer(int32_t index) const {
  return {buffer_.data() + index * layer_bytes_,
          static_cast<int64_t>(block_bytes_),
          static_cast<int64_t>(head_bytes_),
          static_cast<int64_t>(value_offset_),
          desc.type == XLLM_TYPE_F16,
          desc.head_dim,
          static_cast<int32_t>(value_stride_),
          desc.block_tokens};
}

}  // namespace xllm::cpu
