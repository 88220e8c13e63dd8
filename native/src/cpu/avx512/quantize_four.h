// Activations to int8, four blocks of 32 at a time, so that they share the instructions of maxima, divisions and sums.
#ifndef XLLM_CPU_AVX512_QUANTIZE_FOUR_H_
#define XLLM_CPU_AVX512_QUANTIZE_FOUR_H_

namespace xllm::cpu {
namespace {

// Lane i of every 128 bits: the larger of m[i]'s four lanes there, as integers (so of floats without sign, NaN being the largest).
XI __m512i max_of_four(const __m512i (&m)[4]) {
  __m512i ab = _mm512_max_epi32(_mm512_unpacklo_epi32(m[0], m[1]), _mm512_unpackhi_epi32(m[0], m[1]));
  __m512i cd = _mm512_max_epi32(_mm512_unpacklo_epi32(m[2], m[3]), _mm512_unpackhi_epi32(m[2], m[3]));
  return _mm512_max_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
}

// Two blocks' integers as 64 bytes.
XI __m512i pack_two(const __m512i* i) {
  const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  __m512i words = _mm512_packs_epi16(_mm512_packs_epi32(i[0], i[1]), _mm512_packs_epi32(i[2], i[3]));
  return _mm512_permutexvar_epi32(order, words);
}

// Sums of the halves of the blocks (0, 1) in `a` and (2, 3) in `b`: the first halves of the four, then the second ones.
XI __m256i sums_of_halves(__m512i a, __m512i b) {
  const __m512i ones = _mm512_set1_epi8(1), none = _mm512_setzero_si512();
  a = _mm512_dpbusd_epi32(none, ones, a);
  b = _mm512_dpbusd_epi32(none, ones, b);
  __m512i pairs = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  __m512i sums = _mm512_add_epi32(pairs, _mm512_shuffle_epi32(pairs, _MM_PERM_BADC));
  const __m512i order = _mm512_setr_epi32(0, 8, 1, 9, 4, 12, 5, 13, 0, 0, 0, 0, 0, 0, 0, 0);
  return _mm512_castsi512_si256(_mm512_permutexvar_epi32(order, sums));
}

// Where a token's block goes.
struct ActPlace {
  ActPanel* panel;
  int slot;
};

// Blocks v[2k], v[2k + 1].
XI void quantize_four(const __m512 (&v)[8], const ActPlace (&to)[4]) {
  const __m512i magnitude = _mm512_set1_epi32(0x7fffffff);
  __m512i m[4], i[8];
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    m[k] = _mm512_max_epi32(_mm512_and_si512(_mm512_castps_si512(v[2 * k]), magnitude),
                            _mm512_and_si512(_mm512_castps_si512(v[2 * k + 1]), magnitude));
  }
  __m512i four = max_of_four(m);
  __m256i two = _mm256_max_epi32(_mm512_castsi512_si256(four), _mm512_extracti64x4_epi64(four, 1));
  __m128 largest = _mm_castsi128_ps(_mm_max_epi32(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1)));
  __mmask8 some = _mm_cmp_ps_mask(largest, _mm_set1_ps(1e-30f), _CMP_NLT_UQ);
  alignas(16) float inverse[4];
  _mm_store_ps(inverse, _mm_maskz_div_ps(some, _mm_set1_ps(127.0f), largest));
  __m128 scale = _mm_maskz_div_ps(some, largest, _mm_set1_ps(127.0f));
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    __m512 by = _mm512_set1_ps(inverse[k]);
    i[2 * k] = _mm512_cvtps_epi32(_mm512_mul_ps(v[2 * k], by));
    i[2 * k + 1] = _mm512_cvtps_epi32(_mm512_mul_ps(v[2 * k + 1], by));
  }
  __m512i a = pack_two(i), b = pack_two(i + 4);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to[0].panel->q[to[0].slot]), _mm512_castsi512_si256(a));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to[1].panel->q[to[1].slot]), _mm512_extracti64x4_epi64(a, 1));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to[2].panel->q[to[2].slot]), _mm512_castsi512_si256(b));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to[3].panel->q[to[3].slot]), _mm512_extracti64x4_epi64(b, 1));

  __m256i minus = _mm256_sub_epi32(_mm256_setzero_si256(), sums_of_halves(a, b));
  __m128i first = _mm256_castsi256_si128(minus), second = _mm256_extracti128_si256(minus, 1), sum = _mm_add_epi32(first, second);
  __m128 scaled = _mm_mul_ps(scale, _mm_cvtepi32_ps(_mm_sub_epi32(_mm_setzero_si128(), sum)));
  alignas(16) float scales[8];
  alignas(16) int32_t minus_sum[4], halves[8];
  _mm_store_ps(scales, _mm_unpacklo_ps(scale, scaled));
  _mm_store_ps(scales + 4, _mm_unpackhi_ps(scale, scaled));
  _mm_store_si128(reinterpret_cast<__m128i*>(minus_sum), sum);
  _mm_store_si128(reinterpret_cast<__m128i*>(halves), _mm_unpacklo_epi32(first, second));
  _mm_store_si128(reinterpret_cast<__m128i*>(halves + 4), _mm_unpackhi_epi32(first, second));
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    ActPanel& panel = *to[k].panel;
    std::memcpy(&panel.s[to[k].slot], scales + 2 * k, 8);
    panel.minus_sum[to[k].slot] = minus_sum[k];
    std::memcpy(panel.minus_half[to[k].slot], halves + 2 * k, 8);
  }
}

void quantize_fours(const float* x, int64_t n, ActPanel* out, int slot) {
  int64_t i = 0;
  for (; i + 4 * kBlock <= n; i += 4 * kBlock, out += 4) {
    __m512 v[8];
    for (int k = 0; k < 8; ++k) v[k] = _mm512_loadu_ps(x + i + kLanes * k);
    quantize_four(v, {{out, slot}, {out + 1, slot}, {out + 2, slot}, {out + 3, slot}});
  }
  quantize(x + i, n - i, out, slot);
}

void swiglu_quantize_fours(const float* gate, const float* up, int64_t rows, ActPanel* column, int64_t next, int64_t row) {
  int64_t t = row;
  for (; t + 4 <= row + rows; t += 4, gate += 4 * kBlock, up += 4 * kBlock) {
    __m512 v[8];
    for (int k = 0; k < 8; ++k) v[k] = swiglu(_mm512_loadu_ps(gate + kLanes * k), _mm512_loadu_ps(up + kLanes * k));
    ActPlace to[4];
    for (int k = 0; k < 4; ++k) to[k] = {column + (t + k) / kPanelTokens * next, static_cast<int>((t + k) % kPanelTokens)};
    quantize_four(v, to);
  }
  swiglu_quantize(gate, up, row + rows - t, column, next, t);
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_AVX512_QUANTIZE_FOUR_H_
