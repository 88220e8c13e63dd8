#include "cpu/avx512/vector.h"
// (the vector type comes first: the kernels are written over it)
#include "cpu/kernels/math.h"
#include "cpu/kernels/attention.h"
#include "cpu/kernels/quantize.h"
#include "cpu/kernels/rows.h"

namespace xllm::cpu {

void avx512_linear(const LinearArgs& args);  // avx512/linear.cpp: the largest, compiled beside this one

const Kernels& avx512_kernels() {
  static constexpr Kernels kTable = {rms_norm, swiglu, add, rope, quantize, avx512_linear, store_kv, attention};
  return kTable;
}

}  // namespace xllm::cpu
