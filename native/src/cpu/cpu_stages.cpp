#include <algorithm>
#include <cmath>
#include <cstring>

#include "cpu/cpu_program.h"

// What each kind of stage does for one thread's share.
namespace xllm::cpu {

CpuProgram::Range CpuProgram::share(int64_t count, int32_t thread) const {
  int64_t threads = backend_.pool().threads();
  return {count * thread / threads, count * (thread + 1) / threads};
}

CpuProgram::Range CpuProgram::rows_of(const Buffer& buffer, int32_t thread) const {
  return share(buffer.token_rows ? step_->token_count : step_->output_count, thread);
}

// The angle is a float32 product; cos and sin are taken in double, rounded, and scaled in float32.
void CpuProgram::rope_table(const Stage& stage, int32_t thread) {
  const RopeTable& table = spec.ropes[stage.index];
  int64_t pairs = static_cast<int64_t>(table.inv_freq.size());
  Range rows = share(step_->token_count, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    float position = static_cast<float>(step_->positions[t]);
    float* cos = rope_cos_[stage.index].floats() + t * pairs;
    float* sin = rope_sin_[stage.index].floats() + t * pairs;
    for (int64_t p = 0; p < pairs; ++p) {
      float angle = position * table.inv_freq[p];
      cos[p] = static_cast<float>(std::cos(static_cast<double>(angle))) * table.scale;
      sin[p] = static_cast<float>(std::sin(static_cast<double>(angle))) * table.scale;
    }
  }
}

void CpuProgram::embed(const xllm_op& op, int32_t thread) {
  const Buffer& out = buffers_[op.out[0]];
  Range rows = rows_of(out, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) weight(op.weight[0]).read_row(step_->tokens[t], op.f[0], out.row(t));
}

void CpuProgram::rms_norm(const xllm_op& op, int32_t thread) {
  const Buffer& in = buffers_[op.in[0]];
  const Buffer& out = buffers_[op.out[0]];
  int64_t width = spec.buffers[op.out[0]].width;
  int64_t group = op.i[0] == 0 ? width : op.i[0];
  const float* scale = weight(op.weight[0]).vector();
  Range rows = rows_of(out, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    kernels_.rms_norm(in.row(t), scale, out.row(t), width / group, group, op.f[0]);
  }
}

void CpuProgram::quantize(const xllm_op& op, int32_t thread) {
  const Buffer& in = buffers_[op.in[0]];
  int64_t width = spec.buffers[op.in[0]].width;
  ActPanel* panels = reinterpret_cast<ActPanel*>(quantised_.data());
  Range rows = rows_of(in, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    kernels_.quantize(in.row(t), width, panels + t / kPanelTokens * (width / kBlock), static_cast<int>(t % kPanelTokens));
  }
}

void CpuProgram::linear(const Stage& stage, int32_t thread) {
  const xllm_op& op = *stage.op;
  const Buffer& in = buffers_[op.in[0]];
  const Buffer& out = buffers_[op.out[0]];
  LinearArgs args{};
  args.weight = &weight(op.weight[0]).matrix();
  args.x = in.row(0);
  args.x_stride = in.stride;
  args.acts = stage.int_activations ? reinterpret_cast<const ActPanel*>(quantised_.data()) : nullptr;
  args.out = out.row(0);
  args.out_stride = out.stride;
  args.bias = op.weight[1] >= 0 ? weight(op.weight[1]).vector() : nullptr;
  args.add = (op.flags & XLLM_LINEAR_ADD) != 0;
  args.tokens = out.token_rows ? step_->token_count : step_->output_count;
  Range tiles = share(args.weight->tiles, thread);
  args.tile_begin = tiles.begin;
  args.tile_end = tiles.end;
  kernels_.linear(args);
}

void CpuProgram::rope(const xllm_op& op, int32_t thread) {
  const Buffer& out = buffers_[op.out[0]];
  int64_t pairs = op.i[2] / 2;
  const float* cos = rope_cos_[op.i[4]].floats();
  const float* sin = rope_sin_[op.i[4]].floats();
  Range rows = rows_of(out, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    kernels_.rope(out.row(t), cos + t * pairs, sin + t * pairs, op.i[0], op.i[1], op.i[2], op.i[3] == 1);
  }
}

void CpuProgram::store_kv(const xllm_op& op, int32_t thread) {
  const Buffer& k = buffers_[op.in[1]];
  const Buffer& v = buffers_[op.in[2]];
  const int32_t block_tokens = kv_->desc.block_tokens;
  Range rows = rows_of(k, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    const xllm_sequence& sequence = step_->sequences[row_sequence_[t]];
    int32_t position = sequence.context + static_cast<int32_t>(t - sequence.first_row);
    int32_t range = sequence_range_[row_sequence_[t]], block = position / block_tokens;
    kernels_.store_kv(kv_->layer(op.i[0], range), range < 0 ? sequence.blocks[block] : block, position % block_tokens,
                      op.i[2], k.row(t), v.row(t));
  }
}

void CpuProgram::attention(const Stage& stage, int32_t thread) {
  const xllm_op& op = *stage.op;
  const Buffer& q = buffers_[op.in[0]];
  const Buffer& out = buffers_[op.out[0]];
  AttentionArgs args{};
  args.kv = kv_->layer(op.i[0]);
  args.group = op.i[1] / op.i[2];
  args.window = op.i[4];
  args.scale = op.f[0];
  args.soft_cap = op.f[1];
  args.q_stride = q.stride;
  args.out_stride = out.stride;
  args.scratch = scratch_[thread].floats();
  auto& next = next_item_[stage.index];
  int32_t count = static_cast<int32_t>(items_.size());
  for (int32_t i = next.fetch_add(1, std::memory_order_relaxed); i < count;
       i = next.fetch_add(1, std::memory_order_relaxed)) {
    const AttentionItem& item = items_[i];
    const xllm_sequence& sequence = step_->sequences[item.sequence];
    int64_t row = sequence.first_row + item.offset;
    int64_t first_value = int64_t{item.kv_head} * args.group * args.kv.head_dim;
    int32_t range = sequence_range_[item.sequence];
    args.kv = kv_->layer(op.i[0], range);
    args.blocks = range < 0 ? sequence.blocks : nullptr;
    args.kv_head = item.kv_head;
    args.rows = item.rows;
    args.position = sequence.context + item.offset;
    args.q = q.row(row) + first_value;
    args.out = out.row(row) + first_value;
    kernels_.attention(args);
  }
}

void CpuProgram::swiglu(const xllm_op& op, int32_t thread) {
  const Buffer& out = buffers_[op.out[0]];
  Range rows = rows_of(out, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    kernels_.swiglu(buffers_[op.in[0]].row(t), buffers_[op.in[1]].row(t), out.row(t), out.stride);
  }
}

void CpuProgram::add(const xllm_op& op, int32_t thread) {
  const Buffer& out = buffers_[op.out[0]];
  Range rows = rows_of(out, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    kernels_.add(buffers_[op.in[0]].row(t), buffers_[op.in[1]].row(t), out.row(t), out.stride);
  }
}

void CpuProgram::gather(const xllm_op& op, int32_t thread) {
  const Buffer& in = buffers_[op.in[0]];
  const Buffer& out = buffers_[op.out[0]];
  Range rows = rows_of(out, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    std::memcpy(out.row(t), in.row(step_->output_rows[t]), out.stride * sizeof(float));
  }
}

void CpuProgram::bias(const xllm_op& op, int32_t thread) {
  const Buffer& in = buffers_[op.in[0]];
  const Buffer& out = buffers_[op.out[0]];
  Range rows = rows_of(out, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    kernels_.add(in.row(t), weight(op.weight[0]).vector(), out.row(t), out.stride);
  }
}

}  // namespace xllm::cpu
