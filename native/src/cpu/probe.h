#ifndef XLLM_CPU_PROBE_H_
#define XLLM_CPU_PROBE_H_

#include <cstdint>

namespace xllm::cpu {

// What one core of a path can do at most. The work of int8 and fp32 stays in registers, in independent chains: enough of them to
// hide the latency of the instruction that the path's kernels use.
struct ProbeKernels {
  double (*int8)(int64_t rounds);  // returns operations, 2 for a multiply and add
  double (*fp32)(int64_t rounds);
  uint64_t (*read)(const uint8_t* data, uint64_t bytes);  // a multiple of 512 bytes; returns something made of all of them
};

const ProbeKernels& scalar_probe();
#if XLLM_X86
const ProbeKernels& avx2_probe();
const ProbeKernels& avx512_probe();
#endif

// Runs a probe (XLLM_PROBE_*) on `threads` own threads for about `seconds`; returns the sum of their rates.
double probe(int32_t isa, int32_t threads, int32_t kind, double seconds);

}  // namespace xllm::cpu

#endif  // XLLM_CPU_PROBE_H_
