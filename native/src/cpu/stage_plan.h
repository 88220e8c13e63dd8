#ifndef XLLM_CPU_STAGE_PLAN_H_
#define XLLM_CPU_STAGE_PLAN_H_

#include <vector>

#include "core/backend.h"

namespace xllm::cpu {

// How a stage's work is divided among threads. Stages divided by the same rows need no barrier between them.
enum class Division { kTokenRows, kOutputRows, kOther };

enum class StageKind { kRopeTable, kEmbed, kRmsNorm, kQuantize, kLinear, kRope, kStoreKv, kAttention, kSwiglu, kAdd, kGather, kBias };

// A piece of an op that every thread does its share of.
struct Stage {
  StageKind kind;
  Division division;
  const xllm_op* op;
  int32_t index;         // rope table, or attention's number in the program
  bool barrier;          // wait for all threads before it
  bool int_activations;  // LINEAR reads the quantised copy
};

// Turns ops into stages: rope tables first, a quantising stage before a LINEAR whose input has no quantised copy yet, KV
// writing before attention; and finds where a barrier is needed (a stage reads or writes what another division wrote or read).
std::vector<Stage> plan_stages(const ProgramSpec& spec);

}  // namespace xllm::cpu

#endif  // XLLM_CPU_STAGE_PLAN_H_
