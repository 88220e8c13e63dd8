// The scalar twin's vector of 16 lanes: every operation is one IEEE operation a lane, in plain C++.
#ifndef XLLM_CPU_VECTOR_H_
#define XLLM_CPU_VECTOR_H_

#include <cstdint>
#include <cstring>

#include "core/half.h"
#include "cpu/kernels.h"

#define XI static inline __attribute__((always_inline))

namespace xllm::cpu {
namespace {

struct V {
  struct F {
    float v[16];
  };
  struct I {
    int32_t v[16];
  };
  static constexpr int kTokens = 1;  // largest token tile

#define XLLM_LANES(expression)                 \
  F r;                                         \
  for (int l = 0; l < 16; ++l) r.v[l] = (expression); \
  return r
#define XLLM_INT_LANES(expression)             \
  I r;                                         \
  for (int l = 0; l < 16; ++l) r.v[l] = (expression); \
  return r

  XI F zero() { XLLM_LANES(0.0f); }
  XI F set1(float x) { XLLM_LANES(x); }
  XI F load(const float* p) { XLLM_LANES(p[l]); }
  XI F loadn(const float* p, int n) { XLLM_LANES(l < n ? p[l] : 0.0f); }
  XI void store(float* p, F a) { std::memcpy(p, a.v, sizeof(a.v)); }
  XI void storen(float* p, F a, int n) {
    for (int l = 0; l < n; ++l) p[l] = a.v[l];
  }
  XI F load_half(const uint16_t* p) { XLLM_LANES(half_to_float(p[l])); }
  XI F load_bfloat(const uint16_t* p) { XLLM_LANES(bfloat_to_float(p[l])); }
  XI void storen_half(uint16_t* p, F a, int n) {
    for (int l = 0; l < n; ++l) p[l] = float_to_half(a.v[l]);
  }
  XI F add(F a, F b) { XLLM_LANES(a.v[l] + b.v[l]); }
  XI F sub(F a, F b) { XLLM_LANES(a.v[l] - b.v[l]); }
  XI F mul(F a, F b) { XLLM_LANES(a.v[l] * b.v[l]); }
  XI F div(F a, F b) { XLLM_LANES(a.v[l] / b.v[l]); }
  XI F fma(F a, F b, F c) { XLLM_LANES(__builtin_fmaf(a.v[l], b.v[l], c.v[l])); }
  // a > b ? a : b, as x86 has it: the second where either is NaN.
  XI F max(F a, F b) { XLLM_LANES(a.v[l] > b.v[l] ? a.v[l] : b.v[l]); }
  XI F min(F a, F b) { XLLM_LANES(a.v[l] < b.v[l] ? a.v[l] : b.v[l]); }
  XI F abs(F a) { XLLM_LANES(bits_float(float_bits(a.v[l]) & 0x7fffffffu)); }
  // Lanes outside [lo, hi) become `fill`.
  XI F keep(F a, int lo, int hi, float fill) { XLLM_LANES(l >= lo && l < hi ? a.v[l] : fill); }
  // Fixed tree: lanes l and l + 8, l + 4, l + 2, l + 1.
  XI float sum(F a) {
    for (int n = 8; n > 0; n /= 2) {
      for (int l = 0; l < n; ++l) a.v[l] = a.v[l] + a.v[l + n];
    }
    return a.v[0];
  }
  XI float max_of(F a) {
    for (int n = 8; n > 0; n /= 2) {
      for (int l = 0; l < n; ++l) a.v[l] = a.v[l] > a.v[l + n] ? a.v[l] : a.v[l + n];
    }
    return a.v[0];
  }
  // p * 2^n, where the low bits of t hold n (t = 1.5 * 2^23 + n).
  XI F scale_by_bits(F p, F t) { XLLM_LANES(bits_float(float_bits(p.v[l]) + (float_bits(t.v[l]) << 23))); }

  XI F to_float(I a) { XLLM_LANES(static_cast<float>(a.v[l])); }
  XI I to_int(F a) { XLLM_INT_LANES(static_cast<int32_t>(__builtin_lrintf(a.v[l]))); }
  XI int32_t sum(I a) {
    int32_t s = 0;
    for (int l = 0; l < 16; ++l) s += a.v[l];
    return s;
  }
  XI void store_bytes(int8_t* p, I a) {
    for (int l = 0; l < 16; ++l) p[l] = static_cast<int8_t>(a.v[l]);
  }
  XI I load_int8(const uint8_t* p) { XLLM_INT_LANES(static_cast<int8_t>(p[l])); }
  XI I load_ints(const uint8_t* p) {
    I r;
    std::memcpy(r.v, p, 64);
    return r;
  }
  // Byte i of each lane, less zero.
  XI I byte_of(I a, int i, int zero) {
    XLLM_INT_LANES(static_cast<int32_t>((static_cast<uint32_t>(a.v[l]) >> (8 * i)) & 255u) - zero);
  }

  template <int Bytes>
  XI void prefetch(const uint8_t*) {}

  // ---- panels (kernels/linear_panel.h) ----
  static constexpr int kPanelTiles = 1, kPanelGroup = 1, kPackedTokens = 1;
  struct Bytes {
    uint8_t v[64];
  };
  XI void store_bytes64(uint8_t* p, const Bytes& a) { std::memcpy(p, a.v, sizeof(a.v)); }
  template <int Bits>
  XI int group_byte(const uint8_t* block, int g, int i) {
    if constexpr (Bits == 8) return block[64 * g + i];
    int value = (block[g / 2 * 64 + i] >> (g % 2 * 4)) & 15;
    if constexpr (Bits == 5) value |= ((block[256 + i] >> g) & 1) << 4;
    if constexpr (Bits == 6) value |= ((block[256 + g / 4 * 64 + i] >> (g % 4 * 2)) & 3) << 4;
    return value;
  }
  // Groups 2j and 2j + 1 of a block.
  template <int Bits>
  XI void group_pair(const uint8_t* block, int j, Bytes& even, Bytes& odd) {
    for (int i = 0; i < 64; ++i) {
      even.v[i] = static_cast<uint8_t>(group_byte<Bits>(block, 2 * j, i));
      odd.v[i] = static_cast<uint8_t>(group_byte<Bits>(block, 2 * j + 1, i));
    }
  }
  // Sums of (q - zero) * a, a row a lane, where zero = 2^ZeroShift, or 0 when that is 0. minus_sum = -(sum of those a).
  template <int Bits, int ZeroShift>
  XI I panel_start(const int32_t& minus_sum) {
    XLLM_INT_LANES(ZeroShift == 0 ? 0 : minus_sum * (1 << ZeroShift));
  }
  template <int Bits, int ZeroShift, int R, class Sum>
  XI void panel_dot(const Bytes (&w)[R], const int8_t* a, Sum sum) {
    for (int r = 0; r < R; ++r) {
      for (int row = 0; row < 16; ++row) {
        for (int i = 0; i < 4; ++i) sum(r).v[row] += w[r].v[4 * row + i] * a[i];
      }
    }
  }
  template <int Bits, int ZeroShift>
  XI I panel_total(I sum, const int32_t&) { return sum; }
  XI F mul_by(F d, const float* p) { return mul(d, set1(*p)); }
  XI F fma_by(F m, const float* p, F acc) { return fma(m, set1(*p), acc); }
#undef XLLM_LANES
#undef XLLM_INT_LANES
};

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_VECTOR_H_
