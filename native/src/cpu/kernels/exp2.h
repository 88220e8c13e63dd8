// 2^x for softmax, the same IEEE operations in every path.
#ifndef XLLM_CPU_KERNELS_EXP2_H_
#define XLLM_CPU_KERNELS_EXP2_H_

namespace xllm::cpu {
namespace {

// 2^x for x <= 127, at most 5e-7 off (minimax of degree 5 with 2^0 = 1). Below -126 as at -126, so that it is a normal number.
XI V::F exp2(V::F x) {
  const V::F magic = V::set1(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
  x = V::max(x, V::set1(-126.0f));
  V::F t = V::add(x, magic);
  V::F r = V::sub(x, V::sub(t, magic));
  V::F p = V::set1(1.11255077e-3f);
  p = V::fma(p, r, V::set1(9.66628252e-3f));
  p = V::fma(p, r, V::set1(5.55740047e-2f));
  p = V::fma(p, r, V::set1(2.40223507e-1f));
  p = V::fma(p, r, V::set1(6.93142831e-1f));
  p = V::fma(p, r, V::set1(1.0f));
  return V::scale_by_bits(p, t);
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_EXP2_H_
