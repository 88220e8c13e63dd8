// out = x W^T: 16 outputs in lanes, one FMA chain over the inputs, ascending, for each. A tile of T tokens shares the
// weights that were loaded; T changes nothing in any chain.
#ifndef XLLM_CPU_KERNELS_LINEAR_H_
#define XLLM_CPU_KERNELS_LINEAR_H_

#include "cpu/block_tile.h"

namespace xllm::cpu {
namespace {

template <int T>
struct Chains {
  V::F acc[T];
};

// Float weights [k][16].
template <int Type, int T>
XI void float_tile(const uint8_t* tile, int64_t cols, const float* x, int64_t x_stride, Chains<T>& c) {
  for (int64_t k = 0; k < cols; ++k) {
    V::F w;
    if constexpr (Type == XLLM_TYPE_F32) w = V::load(reinterpret_cast<const float*>(tile) + k * kLanes);
    if constexpr (Type == XLLM_TYPE_F16) w = V::load_half(reinterpret_cast<const uint16_t*>(tile) + k * kLanes);
    if constexpr (Type == XLLM_TYPE_BF16) w = V::load_bfloat(reinterpret_cast<const uint16_t*>(tile) + k * kLanes);
#pragma GCC unroll 16
    for (int t = 0; t < T; ++t) c.acc[t] = V::fma(w, V::set1(x[t * x_stride + k]), c.acc[t]);
  }
}

// Scale `index` of 16 rows: those of the sub-blocks, then their mins. `super` is where the scales of 256 inputs lie.
template <class Q>
XI V::F load_scale(const uint8_t* block, const uint8_t* super, int index) {
  const uint8_t* scales = block + Q::quant_bytes;
  if constexpr (Q::product) {
    V::F whole = V::load_half(reinterpret_cast<const uint16_t*>(super) + (index < Q::subs ? 0 : kLanes));
    return V::mul(whole, V::to_float(V::load_int8(scales + index * kLanes)));
  } else {
    return V::load_half(reinterpret_cast<const uint16_t*>(scales) + index * kLanes);
  }
}

XI void finish_outputs(const LinearArgs& a, int64_t tile, int64_t token, V::F r) {
  float* out = a.out + token * a.out_stride + (tile - a.out_tile) * kLanes;
  if (a.bias != nullptr) r = V::add(r, V::load(a.bias + tile * kLanes));
  if (a.add) r = V::add(V::load(out), r);
  V::store(out, r);
}

// A block's eight groups as bytes.
template <int Bits>
XI void unpack_groups(const uint8_t* block, uint8_t* groups) {
  for (int j = 0; j < 4; ++j) {
    V::Bytes even, odd;
    V::group_pair<Bits>(block, j, even, odd);
    V::store_bytes64(groups + 128 * j, even);
    V::store_bytes64(groups + 128 * j + 64, odd);
  }
}

// Quantised weights, float activations: w = dw * (q - zero) (+ m) in registers, then the chain of float weights.
template <class Q, int T>
XI void dequantized_tile(const uint8_t* tile, int64_t blocks, const float* x, int64_t x_stride, Chains<T>& c) {
  const uint8_t* super = tile;
  for (int64_t b = 0; b < blocks; ++b, x += kBlock) {
    const uint8_t* block = tile + Q::offset(b);
    if (b % kSuperBlocks == 0) super = block - Q::super_bytes;
    alignas(64) uint8_t groups[8 * 64];
    unpack_groups<Q::bits>(block, groups);
    for (int g = 0; g < 8; ++g) {
      V::I bytes = V::load_ints(groups + 64 * g);
      int s = Q::subs == 1 ? 0 : g / 4;
      V::F d = load_scale<Q>(block, super, s);
      V::F m = Q::has_min ? load_scale<Q>(block, super, Q::subs + s) : V::zero();
      for (int i = 0; i < 4; ++i) {
        V::F w = V::mul(d, V::to_float(V::byte_of(bytes, i, Q::zero)));
        if constexpr (Q::has_min) w = V::add(w, m);
#pragma GCC unroll 16
        for (int t = 0; t < T; ++t) c.acc[t] = V::fma(w, V::set1(x[t * x_stride + 4 * g + i]), c.acc[t]);
      }
    }
  }
}

struct FloatForm {
  template <int Type, int T>
  XI void tile(const LinearArgs& a, const uint8_t* tile, int64_t token, Chains<T>& c) {
    const PackedMatrix& w = *a.weight;
    if constexpr (Type == XLLM_TYPE_F32 || Type == XLLM_TYPE_F16 || Type == XLLM_TYPE_BF16) {
      float_tile<Type, T>(tile, w.cols, a.x + token * a.x_stride, a.x_stride, c);
    } else {
      dequantized_tile<BlockTile<Type>, T>(tile, w.cols / kBlock, a.x + token * a.x_stride, a.x_stride, c);
    }
  }
};

}  // namespace
}  // namespace xllm::cpu

