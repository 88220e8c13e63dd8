#include "cpu/avx512/vector.h"
// (the vector type comes first: the kernels are written over it)
#include "cpu/kernels/linear.h"

namespace xllm::cpu {

void avx512_linear(const LinearArgs& args) { linear(args); }

}  // namespace xllm::cpu
