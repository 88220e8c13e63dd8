// AVX-512 F/BW/DQ/VL + VNNI: 16 lanes in one register.
#ifndef XLLM_CPU_VECTOR_H_
#define XLLM_CPU_VECTOR_H_

#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "cpu/kernels.h"

#define XI static inline __attribute__((always_inline))

namespace xllm::cpu {
namespace {

struct V {
  using F = __m512;
  using I = __m512i;
  static constexpr int kTokens = 16;  // largest token tile

  XI __mmask16 below(int n) { return static_cast<__mmask16>((1u << n) - 1u); }
  XI F zero() { return _mm512_setzero_ps(); }
  XI F set1(float x) { return _mm512_set1_ps(x); }
  XI F load(const float* p) { return _mm512_loadu_ps(p); }
  XI F loadn(const float* p, int n) { return _mm512_maskz_loadu_ps(below(n), p); }
  XI void store(float* p, F a) { _mm512_storeu_ps(p, a); }
  XI void storen(float* p, F a, int n) { _mm512_mask_storeu_ps(p, below(n), a); }
  XI F load_half(const uint16_t* p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  XI F load_bfloat(const uint16_t* p) {
    __m512i wide = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
    return _mm512_castsi512_ps(_mm512_slli_epi32(wide, 16));
  }
  XI void storen_half(uint16_t* p, F a, int n) {
    _mm256_mask_storeu_epi16(p, below(n), _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
  }
  XI F add(F a, F b) { return _mm512_add_ps(a, b); }
  XI F sub(F a, F b) { return _mm512_sub_ps(a, b); }
  XI F mul(F a, F b) { return _mm512_mul_ps(a, b); }
  XI F div(F a, F b) { return _mm512_div_ps(a, b); }
  XI F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
  XI F max(F a, F b) { return _mm512_max_ps(a, b); }
  XI F min(F a, F b) { return _mm512_min_ps(a, b); }
  XI F abs(F a) { return _mm512_abs_ps(a); }
  XI F keep(F a, int lo, int hi, float fill) {
    __mmask16 mask = static_cast<__mmask16>(below(hi) & ~below(lo));
    return _mm512_mask_blend_ps(mask, _mm512_set1_ps(fill), a);
  }
  XI float sum(F a) {
    __m256 s8 = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 s4 = _mm_add_ps(_mm256_castps256_ps128(s8), _mm256_extractf128_ps(s8, 1));
    __m128 s2 = _mm_add_ps(s4, _mm_movehl_ps(s4, s4));
    return _mm_cvtss_f32(_mm_add_ss(s2, _mm_movehdup_ps(s2)));
  }
  XI float max_of(F a) {
    __m256 s8 = _mm256_max_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 s4 = _mm_max_ps(_mm256_castps256_ps128(s8), _mm256_extractf128_ps(s8, 1));
    __m128 s2 = _mm_max_ps(s4, _mm_movehl_ps(s4, s4));
    return _mm_cvtss_f32(_mm_max_ss(s2, _mm_movehdup_ps(s2)));
  }
  XI F scale_by_bits(F p, F t) {
    return _mm512_castsi512_ps(
        _mm512_add_epi32(_mm512_castps_si512(p), _mm512_slli_epi32(_mm512_castps_si512(t), 23)));
  }

  XI F to_float(I a) { return _mm512_cvtepi32_ps(a); }
  XI I to_int(F a) { return _mm512_cvtps_epi32(a); }
  XI int32_t sum(I a) { return _mm512_reduce_add_epi32(a); }
  XI void store_bytes(int8_t* p, I a) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtsepi32_epi8(a));
  }
  XI I load_int8(const uint8_t* p) { return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }
  XI I load_ints(const uint8_t* p) { return _mm512_loadu_si512(p); }
  XI I byte_of(I a, int i, int zero) {
    __m512i byte = _mm512_and_si512(_mm512_srli_epi32(a, static_cast<unsigned>(8 * i)), _mm512_set1_epi32(255));
    return _mm512_sub_epi32(byte, _mm512_set1_epi32(zero));
  }

