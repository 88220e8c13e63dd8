#include "cpu/cpu_program.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "core/checked.h"
#include "cpu/few_outputs.h"
#include "cpu/graph_recorder.h"

namespace xllm::cpu {
namespace {

std::vector<std::vector<Stage>> eager_stages(const ProgramSpec& spec) {
  std::vector<std::vector<Stage>> stages;
  int32_t attentions = 0;
  for (const xllm_op& op : spec.ops) {
    stages.push_back(stages_of(spec, op, attentions));
    if (op.code == XLLM_OP_ATTENTION) ++attentions;
  }
  return stages;
}

// The logits come from one LINEAR alone, in rows without padding: its tiles then end where the caller's rows do.
bool logits_are_direct(const ProgramSpec& spec) {
  if (spec.buffers[spec.logits].width % kLanes != 0) return false;
  int32_t writers = 0;
  for (const xllm_op& op : spec.ops) {
    for (int32_t in : {op.in[0], op.in[1], op.in[2]}) {
      if (op.code != XLLM_OP_EMBED && op.code != XLLM_OP_ROPE && in == spec.logits) return false;
    }
    if (op.out[0] != spec.logits) continue;
    if (op.code != XLLM_OP_LINEAR || (op.flags & XLLM_LINEAR_ADD) != 0) return false;
    ++writers;
  }
  return writers == 1;
}

ProgramSpec with_few_outputs(ProgramSpec spec) {
  add_few_outputs(spec);
  return spec;
}

bool is_decode(const xllm_step& step) { return step.sequence_count == step.token_count; }

}  // namespace

CpuProgram::CpuProgram(CpuBackend& backend, ProgramSpec checked)
    : Program(&backend, with_few_outputs(std::move(checked))),
      backend_(backend),
      kernels_(backend.kernels()),
      plan_(fuse(spec, spec.ops)),
      few_plan_(fuse(spec, spec.few_ops)),
      direct_logits_(logits_are_direct(spec)),
      memory_(spec, backend.pool().threads()),
      op_stages_(eager_stages(spec)),
      attention_(spec, kernels_, backend.pool().threads()),
      row_sequence_(spec.max_tokens),
      sequence_range_(spec.max_tokens) {
  for (const RopeTable& table : spec.ropes) ropes_.emplace_back(table, spec.max_tokens);
}

void CpuProgram::run(KvPool* kv, const xllm_step& step) {
  bool decode = is_decode(step);
  if (step.mode == XLLM_MODE_EAGER) return run_ops(kv, step, 0, static_cast<int32_t>(spec.ops.size()));
  if (step.mode == XLLM_MODE_FULL) {
    XLLM_CHECK(decode, "mode FULL takes steps of one row a sequence; this one has %d rows of %d sequences", step.token_count,
               step.sequence_count);
  }
  bool full = decode && step.mode != XLLM_MODE_PIECEWISE;
  StepGraph* graph = nullptr;
  try {
    graph = &graph_for(step, full);
  } catch (const std::bad_alloc&) {
    return run_ops(kv, step, 0, static_cast<int32_t>(spec.ops.size()));  // no memory for a graph: op by op needs none
  }
  begin_step(kv, step, full);
  replay(*graph);
  ++(full ? counts_.full_steps : counts_.piecewise_steps);
  counts_.barriers = graph->barriers;
  if (cancelled_) fail(XLLM_CANCELLED, "the step was cancelled");
  if (!direct_logits_) copy_logits(step);
  copy_hidden(step);
}

void CpuProgram::run_ops(KvPool* kv, const xllm_step& step, int32_t first, int32_t count) {
  begin_step(kv, step, false);
  run_eager(first, count);
  if (cancelled_) fail(XLLM_CANCELLED, "the step was cancelled");
  if (first + count < static_cast<int32_t>(spec.ops.size())) return;
  ++counts_.eager_steps;
  copy_logits(step);
  copy_hidden(step);
}

void CpuProgram::describe(xllm_program_info& out) const {
  uint32_t size = out.size;
  out = counts_;
  out.size = size;
  out.graphs = static_cast<int32_t>(graphs_.size());
  out.evictions = graphs_.evictions();
}

StepGraph& CpuProgram::graph_for(const xllm_step& step, bool decode) {
  GraphKey key = GraphCache::bucket(step, decode, spec);
  if (StepGraph* graph = graphs_.find(key)) return *graph;
  auto graph = GraphRecorder(*this).record(key);
  ++counts_.records;
  return *graphs_.add(std::move(graph));
}

void CpuProgram::begin_step(KvPool* kv, const xllm_step& step, bool full) {
  step_ = &step;
  kv_ = static_cast<PagedKv*>(kv);
  cancelled_ = false;
  for (RopeCache& rope : ropes_) rope.prepare(step.positions, step.token_count, backend_.pool());
  if (spec.kv_layers == 0) return;
  find_sequences(step);
  attention_.plan(step, full);
}

void CpuProgram::find_sequences(const xllm_step& step) {
  for (int32_t s = 0; s < step.sequence_count; ++s) {
    const xllm_sequence& sequence = step.sequences[s];
    std::fill_n(row_sequence_.begin() + sequence.first_row, sequence.rows, s);
    int32_t range = kv_->ranges() == nullptr || step.ranges == nullptr ? -1 : step.ranges[s];
    int32_t blocks = static_cast<int32_t>(ceil_div(int64_t{sequence.context} + sequence.rows, kv_->desc.block_tokens));
    sequence_range_[s] = range >= 0 && kv_->ranges()->ensure(range, sequence.blocks, blocks) ? range : -1;
  }
}

void CpuProgram::copy_logits(const xllm_step& step) const {
  const ProgramBuffer& logits = memory_.buffers[spec.logits];
  int64_t width = spec.buffers[spec.logits].width;
  for (int64_t r = 0; r < step.output_count; ++r) {
    std::memcpy(step.logits + r * width, logits.row(r), width * sizeof(float));
  }
}

// The same kernel as the program's own last norm: the same bits.
void CpuProgram::copy_hidden(const xllm_step& step) {
  if (step.hidden_count == 0) return;
  const ProgramBuffer& states = memory_.buffers[spec.hidden];
  int64_t width = spec.buffers[spec.hidden].width;
  backend_.pool().run([&](int32_t thread) {
    Range rows = share(step.hidden_count, thread);
    for (int64_t r = rows.begin; r < rows.end; ++r) {
      const float* state = states.row(step.hidden_rows[r]);
      float* out = step.hidden + r * width;
      if (spec.hidden_norm < 0) {
        std::memcpy(out, state, width * sizeof(float));
      } else {
        kernels_.rms_norm(state, weight(spec.hidden_norm).vector(), out, 1, width, spec.hidden_epsilon);
      }
    }
  });
}

bool CpuProgram::cancel_requested() const {
  return step_->cancel != nullptr && __atomic_load_n(step_->cancel, __ATOMIC_RELAXED) != 0;
}

void CpuProgram::layers_done(int32_t layers) const {
  if (step_->layers_done != nullptr) __atomic_store_n(step_->layers_done, layers, __ATOMIC_RELEASE);
}

void CpuProgram::replay(StepGraph& graph) {
  graph_ = &graph;
  for (Counter& counter : graph.counters) counter.next.store(0, std::memory_order_relaxed);
  backend_.pool().run([&](int32_t thread) { replay_calls(graph.calls[thread], thread); });
}

// Thread 0 reads the cancel flag before the barrier of an attention, so that all threads leave together after it.
void CpuProgram::replay_calls(const std::vector<Call>& calls, int32_t thread) {
  ThreadPool& pool = backend_.pool();
  for (const Call& call : calls) {
    if (call.wait == Wait::kBarrier) {
      pool.barrier();
    } else if (call.wait == Wait::kCancel) {
      if (thread == 0) cancelled_ = cancel_requested();
      pool.barrier();
      if (cancelled_) return;
      if (thread == 0) layers_done(call.stage.op->i[0] + 1);
    }
    (this->*call.run)(call, thread);
  }
}

void CpuProgram::run_eager(int32_t first, int32_t count) {
  for (int32_t op = first; op < first + count; ++op) {
    if (spec.ops[op].code == XLLM_OP_ATTENTION && cancel_requested()) {
      cancelled_ = true;
      return;
    }
    backend_.pool().run([&](int32_t thread) {
      for (const Stage& stage : op_stages_[op]) {
        if (stage.barrier) backend_.pool().barrier();
        run_stage(stage, thread);
      }
    });
    if (spec.ops[op].code == XLLM_OP_ATTENTION) layers_done(spec.ops[op].i[0] + 1);
  }
}

}  // namespace xllm::cpu
