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
  const uint16_t* key_scales[kRange / kLanes];  // int8 only: of groups of 16 positions, [head_dim / 32 rounded up][16],
  const uint16_t* value_scales[kRange / kLanes];
  int64_t scale_step;  // so many apart
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
  view.scale_step = kv.block_tokens;
  for (int32_t p = begin; p < end; p += kLanes) {
    const uint8_t* head = blocks.head(p);
    int slot = blocks.slot(p), group = (p - first) / kLanes;
    view.keys[group] = head + slot * K::kLaneBytes;
    if constexpr (K::kStep == 2) {
      view.key_scales[group] = reinterpret_cast<const uint16_t*>(head + kv.key_scales) + slot;
      view.value_scales[group] = reinterpret_cast<const uint16_t*>(head + kv.value_scales) + slot;
    }
  }
}

// Blocks of 8: what lies in two blocks is copied together.
template <class K>
void join_groups(const BlockFinder& blocks, int32_t first, int32_t begin, int32_t end, float* scratch, RangeView& view) {
  const KvLayer& kv = blocks.a.kv;
  const int units = (kv.head_dim + K::kStep - 1) / K::kStep;
  const int blocks_of_dims = (kv.head_dim + kBlock - 1) / kBlock;
  view.key_step = kLanes * K::kLaneBytes;
  view.scale_step = kLanes;
  for (int32_t p = begin; p < end; p += 8) {
    const uint8_t* head = blocks.head(p);
    int group = (p - first) / kLanes, half = (p - first) % kLanes;
    uint8_t* keys = reinterpret_cast<uint8_t*>(scratch) + group * units * view.key_step;
    view.keys[group] = keys;
    for (int u = 0; u < units; ++u) {
      std::memcpy(keys + (u * kLanes + half) * K::kLaneBytes, head + u * 8 * K::kLaneBytes, 8 * K::kLaneBytes);
    }
    if constexpr (K::kStep == 2) {
      uint16_t* scales = reinterpret_cast<uint16_t*>(scratch + static_cast<int64_t>(kRange) * kv.head_dim) +
                         2 * blocks_of_dims * kLanes * group;
      view.key_scales[group] = scales;
      view.value_scales[group] = scales + blocks_of_dims * kLanes;
      for (int b = 0; b < blocks_of_dims; ++b) {
        std::memcpy(scales + b * kLanes + half, head + kv.key_scales + 16 * b, 16);
        std::memcpy(scales + (blocks_of_dims + b) * kLanes + half, head + kv.value_scales + 16 * b, 16);
      }
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
