// Pairs of int16 in 16 lanes, for attention over int8 KV; and how many sums attention keeps in registers.
#ifndef XLLM_CPU_PAIRS_H_
#define XLLM_CPU_PAIRS_H_

namespace xllm::cpu {
namespace {

struct Pairs {
  struct P {
    __m256i lo, hi;
  };
  static constexpr int kSums = 6;
  static constexpr int kQueries = 6;

  XI V::I zero() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
  XI P load(const uint8_t* p) {
    return {_mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))),
            _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16)))};
  }
  XI P set1(const int16_t* p) {
    int32_t pair;
    std::memcpy(&pair, p, 4);
    __m256i v = _mm256_set1_epi32(pair);
    return {v, v};
  }
  XI V::I mac(V::I sum, P a, P b) {
    return {_mm256_add_epi32(sum.lo, _mm256_madd_epi16(a.lo, b.lo)),
            _mm256_add_epi32(sum.hi, _mm256_madd_epi16(a.hi, b.hi))};
  }
  XI void store_words(int16_t* p, V::I a) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_permute4x64_epi64(_mm256_packs_epi32(a.lo, a.hi), 0xd8));
  }
  XI void prefetch(const uint8_t* p) { _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0); }
};

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_PAIRS_H_
