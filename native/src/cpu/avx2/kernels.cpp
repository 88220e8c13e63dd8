#include "cpu/avx2/vector.h"
// (the vector type comes first: the kernels are written over it)
#include "cpu/kernels/math.h"
#include "cpu/kernels/quantize.h"
#include "cpu/kernels/rows.h"

namespace xllm::cpu {

// avx2/attention.cpp
void avx2_attention(const AttentionArgs& args);
void avx2_merge_attention(const AttentionArgs& args);
void avx2_store_kv(const KvLayer& kv, int32_t block, int32_t slot, int32_t kv_heads, const float* k, const float* v);

void avx2_linear(const LinearArgs& args);  // avx2/linear.cpp: the largest, compiled beside this one

const Kernels& avx2_kernels() {
  static constexpr Kernels kTable = {rms_norm, swiglu, add, rope, quantize, swiglu_quantize, avx2_linear, avx2_store_kv,
                                     avx2_attention, avx2_merge_attention};
  return kTable;
}

}  // namespace xllm::cpu
