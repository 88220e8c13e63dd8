#ifndef XLLM_CPU_ISA_H_
#define XLLM_CPU_ISA_H_

#include <cstdint>

#include "cpu/kernels.h"

namespace xllm::cpu {

// The best path of this machine.
int32_t best_isa();
// Kernels of a path (not AUTO). Throws XLLM_UNSUPPORTED when this build or machine lacks it.
const Kernels& kernels_of(int32_t isa);
const char* isa_name(int32_t isa);
// Cores that the process may use: its affinity mask, and on Linux the quota of its control group.
int32_t granted_cores();

}  // namespace xllm::cpu

#endif  // XLLM_CPU_ISA_H_
