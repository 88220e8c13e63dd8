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
  const float* key_scales;    // [kRange], int8 only
  const float* value_scales;  // [kRange]
  const uint8_t* next;        // what is read after this range, or something of it
};

// The one place that knows how a sequence's blocks are found.
XI const uint8_t* block_head(const AttentionArgs& a, int32_t position) {
  int64_t block = position / a.kv.block_tokens;
  if (a.blocks != nullptr) block = a.blocks[block];
  return a.kv.data + block * a.kv.block_bytes + a.kv_head * a.kv.head_bytes;
}

// Scratch of a view: keys of blocks of 8 positions brought together in groups of 16, and scales.
constexpr int64_t view_floats(int64_t head_dim) { return kRange * (head_dim + 2) + kLanes; }

template <class K>
void view_keys(const AttentionArgs& a, int32_t first, int32_t begin, int32_t end, float* scratch, RangeView& view) {
  const int bt = a.kv.block_tokens;
  if (bt >= kLanes) {
    view.key_step = static_cast<int64_t>(bt) * K::kLaneBytes;
    for (int32_t p = begin; p < end; p += kLanes) {
      view.keys[(p - first) / kLanes] = block_head(a, p) + (p % bt) * K::kLaneBytes;
    }
    return;
  }
  view.key_step = kLanes * K::kLaneBytes;
  const int units = (a.kv.head_dim + K::kStep - 1) / K::kStep;
  for (int32_t p = begin; p < end; p += kLanes) {
    uint8_t* group = reinterpret_cast<uint8_t*>(scratch) + (p - first) / kLanes * units * view.key_step;
    view.keys[(p - first) / kLanes] = group;
    for (int half = 0; half < 2; ++half) {
      if (p + 8 * half >= end) continue;
      const uint8_t* from = block_head(a, p + 8 * half);
      for (int u = 0; u < units; ++u) {
        std::memcpy(group + (u * kLanes + 8 * half) * K::kLaneBytes, from + u * 8 * K::kLaneBytes, 8 * K::kLaneBytes);
      }
    }
  }
}

// Positions [begin, end) are needed; begin is a multiple of 16, `first` of kRange.
template <class K>
void view_range(const AttentionArgs& a, int32_t first, int32_t begin, int32_t end, float* scratch, RangeView& view) {
  const int bt = a.kv.block_tokens;
  float* key_scales = scratch;
  float* value_scales = scratch + kRange;
  view.key_scales = key_scales;
  view.value_scales = value_scales;
  view.value_step = static_cast<int64_t>(a.kv.value_stride) * K::kLaneBytes;
  for (int32_t p = begin; p < end; p += 8) {
    const uint8_t* head = block_head(a, p);
    int32_t slot = p % bt;
    view.values[(p - first) / 8] = head + a.kv.value_offset + slot / K::kStep * view.value_step;
    if constexpr (K::kStep == 2) {
      std::memcpy(key_scales + (p - first), head + a.kv.key_scales + slot * 4, 32);
      std::memcpy(value_scales + (p - first), head + a.kv.value_scales + slot * 4, 32);
    }
  }
  view.next = end == first + kRange && end < a.position + a.rows ? block_head(a, end) : view.values[(begin - first) / 8];
  view_keys<K>(a, first, begin, end, scratch + 2 * kRange, view);
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_KV_VIEW_H_