#include "cpu/kernels/linear_panel.h"

namespace xllm::cpu {
namespace {

template <class Form, int Type, int T>
__attribute__((noinline)) void linear_tile(const LinearArgs& a, int64_t tile, int64_t token) {
  Chains<T> c;  // (all loops over it are unrolled: an index known only at run time would put it in memory)
#pragma GCC unroll 16
  for (int t = 0; t < T; ++t) c.acc[t] = V::zero();
  Form::template tile<Type, T>(a, a.weight->data + tile * a.weight->tile_bytes, token, c);
#pragma GCC unroll 16
  for (int t = 0; t < T; ++t) finish_outputs(a, tile, token + t, c.acc[t]);
}

// T tokens meet the tiles [begin, end): their activations stay in L1, the tiles in L2.
template <class Form, int Type, int T>
void linear_tiles(const LinearArgs& a, int64_t begin, int64_t end, int64_t& token) {
  for (int64_t tile = begin; tile < end; ++tile) linear_tile<Form, Type, T>(a, tile, token);
  token += T;
}

template <class Form, int Type>
void linear_tokens(const LinearArgs& a, int64_t begin, int64_t end) {
  int64_t token = 0;
  if constexpr (V::kTokens >= 16) {
    while (a.tokens - token >= 16) linear_tiles<Form, Type, 16>(a, begin, end, token);
  }
  if constexpr (V::kTokens >= 8) {
    while (a.tokens - token >= 8) linear_tiles<Form, Type, 8>(a, begin, end, token);
  }
  if constexpr (V::kTokens >= 4) {
    while (a.tokens - token >= 4) linear_tiles<Form, Type, 4>(a, begin, end, token);
    if (a.tokens - token == 3) linear_tiles<Form, Type, 3>(a, begin, end, token);
    if (a.tokens - token == 2) linear_tiles<Form, Type, 2>(a, begin, end, token);
  }
  while (a.tokens - token >= 1) linear_tiles<Form, Type, 1>(a, begin, end, token);
}

// Tiles are taken in groups that fit L2, so that memory is read once for all tokens.
template <class Form, int Type>
void linear_chunks(const LinearArgs& a) {
  constexpr int64_t kGroupBytes = 256 << 10;
  int64_t group = kGroupBytes / a.weight->tile_bytes > 1 ? kGroupBytes / a.weight->tile_bytes : 1;
  if (a.tokens <= V::kTokens) group = a.tile_end - a.tile_begin;
  for (int64_t begin = a.tile_begin; begin < a.tile_end; begin += group) {
    int64_t end = begin + group < a.tile_end ? begin + group : a.tile_end;
    linear_tokens<Form, Type>(a, begin, end);
  }
}

template <int Type>
void linear_type(const LinearArgs& a) {
  if constexpr (Type != XLLM_TYPE_F32 && Type != XLLM_TYPE_F16 && Type != XLLM_TYPE_BF16) {
    if (a.acts != nullptr) return linear_panels<typename BlockTile<Type>::Form>(a);
  }
  linear_chunks<FloatForm, Type>(a);
}

void linear(const LinearArgs& a) {
  switch (a.weight->type) {
    case XLLM_TYPE_F32: return linear_type<XLLM_TYPE_F32>(a);
    case XLLM_TYPE_F16: return linear_type<XLLM_TYPE_F16>(a);
    case XLLM_TYPE_BF16: return linear_type<XLLM_TYPE_BF16>(a);
    case XLLM_TYPE_Q4_0: return linear_type<XLLM_TYPE_Q4_0>(a);
    case XLLM_TYPE_Q4_1: return linear_type<XLLM_TYPE_Q4_1>(a);
    case XLLM_TYPE_Q5_0: return linear_type<XLLM_TYPE_Q5_0>(a);
    case XLLM_TYPE_Q5_1: return linear_type<XLLM_TYPE_Q5_1>(a);
    case XLLM_TYPE_Q8_0: return linear_type<XLLM_TYPE_Q8_0>(a);
    case XLLM_TYPE_Q2_K: return linear_type<XLLM_TYPE_Q2_K>(a);
    case XLLM_TYPE_Q3_K: return linear_type<XLLM_TYPE_Q3_K>(a);
    case XLLM_TYPE_Q4_K: return linear_type<XLLM_TYPE_Q4_K>(a);
    case XLLM_TYPE_Q5_K: return linear_type<XLLM_TYPE_Q5_K>(a);
    case XLLM_TYPE_Q6_K: return linear_type<XLLM_TYPE_Q6_K>(a);
    default: return;
  }
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_LINEAR_H_
