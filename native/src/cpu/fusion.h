#ifndef XLLM_CPU_FUSION_H_
#define XLLM_CPU_FUSION_H_

#include <vector>

#include "core/backend.h"

namespace xllm::cpu {

// LINEAR ops over one input that run as one stage, with what comes before and after them:
//   (GATHER) (RMS_NORM) -> LINEAR ... -> one of
//     RMS_NORM of heads, ROPE, KV write      when they give the q, k and v of an attention
//     SWIGLU                                 when they give its gate and up
struct LinearGroup {
  const xllm_op* gather = nullptr;
  const xllm_op* norm = nullptr;
  std::vector<const xllm_op*> linears;        // q, k, v when there is an attention; gate, up when there is a swiglu
  const xllm_op* attention = nullptr;         // its K and V are written
  std::vector<const xllm_op*> head_ops;       // in place on q or k, in the program's order
  const xllm_op* swiglu = nullptr;
  bool quantised_result = false;              // the next op takes int8 activations from swiglu's output
  bool float_result = true;                   // something reads it as float32
  bool ints = false;                          // some LINEAR takes int8 activations
  bool floats = false;                        // some LINEAR takes float32 activations

  // The buffer that is read first.
  int32_t input() const { return gather != nullptr ? gather->in[0] : norm != nullptr ? norm->in[0] : linears[0]->in[0]; }
  // The buffer that the LINEARs read.
  int32_t activations() const { return linears[0]->in[0]; }
};

// A group, or a single op when it has no linears.
struct PlanItem {
  const xllm_op* op = nullptr;
  LinearGroup group;
  int32_t attention = 0;    // number of an attention op in the program
  bool stores_kv = true;    // an attention whose K and V no group has written
};

// Looks through the straight line of ops for what can run as one stage. An op is fused away only when nothing later reads
// the buffer that is then not written. The order of operations of every value is unchanged.
std::vector<PlanItem> fuse(const ProgramSpec& spec, const std::vector<xllm_op>& ops);

}  // namespace xllm::cpu

#endif  // XLLM_CPU_FUSION_H_
