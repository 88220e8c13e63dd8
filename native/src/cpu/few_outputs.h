#ifndef XLLM_CPU_FEW_OUTPUTS_H_
#define XLLM_CPU_FEW_OUTPUTS_H_

#include "core/backend.h"

namespace xllm::cpu {

// A prompt wants the logits of few of its rows, and after the last attention a row meets no other: what comes then need be
// computed for the wanted rows alone. Fills spec.few_ops, the program with its GATHER moved up to the last attention, and adds
// the buffers with output rows that it needs; leaves few_ops empty where the ops after the last attention do not allow it.
void add_few_outputs(ProgramSpec& spec);

}  // namespace xllm::cpu

#endif  // XLLM_CPU_FEW_OUTPUTS_H_
