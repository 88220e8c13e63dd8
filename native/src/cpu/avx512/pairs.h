// Pairs of int16 in 16 lanes, for attention over int8 KV; and how many sums attention keeps in registers.
#ifndef XLLM_CPU_PAIRS_H_
#define XLLM_CPU_PAIRS_H_

namespace xllm::cpu {
namespace {

struct Pairs {
  using P = __m512i;
  static constexpr int kSums = 24;
  static constexpr int kQueries = 12;

  XI V::I zero() { return _mm512_setzero_si512(); }
  XI P load(const uint8_t* p) {
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  }
  XI P set1(const int16_t* p) {
    int32_t pair;
    std::memcpy(&pair, p, 4);
    return _mm512_set1_epi32(pair);
  }
  // By hand: around the intrinsic GCC 12 copies sums between registers, and then to the stack.
  XI V::I mac(V::I sum, P a, P b) {
    __asm__("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
    return sum;
  }
  XI void store_words(int16_t* p, V::I a) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(a));
  }
  XI void prefetch(const uint8_t* p) { _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0); }
};

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_PAIRS_H_
