#include "cpu/avx512/vector.h"
// (the vector type comes first: the kernels are written over it)
#include "cpu/kernels/math.h"
#include "cpu/kernels/quantize.h"
#include "cpu/kernels/rows.h"
#include "cpu/avx512/quantize_four.h"

namespace xllm::cpu {

// avx512/attention.cpp
void avx512_attention(const AttentionArgs& args);
void avx512_merge_attention(const AttentionArgs& args);
void avx512_store_kv(const KvLayer& kv, int32_t block, int32_t slot, int32_t kv_heads, const float* k, const float* v);

void avx512_linear(const LinearArgs& args);  // avx512/linear.cpp: the largest, compiled beside this one

const Kernels& avx512_kernels() {
  static constexpr Kernels kTable = {rms_norm, swiglu, add, rope, quantize_fours, swiglu_quantize_fours, avx512_linear, avx512_store_kv,
                                     avx512_attention, avx512_merge_attention};
  return kTable;
}

}  // namespace xllm::cpu
