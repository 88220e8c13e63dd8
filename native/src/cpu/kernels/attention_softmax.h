// Softmax of one query over one range, in base 2.
#ifndef XLLM_CPU_KERNELS_ATTENTION_SOFTMAX_H_
#define XLLM_CPU_KERNELS_ATTENTION_SOFTMAX_H_

namespace xllm::cpu {
namespace {

// Calls body<whole>(at, from, to) for the groups of 16 that hold positions [lo, hi), ascending; lanes [from, to) are in it.
template <class Body>
XI void for_groups(int lo, int hi, Body&& body) {
  int at = lo / kLanes * kLanes;
  if (at < lo || at + kLanes > hi) {
    if (lo < hi) body.template operator()<false>(at, lo - at, hi - at < kLanes ? hi - at : kLanes);
    at += kLanes;
  }
  for (; at + kLanes <= hi; at += kLanes) body.template operator()<true>(at, 0, kLanes);
  if (at < hi) body.template operator()<false>(at, 0, hi - at);
}

// Largest of the visible scores [lo, hi). NaN is passed over, so the order is of no matter.
XI V::F max_score(const float* scores, int lo, int hi) {
  const V::F least = V::set1(-__builtin_inff());
  V::F a = least, b = least;
  for_groups(lo, hi, [&]<bool Whole>(int at, int from, int to) {
    V::F s = V::load(scores + at);
    if constexpr (!Whole) s = V::keep(s, from, to, -__builtin_inff());
    V::F larger = V::max(s, a);
    a = b;
    b = larger;
  });
  return V::max(a, b);
}

// Scores become 2^(s * factor - max * factor) in place, 0 where not visible; gives their sum (position t in lane t mod 16,
// ascending).
XI V::F exponentials(float* scores, int lo, int hi, float factor, float max) {
  const V::F f = V::set1(factor), shift = V::set1(-(max * factor));
  V::F total = V::zero();
  for_groups(lo, hi, [&]<bool Whole>(int at, int from, int to) {
    V::F p = exp2(V::fma(V::load(scores + at), f, shift));
    if constexpr (!Whole) p = V::keep(p, from, to, 0.0f);
    V::store(scores + at, p);
    total = V::add(total, p);
  });
  return total;
}

// s = cap * tanh(s * factor / cap).
void cap_scores(float* scores, int lo, int hi, float factor, float cap) {
  const V::F f = V::set1(factor), c = V::set1(cap);
  for (int at = lo / kLanes * kLanes; at < hi; at += kLanes) {
    V::F s = V::mul(V::load(scores + at), f);
    V::store(scores + at, V::mul(c, tanh(V::div(s, c))));
  }
}

// Largest of p * (scale of the value) over the visible positions, for B blocks of scales [B][kRange].
template <int B>
XI void max_weights(const float* p, const float* scales, int lo, int hi, V::F (&largest)[B]) {
  for (int i = 0; i < B; ++i) largest[i] = V::zero();
  for_groups(lo, hi, [&]<bool Whole>(int at, int from, int to) {
    V::F x = V::load(p + at);
    for (int i = 0; i < B; ++i) {
      V::F w = V::mul(x, V::load(scales + i * kRange + at));
      if constexpr (!Whole) w = V::keep(w, from, to, 0.0f);
      largest[i] = V::max(w, largest[i]);
    }
  });
}

// These weights as int16 of 1 / 32767 of the largest (the largest itself becomes 32767), zero outside [lo, hi), for the groups
// of [low, high). Gives what an int16 is worth.
XI float quantize_weights(const float* p, const float* scales, float max, int lo, int hi, int low, int high, int16_t* out) {
  bool zero = !(max >= 1e-30f);
  const V::F inverse = V::set1(zero ? 0.0f : 32767.0f / max);
  for (int at = low / kLanes * kLanes; at < high; at += kLanes) {
    V::F w = V::zero();
    if (at + kLanes > lo && at < hi) {
      w = V::mul(V::load(p + at), V::load(scales + at));
      if (at < lo || at + kLanes > hi) w = V::keep(w, lo > at ? lo - at : 0, hi - at < kLanes ? hi - at : kLanes, 0.0f);
    }
    Pairs::store_words(out + at, V::to_int(V::mul(w, inverse)));
  }
  return zero ? 0.0f : max / 32767.0f;
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_ATTENTION_SOFTMAX_H_
