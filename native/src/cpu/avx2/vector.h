// AVX2 + FMA + F16C: 16 lanes in two registers.
#ifndef XLLM_CPU_VECTOR_H_
#define XLLM_CPU_VECTOR_H_

#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "cpu/kernels.h"

#define XI static inline __attribute__((always_inline))

namespace xllm::cpu {
namespace {

alignas(64) constexpr int32_t kLaneIndex[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

struct V {
  struct F {
    __m256 lo, hi;
  };
  struct I {
    __m256i lo, hi;
  };
  static constexpr int kTokens = 4;

  XI F zero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
  XI F set1(float x) {
    __m256 v = _mm256_set1_ps(x);
    return {v, v};
  }
  XI F load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
  XI I below(int n) {
    __m256i limit = _mm256_set1_epi32(n);
    return {_mm256_cmpgt_epi32(limit, _mm256_load_si256(reinterpret_cast<const __m256i*>(kLaneIndex))),
            _mm256_cmpgt_epi32(limit, _mm256_load_si256(reinterpret_cast<const __m256i*>(kLaneIndex + 8)))};
  }
  XI F loadn(const float* p, int n) {
    I m = below(n);
    return {_mm256_maskload_ps(p, m.lo), _mm256_maskload_ps(p + 8, m.hi)};
  }
  XI void store(float* p, F a) {
    _mm256_storeu_ps(p, a.lo);
    _mm256_storeu_ps(p + 8, a.hi);
  }
  XI void storen(float* p, F a, int n) {
    I m = below(n);
    _mm256_maskstore_ps(p, m.lo, a.lo);
    _mm256_maskstore_ps(p + 8, m.hi, a.hi);
  }
  XI F load_half(const uint16_t* p) {
    return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))),
            _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 8)))};
  }
  XI __m256 bfloat8(const uint16_t* p) {
    __m256i wide = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    return _mm256_castsi256_ps(_mm256_slli_epi32(wide, 16));
  }
  XI F load_bfloat(const uint16_t* p) { return {bfloat8(p), bfloat8(p + 8)}; }
  XI void storen_half(uint16_t* p, F a, int n) {
    alignas(32) uint16_t h[16];
    _mm_store_si128(reinterpret_cast<__m128i*>(h), _mm256_cvtps_ph(a.lo, _MM_FROUND_TO_NEAREST_INT));
    _mm_store_si128(reinterpret_cast<__m128i*>(h + 8), _mm256_cvtps_ph(a.hi, _MM_FROUND_TO_NEAREST_INT));
    std::memcpy(p, h, 2 * static_cast<size_t>(n));
  }
  XI F add(F a, F b) { return {_mm256_add_ps(a.lo, b.lo), _mm256_add_ps(a.hi, b.hi)}; }
  XI F sub(F a, F b) { return {_mm256_sub_ps(a.lo, b.lo), _mm256_sub_ps(a.hi, b.hi)}; }
  XI F mul(F a, F b) { return {_mm256_mul_ps(a.lo, b.lo), _mm256_mul_ps(a.hi, b.hi)}; }
  XI F div(F a, F b) { return {_mm256_div_ps(a.lo, b.lo), _mm256_div_ps(a.hi, b.hi)}; }
  XI F fma(F a, F b, F c) { return {_mm256_fmadd_ps(a.lo, b.lo, c.lo), _mm256_fmadd_ps(a.hi, b.hi, c.hi)}; }
  XI F max(F a, F b) { return {_mm256_max_ps(a.lo, b.lo), _mm256_max_ps(a.hi, b.hi)}; }
  XI F min(F a, F b) { return {_mm256_min_ps(a.lo, b.lo), _mm256_min_ps(a.hi, b.hi)}; }
  XI F abs(F a) {
    __m256 mask = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
    return {_mm256_and_ps(a.lo, mask), _mm256_and_ps(a.hi, mask)};
  }
  XI F keep(F a, int lo, int hi, float fill) {
    I from = below(lo), to = below(hi);
    __m256 f = _mm256_set1_ps(fill);
    return {_mm256_blendv_ps(f, a.lo, _mm256_castsi256_ps(_mm256_andnot_si256(from.lo, to.lo))),
            _mm256_blendv_ps(f, a.hi, _mm256_castsi256_ps(_mm256_andnot_si256(from.hi, to.hi)))};
  }
  XI float sum(F a) {
    __m256 s8 = _mm256_add_ps(a.lo, a.hi);
    __m128 s4 = _mm_add_ps(_mm256_castps256_ps128(s8), _mm256_extractf128_ps(s8, 1));
    __m128 s2 = _mm_add_ps(s4, _mm_movehl_ps(s4, s4));
    return _mm_cvtss_f32(_mm_add_ss(s2, _mm_movehdup_ps(s2)));
  }
  XI float max_of(F a) {
    __m256 s8 = _mm256_max_ps(a.lo, a.hi);
    __m128 s4 = _mm_max_ps(_mm256_castps256_ps128(s8), _mm256_extractf128_ps(s8, 1));
    __m128 s2 = _mm_max_ps(s4, _mm_movehl_ps(s4, s4));
    return _mm_cvtss_f32(_mm_max_ss(s2, _mm_movehdup_ps(s2)));
  }
  XI __m256 scale8(__m256 p, __m256 t) {
    return _mm256_castsi256_ps(
        _mm256_add_epi32(_mm256_castps_si256(p), _mm256_slli_epi32(_mm256_castps_si256(t), 23)));
  }
  XI F scale_by_bits(F p, F t) { return {scale8(p.lo, t.lo), scale8(p.hi, t.hi)}; }

  XI F to_float(I a) { return {_mm256_cvtepi32_ps(a.lo), _mm256_cvtepi32_ps(a.hi)}; }
  XI I to_int(F a) { return {_mm256_cvtps_epi32(a.lo), _mm256_cvtps_epi32(a.hi)}; }
  XI int32_t sum(I a) {
    __m256i s8 = _mm256_add_epi32(a.lo, a.hi);
    __m128i s4 = _mm_add_epi32(_mm256_castsi256_si128(s8), _mm256_extracti128_si256(s8, 1));
    s4 = _mm_add_epi32(s4, _mm_shuffle_epi32(s4, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(s4, _mm_shuffle_epi32(s4, 0xb1)));
  }
  XI void store_bytes(int8_t* p, I a) {
    __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(a.lo, a.hi), 0xd8);
    __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), bytes);
  }
  XI __m256i loadu(const uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  XI I load_int8(const uint8_t* p) {
    return {_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))),
            _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p + 8)))};
  }
  XI I load_ints(const uint8_t* p) { return {loadu(p), loadu(p + 32)}; }
  XI __m256i byte_of_half(__m256i a, int i, int zero) {
    return _mm256_sub_epi32(_mm256_and_si256(_mm256_srli_epi32(a, 8 * i), _mm256_set1_epi32(255)), _mm256_set1_epi32(zero));
  }
  XI I byte_of(I a, int i, int zero) { return {byte_of_half(a.lo, i, zero), byte_of_half(a.hi, i, zero)}; }

  template <int Bytes>
  XI void prefetch(const uint8_t* p) {
    for (int i = 0; i < Bytes; i += 64) _mm_prefetch(reinterpret_cast<const char*>(p + i), _MM_HINT_T0);
  }
  XI __m256i broadcast4(const int8_t* a) {
    int32_t word;
    std::memcpy(&word, a, 4);
    return _mm256_set1_epi32(word);
  }

  // ---- panels (kernels/linear_panel.h) ----
  static constexpr int kPanelTiles = 1, kPanelGroup = 3, kPackedTokens = 3;
  using Bytes = I;
  XI void store_bytes64(uint8_t* p, Bytes a) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), a.lo);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 32), a.hi);
  }
  // low | the fifth (and sixth) bit of group g.
  template <int Bits>
  XI __m256i high8(__m256i bits, int at, __m256i low) {
    bits = at < 4 ? _mm256_slli_epi16(bits, 4 - at) : _mm256_srli_epi16(bits, at - 4);
    return _mm256_or_si256(low, _mm256_and_si256(bits, _mm256_set1_epi8(Bits == 5 ? 0x10 : 0x30)));
  }
  template <int Bits>
  XI Bytes high_bits(const uint8_t* plane, int g, Bytes low) {
    const int at = Bits == 5 ? g : 2 * (g % 4);
    I bits = load_ints(plane + (Bits == 5 ? 0 : 64 * (g / 4)));
    return {high8<Bits>(bits.lo, at, low.lo), high8<Bits>(bits.hi, at, low.hi)};
  }
  // Groups 2j and 2j + 1 of a block.
  template <int Bits>
  XI void group_pair(const uint8_t* block, int j, Bytes& even, Bytes& odd) {
    if constexpr (Bits == 4) {
      const __m256i low = _mm256_set1_epi8(15);
      I n = load_ints(block + 64 * j);
      even = {_mm256_and_si256(n.lo, low), _mm256_and_si256(n.hi, low)};
      odd = {_mm256_and_si256(_mm256_srli_epi16(n.lo, 4), low), _mm256_and_si256(_mm256_srli_epi16(n.hi, 4), low)};
    } else if constexpr (Bits < 8) {
      group_pair<4>(block, j, even, odd);
      even = high_bits<Bits>(block + 256, 2 * j, even);
      odd = high_bits<Bits>(block + 256, 2 * j + 1, odd);
    } else {
      even = load_ints(block + 128 * j);
      odd = load_ints(block + 128 * j + 64);
    }
  }
  // Sums of 4 bits are int16 until panel_total: a pair u4 x s8 is at most 2 * 15 * 127 = 3,810, eight of them 30,480. Those of
  // 8 bits have the zero taken off each weight: |q - zero| <= 128 and |a| <= 127, so that a pair (32,512) fits int16; without a
  // zero q is at most 31.
  template <int Bits, int ZeroShift>
  XI I panel_start(const int32_t&) {
    return {_mm256_setzero_si256(), _mm256_setzero_si256()};
  }
  template <int Bits, int ZeroShift, int R, class Sum>
  XI void panel_dot(const Bytes (&w)[R], const int8_t* a, Sum sum) {
    __m256i word = broadcast4(a);
    for (int r = 0; r < R; ++r) {
      I& s = sum(r);
      if constexpr (Bits == 4) {
        s.lo = _mm256_add_epi16(s.lo, _mm256_maddubs_epi16(w[r].lo, word));
        s.hi = _mm256_add_epi16(s.hi, _mm256_maddubs_epi16(w[r].hi, word));
      } else {
        const __m256i ones = _mm256_set1_epi16(1), zero = _mm256_set1_epi8(static_cast<char>(1 << ZeroShift));
        __m256i lo = word, hi = word, wl = w[r].lo, wh = w[r].hi;
        if constexpr (ZeroShift != 0) {
          wl = _mm256_sub_epi8(wl, zero), wh = _mm256_sub_epi8(wh, zero);
          lo = _mm256_sign_epi8(word, wl), hi = _mm256_sign_epi8(word, wh);
          wl = _mm256_abs_epi8(wl), wh = _mm256_abs_epi8(wh);
        }
        s.lo = _mm256_add_epi32(s.lo, _mm256_madd_epi16(_mm256_maddubs_epi16(wl, lo), ones));
        s.hi = _mm256_add_epi32(s.hi, _mm256_madd_epi16(_mm256_maddubs_epi16(wh, hi), ones));
      }
    }
  }
  template <int Bits, int ZeroShift>
  XI I panel_total(I sum, const int32_t& minus_sum) {
    if constexpr (Bits != 4) {
      return sum;
    } else {
      const __m256i ones = _mm256_set1_epi16(1);
      I total = {_mm256_madd_epi16(sum.lo, ones), _mm256_madd_epi16(sum.hi, ones)};
      if constexpr (ZeroShift != 0) {
        __m256i start = _mm256_slli_epi32(_mm256_set1_epi32(minus_sum), ZeroShift);
        total = {_mm256_add_epi32(start, total.lo), _mm256_add_epi32(start, total.hi)};
      }
      return total;
    }
  }
  XI F mul_by(F d, const float* p) { return mul(d, set1(*p)); }
  XI F fma_by(F m, const float* p, F acc) { return fma(m, set1(*p), acc); }
};

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_VECTOR_H_
