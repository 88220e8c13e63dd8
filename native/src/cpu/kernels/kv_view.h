// Where the keys and values of a range of positions lie.
#ifndef XLLM_CPU_KERNELS_KV_VIEW_H_
#define XLLM_CPU_KERNELS_KV_VIEW_H_

namespace xllm::cpu {
namespace {

struct RangeView {
  const uint8_t* keys[kRange / kLanes];  // groups of 16 positions: [head_dim / kStep], key_step bytes apart
  int64_t key_step;
  const uint8_t* values[kRange / 8];  // runs of 8 positions: [8 / kStep], value_step bytes apart
  int64_t value_step;
  const float* key_scales;    // int8 only: [head_dim / 32 rounded up][kRange]
  const float* value_scales;
  const uint8_t* next;  // what is read after this range, or something of it
};

// A sequence's blocks of a KV head: the one place that knows how they are found. Block sizes are powers of two.
struct BlockFinder {
  const AttentionArgs& a;
  int shift;
  explicit BlockFinder(const AttentionArgs& args) : a(args), shift(__builtin_ctz(static_cast<unsigned>(args.kv.block_tokens))) {}
  int slot(int32_t position) const { return position & (a.kv.block_tokens - 1); }
  const uint8_t* head(int32_t position) const {
    int64_t block = position >> shift;
    if (a.blocks != nullptr) block = a.blocks[block];
    return a.kv.data + block * a.kv.block_bytes + a.kv_head * a.kv.head_bytes;
  }
};

template <class K>
void view_groups(const BlockFinder& blocks, int32_t first, int32_t begin, int32_t end, RangeView& view) {
  const KvLayer& kv = blocks.a.kv;
  view.key_step = static_cast<int64_t>(kv.block_tokens) * K::kLaneBytes;
  for (int32_t p = begin; p < end; p += kLanes) {
    const uint8_t* head = blocks.head(p);
    int slot = blocks.slot(p), group = (p - first) / kLanes;
    view.keys[group] = head + slot * K::kLaneBytes;
  }
}

// Blocks of 8: what lies in two blocks is copied together.
template <class K>
void join_groups(const BlockFinder& blocks, int32_t first, int32_t begin, int32_t end, float* scratch, RangeView& view) {
  const KvLayer& kv = blocks.a.kv;
  const int units = (kv.head_dim + K::kStep - 1) / K::kStep;
  view.key_step = kLanes * K::kLaneBytes;
  for (int32_t p = begin; p < end; p += 8) {
    const uint8_t* head = blocks.head(p);
    int group = (p - first) / kLanes, half = (p - first) % kLanes;
    uint8_t* keys = reinterpret_cast<uint8_t*>(scratch) + group * units * view.key_step;
    view.keys[group] = keys;
    for (int u = 0; u < units; ++u) {
      std::memcpy(keys + (u * kLanes + half) * K::kLaneBytes, head + u * 8 * K::kLaneBytes, 8 * K::kLaneBytes);
    }
  }
}

// Scales of int8 rows as float32, once for all queries of the item.
XI void view_scales(const BlockFinder& blocks, int32_t first, int32_t begin, int32_t end, int64_t offset, float* scales) {
  const KvLayer& kv = blocks.a.kv;
  const int count = (kv.head_dim + kBlock - 1) / kBlock;
  for (int32_t p = begin; p < end; p += kLanes) {
    const uint8_t* low = blocks.head(p) + offset + sizeof(uint16_t) * blocks.slot(p);
    const bool joined = kv.block_tokens < kLanes;
    const uint8_t* high = joined && p + 8 < end ? blocks.head(p + 8) + offset : low;
    for (int b = 0; b < count; ++b) {
      const int64_t at = static_cast<int64_t>(sizeof(uint16_t)) * b * kv.block_tokens;
      uint16_t halves[kLanes];
      std::memcpy(halves, low + at, joined ? 16 : 32);
      if (joined) std::memcpy(halves + 8, high + at, 16);
      V::store(scales + b * kRange + (p - first), V::load_half(halves));
    }
  }
}

// Positions [begin, end) are needed; begin is a multiple of 16, `first` of kRange.
template <class K>
void view_range(const AttentionArgs& a, int32_t first, int32_t begin, int32_t end, float* scratch, RangeView& view) {
  const BlockFinder blocks(a);
  view.value_step = static_cast<int64_t>(a.kv.value_stride) * K::kLaneBytes;
  for (int32_t p = begin; p < end; p += 8) {
    view.values[(p - first) / 8] =
        blocks.head(p) + a.kv.value_offset + blocks.slot(p) / K::kStep * view.value_step;
  }
  if constexpr (K::kStep == 2) {
    float* scales = scratch + static_cast<int64_t>(kRange) * a.kv.head_dim;
    view.key_scales = scales;
    view.value_scales = scales + static_cast<int64_t>(kRange) * ((a.kv.head_dim + kBlock - 1) / kBlock);
    view_scales(blocks, first, begin, end, a.kv.key_scales, scales);
    view_scales(blocks, first, begin, end, a.kv.value_scales, const_cast<float*>(view.value_scales));
  }
  bool more = end == first + kRange && end < a.position + a.rows;
  view.next = more ? blocks.head(end) : view.values[(begin - first) / 8];
  if (a.kv.block_tokens >= kLanes) {
    view_groups<K>(blocks, first, begin, end, view);
  } else {
    join_groups<K>(blocks, first, begin, end, scratch, view);
  }
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_KV_VIEW_H_
