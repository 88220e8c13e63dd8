// exp over a vector: one polynomial in IEEE operations, the same in every path.
#ifndef XLLM_CPU_KERNELS_MATH_H_
#define XLLM_CPU_KERNELS_MATH_H_

namespace xllm::cpu {
namespace {

// e^x, about 1 ulp. x is clamped to [-87.33, 88.37], so that the result is a normal number.
// x = n ln 2 + r, |r| <= ln 2 / 2; Taylor of degree 7 (its remainder is 0.05 ulp).
XI V::F exp(V::F x) {
  x = V::max(x, V::set1(-87.33f));
  x = V::min(x, V::set1(88.37f));
  const V::F magic = V::set1(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
  V::F t = V::fma(x, V::set1(1.44269504f), magic);
  V::F n = V::sub(t, magic);
  V::F r = V::fma(n, V::set1(-0.693359375f), x);       // exact: 9 bits of ln 2
  r = V::fma(n, V::set1(2.12194440e-4f), r);
  V::F p = V::set1(1.98412698e-4f);
  p = V::fma(p, r, V::set1(1.38888889e-3f));
  p = V::fma(p, r, V::set1(8.33333333e-3f));
  p = V::fma(p, r, V::set1(4.16666667e-2f));
  p = V::fma(p, r, V::set1(1.66666667e-1f));
  p = V::fma(p, r, V::set1(0.5f));
  p = V::fma(p, r, V::set1(1.0f));
  p = V::fma(p, r, V::set1(1.0f));
  return V::scale_by_bits(p, t);
}

// tanh x = 1 - 2 / (e^2x + 1)
XI V::F tanh(V::F x) {
  const V::F one = V::set1(1.0f);
  V::F e = exp(V::add(x, x));
  return V::sub(one, V::div(V::set1(2.0f), V::add(e, one)));
}

// The same exp for one number.
XI float exp1(float x) {
  float lanes[16];
  V::store(lanes, exp(V::set1(x)));
  return lanes[0];
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_MATH_H_
