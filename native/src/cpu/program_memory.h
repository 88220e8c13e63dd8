#ifndef XLLM_CPU_PROGRAM_MEMORY_H_
#define XLLM_CPU_PROGRAM_MEMORY_H_

#include <vector>

#include "core/aligned_buffer.h"
#include "core/backend.h"
#include "cpu/kernels.h"

namespace xllm::cpu {

struct ProgramBuffer {
  AlignedBuffer data;
  int64_t stride = 0;
  bool token_rows = true;
  float* row(int64_t r) const { return data.floats() + r * stride; }
};

// A thread's private memory.
struct ThreadMemory {
  AlignedBuffer floats;     // [kOwnRows, own_stride]
  AlignedBuffer acts;       // ActPanel, act_panels(kOwnRows, own_stride)
  AlignedBuffer gate, up;   // [kBlockRows, kBlock]: outputs that become int8 at once
};

// All the memory a program runs in besides weights and KV.
struct ProgramMemory {
  // Rows up to which every thread prepares its own copy of a group's activations: less than a barrier costs.
  static constexpr int64_t kOwnRows = 2;
  // Rows of a block of gate and up that stay in L2 beside their activations; a multiple of kPanelTokens.
  static constexpr int64_t kBlockRows = 384;

  ProgramMemory(const ProgramSpec& spec, int32_t threads);

  std::vector<ProgramBuffer> buffers;
  AlignedBuffer quantised[2];  // ActPanel, act_panels(rows, width): a group reads one and writes the other
  std::vector<ThreadMemory> threads;
  int64_t own_stride = 0;      // floats
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_PROGRAM_MEMORY_H_
