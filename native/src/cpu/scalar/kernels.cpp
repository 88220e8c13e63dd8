#include "cpu/scalar/vector.h"
// (the vector type comes first: the kernels are written over it)
#include "cpu/kernels/math.h"
#include "cpu/kernels/attention.h"
#include "cpu/kernels/linear.h"
#include "cpu/kernels/quantize.h"
#include "cpu/kernels/rows.h"

namespace xllm::cpu {

const Kernels& scalar_kernels() {
  static constexpr Kernels kTable = {rms_norm, swiglu, add, rope, quantize, linear, store_kv, attention};
  return kTable;
}

}  // namespace xllm::cpu
