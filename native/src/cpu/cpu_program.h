#ifndef XLLM_CPU_CPU_PROGRAM_H_
#define XLLM_CPU_CPU_PROGRAM_H_

#include <vector>

#include "cpu/attention_work.h"
#include "cpu/cpu_backend.h"
#include "cpu/fusion.h"
#include "cpu/graph_cache.h"
#include "cpu/packed_weight.h"
#include "cpu/paged_kv.h"
#include "cpu/program_memory.h"
#include "cpu/rope_cache.h"
#include "cpu/stage_plan.h"
#include "cpu/step_graph.h"

namespace xllm::cpu {

// Runs a program on the device's threads: one parallel region a step, a recorded graph replayed in it (FULL, PIECEWISE), or a
// region for each op (EAGER).
class CpuProgram final : public Program {
 public:
  CpuProgram(CpuBackend& backend, ProgramSpec spec);
  void run(KvPool* kv, const xllm_step& step) override;
  void run_ops(KvPool* kv, const xllm_step& step, int32_t first, int32_t count) override;
  void describe(xllm_program_info& out) const override;
  bool gives_hidden() const override { return true; }

 private:
  friend class GraphRecorder;

  struct Range {
    int64_t begin;
    int64_t end;
  };

  void begin_step(KvPool* kv, const xllm_step& step, bool full);
  void find_sequences(const xllm_step& step);
  void copy_logits(const xllm_step& step) const;
  void copy_hidden(const xllm_step& step);

  StepGraph& graph_for(const xllm_step& step, bool decode);
  void replay(StepGraph& graph);
  void replay_calls(const std::vector<Call>& calls, int32_t thread);
  void run_eager(int32_t first, int32_t count);
  bool cancel_requested() const;
  void layers_done(int32_t layers) const;

  // Calls of a graph (graph_calls.cpp).
  void call_stage(const Call& call, int32_t thread);
  void call_prepare(const Call& call, int32_t thread);
  void call_chunk(const Call& call, int32_t thread);
  void call_dynamic(const Call& call, int32_t thread);
  void quantize_row(const float* x, int64_t width, int64_t begin, int64_t n, ActPanel* panels, int64_t row);
  void run_chunk(const GroupCall& call, const Chunk& chunk, int64_t row, int64_t rows);
  void finish_heads(const LinearGroup& group, const Chunk& chunk, int64_t row, int64_t rows);
  void finish_swiglu(const GroupCall& call, const Chunk& chunk, int64_t row, int64_t rows);
  void run_swiglu(const GroupCall& call, const Chunk& chunk, int64_t row, int64_t rows, const ThreadMemory& memory);

  // Stages of single ops (cpu_stages.cpp).
  Range share(int64_t count, int32_t thread) const;
  int64_t rows_now(bool token_rows) const { return token_rows ? step_->token_count : step_->output_count; }
  Range rows_of(const ProgramBuffer& buffer, int32_t thread) const;
  void run_stage(const Stage& stage, int32_t thread);
  void embed(const xllm_op& op, int32_t thread);
  void rms_norm(const xllm_op& op, int32_t thread);
  void quantize(const xllm_op& op, int32_t thread);
  void linear(const Stage& stage, int32_t thread);
  void rope(const xllm_op& op, int32_t thread);
  void store_kv(const xllm_op& op, int32_t thread);
  void store_row(const xllm_op& op, int64_t row, int32_t head, int32_t heads);
  void attention(const Stage& stage, int32_t thread);
  void swiglu(const xllm_op& op, int32_t thread);
  void add(const xllm_op& op, int32_t thread);
  void gather(const xllm_op& op, int32_t thread);
  void bias(const xllm_op& op, int32_t thread);

  const PackedWeight& weight(int32_t index) const { return static_cast<const PackedWeight&>(*spec.weights[index]); }

  CpuBackend& backend_;
  const Kernels& kernels_;
  const std::vector<PlanItem> plan_;
  const std::vector<PlanItem> few_plan_;  // of spec.few_ops
  const bool direct_logits_;  // the last LINEAR writes the caller's memory
  ProgramMemory memory_;
  std::vector<RopeCache> ropes_;
  std::vector<std::vector<Stage>> op_stages_;  // EAGER: of each op
  GraphCache graphs_;
  xllm_program_info counts_{};

  // The step being run.
  const xllm_step* step_ = nullptr;
  PagedKv* kv_ = nullptr;
  StepGraph* graph_ = nullptr;
  AttentionWork attention_;
  std::vector<int32_t> row_sequence_;    // sequence of each row
  std::vector<int32_t> sequence_range_;  // KV range of each sequence, -1 = by block list
  bool cancelled_ = false;
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_CPU_PROGRAM_H_
