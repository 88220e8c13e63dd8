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
  static constexpr int kTokens = 4;  // largest token tile
  static constexpr int kUnroll = 1;

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
  XI I load_ints(const uint8_t* p) {
    I r;
    std::memcpy(r.v, p, 64);
    return r;
  }
  // ((a >> shift) & mask) - zero
  XI I field(I a, int shift, int mask, int zero) {
    XLLM_INT_LANES(static_cast<int32_t>((static_cast<uint32_t>(a.v[l]) >> shift) & static_cast<uint32_t>(mask)) - zero);
  }

  // The quants of a tile's block, for dot().
  template <int Bits>
  struct Quants {
    const uint8_t* tile;
  };
  template <int Bits>
  XI Quants<Bits> quants(const uint8_t* tile) {
    return {tile};
  }
  template <int Bytes>
  XI void prefetch(const uint8_t*) {}
  // Sums over the groups [G0, G1) of 4 inputs of (q - zero) * a, a row a lane, where zero = 2^ZeroShift, or 0 when that is 0.
  // minus_sum = -(sum of those a).
  template <int Bits, int ZeroShift, int G0, int G1>
  XI I dot(const Quants<Bits>& w, const int8_t* a, int32_t minus_sum) {
    I r;
    for (int row = 0; row < 16; ++row) r.v[row] = ZeroShift == 0 ? 0 : minus_sum * (1 << ZeroShift);
    for (int g = G0; g < G1; ++g) {
      const uint8_t* p = w.tile + (Bits == 4 ? g / 2 : g) * 64;
      for (int row = 0; row < 16; ++row) {
        for (int i = 0; i < 4; ++i) {
          int32_t q = Bits == 8 ? p[4 * row + i] : (g % 2 == 0 ? p[4 * row + i] & 15 : p[4 * row + i] >> 4);
          r.v[row] += q * a[4 * g + i];
        }
      }
    }
    return r;
  }
#undef XLLM_LANES
#undef XLLM_INT_LANES
};

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_VECTOR_H_
