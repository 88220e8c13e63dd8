// Writing a token's K and V into its block.
#ifndef XLLM_CPU_KERNELS_KV_STORE_H_
#define XLLM_CPU_KERNELS_KV_STORE_H_

namespace xllm::cpu {
namespace {

template <class Element>
void store_kv_head(const KvLayer& kv, uint8_t* head, int32_t slot, const float* k, const float* v) {
  Element* keys = reinterpret_cast<Element*>(head) + slot;
  Element* values = reinterpret_cast<Element*>(head + kv.value_offset) + static_cast<int64_t>(slot) * kv.value_stride;
  for (int d = 0; d < kv.head_dim; d += kLanes) {
    int n = kv.head_dim - d < kLanes ? kv.head_dim - d : kLanes;
    if constexpr (sizeof(Element) == 2) {
      uint16_t lanes[kLanes];
      V::storen_half(lanes, V::loadn(k + d, n), n);
      uint16_t* to = keys + static_cast<int64_t>(d) * kv.block_tokens;
      if (n == kLanes) {
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; ++i) to[static_cast<int64_t>(i) * kv.block_tokens] = lanes[i];
      } else {
        for (int i = 0; i < n; ++i) to[static_cast<int64_t>(i) * kv.block_tokens] = lanes[i];
      }
      V::storen_half(values + d, V::loadn(v + d, n), n);
    } else {
      for (int i = 0; i < n; ++i) keys[static_cast<int64_t>(d + i) * kv.block_tokens] = k[d + i];
      V::storen(values + d, V::loadn(v + d, n), n);
    }
  }
}

// Up to 32 values of a row as int8: scale = f16(max|x| / 127), at most 65504; q = round to nearest even of x * (1 / scale),
// within +-127; zeros where the scale is 0. Lanes from n to the next multiple of 16 are zero. Gives the scale's bits.
XI uint16_t quantize_row_block(const float* x, int n, int8_t* q) {
  V::F largest = V::zero();
  for (int d = 0; d < n; d += kLanes) {
    largest = V::max(V::abs(V::loadn(x + d, n - d < kLanes ? n - d : kLanes)), largest);
  }
  uint16_t half[kLanes];
  V::storen_half(half, V::min(V::set1(V::max_of(largest) / 127.0f), V::set1(65504.0f)), kLanes);
  float lanes[kLanes];
  V::store(lanes, V::load_half(half));
  const V::F inverse = V::set1(lanes[0] > 0 ? 1.0f / lanes[0] : 0.0f), low = V::set1(-127.0f), high = V::set1(127.0f);
  for (int d = 0; d < n; d += kLanes) {
    V::F y = V::mul(V::loadn(x + d, n - d < kLanes ? n - d : kLanes), inverse);
    V::store_bytes(q + d, V::to_int(V::min(V::max(y, low), high)));
  }
  return half[0];
}

// Scales [head_dim / 32 rounded up][block_tokens].
XI void quantize_row(const KvLayer& kv, const float* x, int8_t* q, uint8_t* scales, int32_t slot) {
  for (int d = 0; d < kv.head_dim; d += kBlock, scales += sizeof(uint16_t) * kv.block_tokens) {
    const int n = kv.head_dim - d < kBlock ? kv.head_dim - d : kBlock;
    reinterpret_cast<uint16_t*>(scales)[slot] = quantize_row_block(x + d, n, q + d);
  }
}

// K in pairs of dimensions, V in pairs of tokens: what one 16-bit multiply-add of a lane takes.
XI void store_q8_head(const KvLayer& kv, uint8_t* head, int32_t slot, const float* k, const float* v) {
  int8_t row[kMaxHeadDim + kLanes];
  quantize_row(kv, k, row, head + kv.key_scales, slot);
  int pairs = (kv.head_dim + 1) / 2;
  for (int p = 0; p < pairs; ++p) std::memcpy(head + 2 * (static_cast<int64_t>(p) * kv.block_tokens + slot), row + 2 * p, 2);
  quantize_row(kv, v, row, head + kv.value_scales, slot);
  uint8_t* values = head + kv.value_offset + slot / 2 * 2 * static_cast<int64_t>(kv.value_stride) + slot % 2;
  for (int d = 0; d < kv.head_dim; ++d) values[2 * d] = static_cast<uint8_t>(row[d]);
}

void store_kv(const KvLayer& kv, int32_t block, int32_t slot, int32_t kv_heads, const float* k, const float* v) {
  uint8_t* head = kv.data + block * kv.block_bytes;
  for (int32_t h = 0; h < kv_heads; ++h, head += kv.head_bytes, k += kv.head_dim, v += kv.head_dim) {
    switch (kv.type) {
      case XLLM_TYPE_F32: store_kv_head<float>(kv, head, slot, k, v); break;
      case XLLM_TYPE_F16: store_kv_head<uint16_t>(kv, head, slot, k, v); break;
      default: store_q8_head(kv, head, slot, k, v); break;
    }
  }
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_KV_STORE_H_
