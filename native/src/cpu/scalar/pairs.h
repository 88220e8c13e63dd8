// Pairs of int16 in 16 lanes, for attention over int8 KV; and how many sums attention keeps at a time.
#ifndef XLLM_CPU_PAIRS_H_
#define XLLM_CPU_PAIRS_H_

namespace xllm::cpu {
namespace {

struct Pairs {
  struct P {
    int16_t v[32];
  };
  static constexpr int kSums = 4;
  static constexpr int kQueries = 4;

  XI V::I zero() { return {}; }
  XI P load(const uint8_t* p) {
    P r;
    for (int i = 0; i < 32; ++i) r.v[i] = static_cast<int8_t>(p[i]);
    return r;
  }
  XI P set1(const int16_t* p) {
    P r;
    for (int i = 0; i < 32; ++i) r.v[i] = p[i % 2];
    return r;
  }
  XI V::I mac(V::I sum, P a, P b) {
    for (int l = 0; l < 16; ++l) sum.v[l] += a.v[2 * l] * b.v[2 * l] + a.v[2 * l + 1] * b.v[2 * l + 1];
    return sum;
  }
  XI void store_words(int16_t* p, V::I a) {
    for (int l = 0; l < 16; ++l) p[l] = static_cast<int16_t>(a.v[l]);
  }
  XI void prefetch(const uint8_t*) {}
};

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_PAIRS_H_
