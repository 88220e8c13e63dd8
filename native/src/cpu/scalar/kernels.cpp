#include "cpu/scalar/vector.h"
// (the vector type comes first: the kernels are written over it)
#include "cpu/kernels/math.h"
#include "cpu/kernels/quantize.h"
#include "cpu/kernels/rows.h"

namespace xllm::cpu {

// scalar/attention.cpp
void scalar_attention(const AttentionArgs& args);
void scalar_merge_attention(const AttentionArgs& args);
void scalar_store_kv(const KvLayer& kv, int32_t block, int32_t slot, int32_t kv_heads, const float* k, const float* v);

void scalar_linear(const LinearArgs& args);  // scalar/linear.cpp: the largest, compiled beside this one

const Kernels& scalar_kernels() {
  static constexpr Kernels kTable = {rms_norm, swiglu, add, rope, quantize, swiglu_quantize, scalar_linear, scalar_store_kv,
                                     scalar_attention, scalar_merge_attention};
  return kTable;
}

}  // namespace xllm::cpu
