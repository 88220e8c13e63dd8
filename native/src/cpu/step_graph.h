#ifndef XLLM_CPU_STEP_GRAPH_H_
#define XLLM_CPU_STEP_GRAPH_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "cpu/fusion.h"
#include "cpu/kernels.h"
#include "cpu/stage_plan.h"

namespace xllm::cpu {

class CpuProgram;

// A part of a group's outputs that one thread computes for some rows, with its calls resolved but for the rows.
struct Chunk {
  std::vector<LinearArgs> linears;  // pointers at row 0; out = NULL: the step's logits
  int32_t q_begin = 0, q_end = 0;   // heads that are normed, rotated and written to KV afterwards
  int32_t kv_begin = 0, kv_end = 0;
  int64_t column_begin = 0, column_end = 0;  // of swiglu
};

// What all threads have to know of a group in this graph.
struct GroupCall {
  const LinearGroup* group;
  bool token_rows;
  int64_t width;            // of the activations
  int64_t panel = 0;        // rows that share activations in L2; 0 = chunks are a thread each, for all rows
  std::vector<Chunk> chunks;
  int32_t counter = -1;     // of dynamic chunks
  ActPanel* result = nullptr;  // quantised swiglu, act_panels(rows, width)
};

// Where a thread puts the rows that a group starts from: its own copy of all, or its share of the common one.
struct Prepared {
  float* floats = nullptr;  // normed or gathered rows; NULL = the buffer itself
  int64_t float_stride = 0;  // 0 = one row of scratch
  ActPanel* acts = nullptr;
  bool own = false;
};

enum class Wait : uint8_t { kNone, kBarrier, kCancel };  // kCancel: a barrier after which a cancelled step ends

// One thread's next piece of work.
struct Call {
  void (CpuProgram::*run)(const Call& call, int32_t thread);
  Wait wait = Wait::kNone;
  Stage stage{};                     // of a single op
  const GroupCall* group = nullptr;
  const Chunk* chunk = nullptr;
  Prepared prepared;
};

struct alignas(64) Counter {
  std::atomic<int64_t> next{0};
};

// Which steps a graph serves: up to `tokens` rows and `outputs` wanted rows; decode = one row of each sequence; few = the
// wanted rows are so few that they are picked before the ops after the last attention.
struct GraphKey {
  int32_t tokens = 0;
  int32_t outputs = 0;
  bool decode = false;
  bool few = false;
  bool operator==(const GraphKey&) const = default;
};

// A step's program, recorded: a flat list of calls for each thread.
struct StepGraph {
  GraphKey key;
  std::vector<std::vector<Call>> calls;  // [thread]
  std::deque<GroupCall> groups;
  std::deque<Chunk> own_chunks;          // of calls that read a thread's own copy
  std::vector<Counter> counters;
  int32_t barriers = 0;
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_STEP_GRAPH_H_
