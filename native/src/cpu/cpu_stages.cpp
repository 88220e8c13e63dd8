#include <cstring>

#include "cpu/cpu_program.h"

// What each kind of stage does for one thread's share.
namespace xllm::cpu {

CpuProgram::Range CpuProgram::share(int64_t count, int32_t thread) const {
  int64_t threads = backend_.pool().threads();
  return {count * thread / threads, count * (thread + 1) / threads};
}

CpuProgram::Range CpuProgram::rows_of(const ProgramBuffer& buffer, int32_t thread) const {
  return share(rows_now(buffer.token_rows), thread);
}

void CpuProgram::run_stage(const Stage& stage, int32_t thread) {
  switch (stage.kind) {
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

void CpuProgram::embed(const xllm_op& op, int32_t thread) {
  const ProgramBuffer& out = memory_.buffers[op.out[0]];
  Range rows = rows_of(out, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) weight(op.weight[0]).read_row(step_->tokens[t], op.f[0], out.row(t));
}

void CpuProgram::rms_norm(const xllm_op& op, int32_t thread) {
  const ProgramBuffer& in = memory_.buffers[op.in[0]];
  const ProgramBuffer& out = memory_.buffers[op.out[0]];
  int64_t width = spec.buffers[op.out[0]].width;
  int64_t group = op.i[0] == 0 ? width : op.i[0];
  const float* scale = weight(op.weight[0]).vector();
  Range rows = rows_of(out, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    kernels_.rms_norm(in.row(t), scale, out.row(t), width / group, group, op.f[0]);
  }
}

void CpuProgram::quantize(const xllm_op& op, int32_t thread) {
  const ProgramBuffer& in = memory_.buffers[op.in[0]];
  int64_t width = spec.buffers[op.in[0]].width;
  ActPanel* panels = reinterpret_cast<ActPanel*>(memory_.quantised[0].data());
  Range rows = rows_of(in, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    kernels_.quantize(in.row(t), width, panels + t / kPanelTokens * (width / kBlock), static_cast<int>(t % kPanelTokens));
  }
}

void CpuProgram::linear(const Stage& stage, int32_t thread) {
  const xllm_op& op = *stage.op;
  const ProgramBuffer& in = memory_.buffers[op.in[0]];
  const ProgramBuffer& out = memory_.buffers[op.out[0]];
  LinearArgs args{};
  args.weight = &weight(op.weight[0]).matrix();
  args.x = in.row(0);
  args.x_stride = in.stride;
  args.acts = stage.int_activations ? reinterpret_cast<const ActPanel*>(memory_.quantised[0].data()) : nullptr;
  args.out = out.row(0);
  args.out_stride = out.stride;
  args.bias = op.weight[1] >= 0 ? weight(op.weight[1]).vector() : nullptr;
  args.add = (op.flags & XLLM_LINEAR_ADD) != 0;
  args.tokens = rows_now(out.token_rows);
  Range tiles = share(args.weight->tiles, thread);
  args.tile_begin = tiles.begin;
  args.tile_end = tiles.end;
  kernels_.linear(args);
}

void CpuProgram::rope(const xllm_op& op, int32_t thread) {
  const ProgramBuffer& out = memory_.buffers[op.out[0]];
  Range rows = rows_of(out, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    RopeCache::Row angles = ropes_[op.i[4]].row(t);
    kernels_.rope(out.row(t), angles.cos, angles.sin, op.i[0], op.i[1], op.i[2], op.i[3] == 1);
  }
}

void CpuProgram::store_kv(const xllm_op& op, int32_t thread) {
  Range rows = rows_of(memory_.buffers[op.in[1]], thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) store_row(op, t, 0, op.i[2]);
}

// K and V of some heads of a row.
void CpuProgram::store_row(const xllm_op& op, int64_t row, int32_t head, int32_t heads) {
  const xllm_sequence& sequence = step_->sequences[row_sequence_[row]];
  int32_t position = sequence.context + static_cast<int32_t>(row - sequence.first_row);
  int32_t range = sequence_range_[row_sequence_[row]];
  KvLayer layer = kv_->layer(op.i[0], range);
  layer.data += head * layer.head_bytes;
  int64_t value = int64_t{head} * op.i[3];
  int32_t block = position / layer.block_tokens;
  kernels_.store_kv(layer, range < 0 ? sequence.blocks[block] : block, position % layer.block_tokens, heads,
                    memory_.buffers[op.in[1]].row(row) + value, memory_.buffers[op.in[2]].row(row) + value);
}

void CpuProgram::attention(const Stage& stage, int32_t thread) {
  const xllm_op& op = *stage.op;
  const ProgramBuffer& q = memory_.buffers[op.in[0]];
  const ProgramBuffer& out = memory_.buffers[op.out[0]];
  attention_.run({op, stage.index, q.row(0), q.stride, out.row(0), out.stride}, *kv_, *step_, sequence_range_, thread);
}

void CpuProgram::swiglu(const xllm_op& op, int32_t thread) {
  const ProgramBuffer& out = memory_.buffers[op.out[0]];
  Range rows = rows_of(out, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    kernels_.swiglu(memory_.buffers[op.in[0]].row(t), memory_.buffers[op.in[1]].row(t), out.row(t), out.stride);
  }
}

void CpuProgram::add(const xllm_op& op, int32_t thread) {
  const ProgramBuffer& out = memory_.buffers[op.out[0]];
  Range rows = rows_of(out, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    kernels_.add(memory_.buffers[op.in[0]].row(t), memory_.buffers[op.in[1]].row(t), out.row(t), out.stride);
  }
}

void CpuProgram::gather(const xllm_op& op, int32_t thread) {
  const ProgramBuffer& in = memory_.buffers[op.in[0]];
  const ProgramBuffer& out = memory_.buffers[op.out[0]];
  Range rows = rows_of(out, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    std::memcpy(out.row(t), in.row(step_->output_rows[t]), out.stride * sizeof(float));
  }
}

void CpuProgram::bias(const xllm_op& op, int32_t thread) {
  const ProgramBuffer& in = memory_.buffers[op.in[0]];
  const ProgramBuffer& out = memory_.buffers[op.out[0]];
  Range rows = rows_of(out, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    kernels_.add(in.row(t), weight(op.weight[0]).vector(), out.row(t), out.stride);
  }
}

}  // namespace xllm::cpu
