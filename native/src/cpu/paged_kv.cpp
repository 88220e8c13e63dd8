#include "cpu/paged_kv.h"

#include <cstdio>
#include <cstring>

#include "core/checked.h"

namespace xllm::cpu {

PagedKv::PagedKv(const Backend* owner, const xllm_kv_desc& desc) : KvPool(owner, desc) {
  uint64_t element = desc.type == XLLM_TYPE_F32 ? 4 : desc.type == XLLM_TYPE_F16 ? 2 : 1;
  value_stride_ = round_up(desc.head_dim, kLanes);
  value_offset_ = element * round_up(desc.head_dim, element == 1 ? 2 : 1) * desc.block_tokens;
  scales_offset_ = value_offset_ + element * value_stride_ * desc.block_tokens;
  scales_bytes_ = element == 1 ? sizeof(uint16_t) * ceil_div(desc.head_dim, kBlock) * desc.block_tokens : 0;
  head_bytes_ = scales_offset_ + 2 * scales_bytes_;
  layer_bytes_ = checked_mul(head_bytes_, desc.kv_heads, "KV pool");
  block_bytes_ = checked_mul(layer_bytes_, desc.layers, "KV pool");
  if (desc.mode == XLLM_KV_VIRTUAL) {
    uint64_t stride = KvRanges::stride_of(block_bytes_);
    ranges_ = KvRanges::create(desc.blocks, stride, desc.ranges, desc.range_blocks, reason_);
    if (ranges_ != nullptr) {
      block_bytes_ = stride;
      data_ = ranges_->pool();
      return;
    }
  }
  if ((desc.flags & XLLM_KV_SHARED) != 0) {
    uint64_t stride = KvRanges::stride_of(block_bytes_);
    file_ = KvFile::create(desc.blocks, stride, desc.guest_blocks, static_cast<uint64_t>(desc.extra_bytes), reason_);
    if (file_ != nullptr) {
      block_bytes_ = stride;
      data_ = file_->data();
      return;
    }
  }
  buffer_ = AlignedBuffer(checked_mul(block_bytes_, desc.blocks, "KV pool"), "KV pool");
  data_ = buffer_.data();
}

void PagedKv::copy_block(int32_t from, int32_t to) {
  std::memcpy(data_ + to * block_bytes_, data_ + from * block_bytes_, block_bytes_);
}

void PagedKv::map(const xllm_kv_mapping* mappings, int32_t count, bool ahead) {
  if (ranges_ == nullptr) fail(XLLM_UNSUPPORTED, "the KV pool is plain: %s", reason_.c_str());
  ranges_->map(mappings, count, ahead);
}

void PagedKv::attach(int32_t file, int32_t first, int32_t count) {
  if (file_ == nullptr) fail(XLLM_UNSUPPORTED, "the KV pool is not shared: %s", reason_.c_str());
  file_->attach(file, first - desc.blocks, count);
}

void PagedKv::describe(xllm_kv_info& out) {
  out.block_bytes = static_cast<int64_t>(block_bytes_);
  out.layer_bytes = static_cast<int64_t>(layer_bytes_);
  out.data = data_;
  if (ranges_ != nullptr) return ranges_->describe(out);
  out.mode = XLLM_KV_PLAIN;
  out.memory_file = file_ == nullptr ? -1 : file_->file();
  out.extra = file_ == nullptr ? nullptr : file_->extra();
  std::snprintf(out.reason, sizeof(out.reason), "%s", reason_.c_str());
}

KvLayer PagedKv::layer(int32_t index, int32_t range) const {
  uint8_t* data = range < 0 ? data_ : ranges_->base(range);
  return {data + index * layer_bytes_,
          static_cast<int64_t>(block_bytes_),
          static_cast<int64_t>(head_bytes_),
          static_cast<int64_t>(value_offset_),
          static_cast<int64_t>(scales_offset_),
          static_cast<int64_t>(scales_offset_ + scales_bytes_),
          desc.type,
          desc.head_dim,
          static_cast<int32_t>(value_stride_),
          desc.block_tokens};
}

}  // namespace xllm::cpu
