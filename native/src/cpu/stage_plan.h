#ifndef XLLM_CPU_STAGE_PLAN_H_
#define XLLM_CPU_STAGE_PLAN_H_

#include <vector>

#include "core/backend.h"

namespace xllm::cpu {

// How a stage's work is divided among threads. Stages divided by the same rows need no barrier between them.
enum class Division { kTokenRows, kOutputRows, kOther };

enum class StageKind { kEmbed, kRmsNorm, kQuantize, kLinear, kRope, kStoreKv, kAttention, kSwiglu, kAdd, kGather, kBias };

// A piece of an op that every thread does its share of.
struct Stage {
  StageKind kind;
  Division division;
  const xllm_op* op;
  int32_t index;         // attention's number in the program
  bool barrier;          // wait for all threads before it
  bool int_activations;  // LINEAR reads the quantised copy
};

Division rows_of(const ProgramSpec& spec, int32_t buffer);
// LINEAR over block-quantised weights with int8 activations.
bool int_activations(const ProgramSpec& spec, const xllm_op& linear);

// The stages of one op on its own: what EAGER mode runs. `attentions` counts the attention ops before it.
std::vector<Stage> stages_of(const ProgramSpec& spec, const xllm_op& op, int32_t attentions);

}  // namespace xllm::cpu

#endif  // XLLM_CPU_STAGE_PLAN_H_