  template <int Bytes>
  XI void prefetch(const uint8_t* p) {
    for (int i = 0; i < Bytes; i += 64) _mm_prefetch(reinterpret_cast<const char*>(p + i), _MM_HINT_T0);
  }

  // ---- panels (kernels/linear_panel.h) ----
  static constexpr int kPanelTiles = 2, kPanelGroup = 6, kPackedTokens = 48;
  using Bytes = __m512i;
  XI void store_bytes64(uint8_t* p, Bytes a) { _mm512_store_si512(p, a); }
  // low | the fifth (and sixth) bit of group g.
  template <int Bits>
  XI Bytes high_bits(const uint8_t* plane, int g, Bytes low) {
    const int at = Bits == 5 ? g : 2 * (g % 4);
    __m512i bits = _mm512_loadu_si512(plane + (Bits == 5 ? 0 : 64 * (g / 4)));
    bits = at < 4 ? _mm512_slli_epi16(bits, static_cast<unsigned>(4 - at)) : _mm512_srli_epi16(bits, static_cast<unsigned>(at - 4));
    return _mm512_ternarylogic_epi64(low, bits, _mm512_set1_epi8(Bits == 5 ? 0x10 : 0x30), 0xf8);  // low | (bits & mask)
  }
  // Groups 2j and 2j + 1 of a block.
  template <int Bits>
  XI void group_pair(const uint8_t* block, int j, Bytes& even, Bytes& odd) {
    if constexpr (Bits == 4) {
      const __m512i low = _mm512_set1_epi8(15), n = _mm512_loadu_si512(block + 64 * j);
      even = _mm512_and_si512(n, low);
      odd = _mm512_and_si512(_mm512_srli_epi16(n, 4), low);
    } else if constexpr (Bits < 8) {
      group_pair<4>(block, j, even, odd);
      even = high_bits<Bits>(block + 256, 2 * j, even);
      odd = high_bits<Bits>(block + 256, 2 * j + 1, odd);
    } else {
      even = _mm512_loadu_si512(block + 128 * j);
      odd = _mm512_loadu_si512(block + 128 * j + 64);
    }
  }
  template <int Bits, int ZeroShift>
  XI I panel_start(const int32_t& minus_sum) {
    if constexpr (ZeroShift == 0) return _mm512_setzero_si512();
    else return _mm512_slli_epi32(_mm512_set1_epi32(minus_sum), ZeroShift);
  }
  // vpdpbusd sums u8 x s8 in int32 without saturation. For one tile it takes the broadcast itself, by hand, because GCC 12 does
  // not fold it; for two the broadcast is shared.
  template <int Bits, int ZeroShift, int R, class Sum>
  XI void panel_dot(const Bytes (&w)[R], const int8_t* a, Sum sum) {
    using Word = int32_t __attribute__((may_alias));
    if constexpr (R == 1) {
      __asm__("vpdpbusd %2%{1to16%}, %1, %0" : "+v"(sum(0)) : "v"(w[0]), "m"(*reinterpret_cast<const Word*>(a)));
    } else {
      __m512i word = _mm512_set1_epi32(*reinterpret_cast<const Word*>(a));
#pragma GCC unroll 4
      for (int r = 0; r < R; ++r) sum(r) = _mm512_dpbusd_epi32(sum(r), w[r], word);
    }
  }
  template <int Bits, int ZeroShift>
  XI I panel_total(I sum, const int32_t&) { return sum; }
  // d * p[0] and m * p[0] + acc with the broadcast folded.
  XI F mul_by(F d, const float* p) {
    F r;
    __asm__("vmulps %2%{1to16%}, %1, %0" : "=v"(r) : "v"(d), "m"(*p));
    return r;
  }
  XI F fma_by(F m, const float* p, F acc) {
    __asm__("vfmadd231ps %2%{1to16%}, %1, %0" : "+v"(acc) : "v"(m), "m"(*p));
    return acc;
  }
};

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_VECTOR_H_
