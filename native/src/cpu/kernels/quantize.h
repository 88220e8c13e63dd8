// Activations to int8 per 32.
#ifndef XLLM_CPU_KERNELS_QUANTIZE_H_
#define XLLM_CPU_KERNELS_QUANTIZE_H_

namespace xllm::cpu {
namespace {

// scale = max|x| / 127, q = round to nearest even of x * (127 / max|x|). A block whose max is below 1e-30 is zero. One with a NaN or
// infinity has a scale that is neither finite, so that it shows in every output that reads it.
void quantize(const float* x, int64_t n, ActPanel* out, int slot) {
  for (int64_t i = 0; i < n; i += kBlock, ++out) {
    V::F a = V::load(x + i), b = V::load(x + i + kLanes);
    float fault = V::sum(V::add(V::mul(a, V::zero()), V::mul(b, V::zero())));  // 0, or NaN
    float largest = V::max_of(V::max(V::abs(a), V::abs(b))) + fault;
    bool zero = largest < 1e-30f;
    V::F inverse = V::set1(zero ? 0.0f : 127.0f / largest);
    const V::F low = V::set1(-127.0f), high = V::set1(127.0f);
    V::I qa = V::to_int(V::min(V::max(V::mul(a, inverse), low), high));
    V::I qb = V::to_int(V::min(V::max(V::mul(b, inverse), low), high));
    V::store_bytes(out->q[slot], qa);
    V::store_bytes(out->q[slot] + kLanes, qb);
    float scale = zero ? 0.0f : largest / 127.0f;
    int32_t sa = V::sum(qa), sb = V::sum(qb);
    out->s[slot] = {scale, scale * static_cast<float>(sa + sb)};
    out->minus_sum[slot] = -(sa + sb);
    out->minus_half[slot][0] = -sa;
    out->minus_half[slot][1] = -sb;
  }
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_QUANTIZE_H_
