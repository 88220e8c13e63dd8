#include "cpu/cpu_program.h"

#include <algorithm>
#include <cstring>

#include "core/block_types.h"
#include "core/checked.h"

namespace xllm::cpu {
namespace {

size_t count_attentions(const ProgramSpec& spec) {
  return static_cast<size_t>(std::count_if(spec.ops.begin(), spec.ops.end(),
                                           [](const xllm_op& op) { return op.code == XLLM_OP_ATTENTION; }));
}

}  // namespace

CpuProgram::CpuProgram(CpuBackend& backend, ProgramSpec checked)
    : Program(&backend, std::move(checked)),
      backend_(backend),
      kernels_(backend.kernels()),
      stages_(plan_stages(spec)),
      next_item_(count_attentions(spec)) {
  for (const xllm_buffer_desc& desc : spec.buffers) {
    Buffer buffer;
    buffer.stride = round_up(desc.width, kLanes);
    buffer.token_rows = desc.rows == XLLM_ROWS_TOKENS;
    int64_t rows = buffer.token_rows ? spec.max_tokens : spec.max_outputs;
    buffer.data = AlignedBuffer(checked_mul(rows, buffer.stride * 4, "program buffer"), "program buffer");
    buffers_.push_back(std::move(buffer));
  }
  for (const RopeTable& table : spec.ropes) {
    uint64_t bytes = checked_mul(spec.max_tokens, table.inv_freq.size() * 4, "rope table");
    rope_cos_.emplace_back(bytes, "rope table");
    rope_sin_.emplace_back(bytes, "rope table");
  }
  uint64_t quantised_bytes = 0;
  for (const Stage& stage : stages_) {
    if (stage.kind != StageKind::kQuantize) continue;
    int64_t rows = stage.division == Division::kTokenRows ? spec.max_tokens : spec.max_outputs;
    uint64_t panels = act_panels(rows, spec.buffers[stage.op->in[0]].width);
    quantised_bytes = std::max(quantised_bytes, checked_mul(panels, sizeof(ActPanel), "quantised activations"));
  }
  quantised_ = AlignedBuffer(quantised_bytes, "quantised activations");

  for (const xllm_op& op : spec.ops) {
    if (op.code == XLLM_OP_ATTENTION) group_ = std::max(group_, op.i[1] / op.i[2]);
  }
  item_rows_ = std::max(1, kMaxItemQueries / group_);
  if (spec.kv_layers > 0) {
    int64_t floats = attention_scratch(int64_t{item_rows_} * group_, spec.head_dim);
    for (int32_t t = 0; t < backend_.pool().threads(); ++t) {
      scratch_.emplace_back(checked_mul(floats, 4, "attention scratch"), "attention scratch");
    }
  }
  row_sequence_.resize(spec.max_tokens);
  sequence_range_.resize(spec.max_tokens);
}

void CpuProgram::run(KvPool* kv, const xllm_step& step) {
  step_ = &step;
  kv_ = static_cast<PagedKv*>(kv);
  cancelled_ = false;
  for (auto& next : next_item_) next.store(0, std::memory_order_relaxed);
  if (spec.kv_layers > 0) {
    find_ranges(step);
    make_items(step);
  }
  backend_.pool().run([this](int32_t thread) { work(thread); });
  if (cancelled_) fail(XLLM_CANCELLED, "the step was cancelled");
  const Buffer& logits = buffers_[spec.logits];
  int64_t width = spec.buffers[spec.logits].width;
  for (int64_t r = 0; r < step.output_count; ++r) {
    std::memcpy(step.logits + r * width, logits.row(r), width * sizeof(float));
  }
}

void CpuProgram::make_items(const xllm_step& step) {
  items_.clear();
  for (int32_t s = 0; s < step.sequence_count; ++s) {
    const xllm_sequence& sequence = step.sequences[s];
    std::fill_n(row_sequence_.begin() + sequence.first_row, sequence.rows, s);
    for (int32_t offset = 0; offset < sequence.rows; offset += item_rows_) {
      int32_t rows = std::min(item_rows_, sequence.rows - offset);
      for (int32_t h = 0; h < spec.kv_heads; ++h) items_.push_back({s, offset, rows, h});
    }
  }
}

void CpuProgram::find_ranges(const xllm_step& step) {
  for (int32_t s = 0; s < step.sequence_count; ++s) {
    const xllm_sequence& sequence = step.sequences[s];
    int32_t range = kv_->ranges() == nullptr || step.ranges == nullptr ? -1 : step.ranges[s];
    int32_t blocks = static_cast<int32_t>(ceil_div(int64_t{sequence.context} + sequence.rows, kv_->desc.block_tokens));
    sequence_range_[s] = range >= 0 && kv_->ranges()->ensure(range, sequence.blocks, blocks) ? range : -1;
  }
}

// Thread 0 reads the cancel flag before the barrier of an attention, so that all threads leave together after it.
void CpuProgram::work(int32_t thread) {
  for (const Stage& stage : stages_) {
    if (stage.kind == StageKind::kAttention && thread == 0 && step_->cancel != nullptr) {
      cancelled_ = __atomic_load_n(step_->cancel, __ATOMIC_RELAXED) != 0;
    }
    if (stage.barrier) backend_.pool().barrier();
    if (stage.kind == StageKind::kAttention && cancelled_) return;
    run_stage(stage, thread);
  }
}

void CpuProgram::run_stage(const Stage& stage, int32_t thread) {
  switch (stage.kind) {
    case StageKind::kRopeTable: return rope_table(stage, thread);
    case StageKind::kEmbed: return embed(*stage.op, thread);
    case StageKind::kRmsNorm: return rms_norm(*stage.op, thread);
    case StageKind::kQuantize: return quantize(*stage.op, thread);
    case StageKind::kLinear: return linear(stage, thread);
    case StageKind::kRope: return rope(*stage.op, thread);
    case StageKind::kStoreKv: return store_kv(*stage.op, thread);
    case StageKind::kAttention: return attention(stage, thread);
    case StageKind::kSwiglu: return swiglu(*stage.op, thread);
    case StageKind::kAdd: return add(*stage.op, thread);
    case StageKind::kGather: return gather(*stage.op, thread);
    case StageKind::kBias: return bias(*stage.op, thread);
  }
}

}  // namespace xllm::cpu
