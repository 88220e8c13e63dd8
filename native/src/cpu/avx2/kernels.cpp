#include "cpu/avx2/vector.h"
// (the vector type comes first: the kernels are written over it)
#include "cpu/kernels/math.h"
#include "cpu/kernels/attention.h"
#include "cpu/kernels/quantize.h"
#include "cpu/kernels/rows.h"

namespace xllm::cpu {

void avx2_linear(const LinearArgs& args);  // avx2/linear.cpp: the largest, compiled beside this one

const Kernels& avx2_kernels() {
  static constexpr Kernels kTable = {rms_norm, swiglu, add, rope, quantize, avx2_linear, store_kv, attention};
  return kTable;
}

}  // namespace xllm::cpu
