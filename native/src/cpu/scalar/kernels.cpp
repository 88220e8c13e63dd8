#include "cpu/scalar/vector.h"
// (the vector type comes first: the kernels are written over it)
#include "cpu/kernels/math.h"
#include "cpu/kernels/attention.h"
#include "cpu/kernels/quantize.h"
#include "cpu/kernels/rows.h"

namespace xllm::cpu {

void scalar_linear(const LinearArgs& args);  // scalar/linear.cpp: the largest, compiled beside this one

const Kernels& scalar_kernels() {
  static constexpr Kernels kTable = {rms_norm, swiglu, add, rope, quantize, scalar_linear, store_kv, attention};
  return kTable;
}

}  // namespace xllm::cpu
