#include <algorithm>
#include <cstring>

#include "cpu/cpu_program.h"

// What the calls of a recorded graph do.
namespace xllm::cpu {
namespace {

// The activations of rows row .. row + rows - 1, `width` inputs each; row starts a panel.
void take_rows(LinearArgs& args, int64_t width, int64_t row, int64_t rows) {
  args.x += row * args.x_stride;
  if (args.acts != nullptr) args.acts += row / kPanelTokens * (width / kBlock);
  args.tokens = rows;
}

}  // namespace

void CpuProgram::call_stage(const Call& call, int32_t thread) { run_stage(call.stage, thread); }

// Columns begin .. begin + n - 1 of a row of `width` as token `row` of the panels.
void CpuProgram::quantize_row(const float* x, int64_t width, int64_t begin, int64_t n, ActPanel* panels, int64_t row) {
  ActPanel* to = panels + row / kPanelTokens * (width / kBlock) + begin / kBlock;
  kernels_.quantize(x, n, to, static_cast<int>(row % kPanelTokens));
}

// Gathers, norms and quantises rows: a thread's share of them, or all into its own copy.
void CpuProgram::call_prepare(const Call& call, int32_t thread) {
  const LinearGroup& group = *call.group->group;
  const Prepared& to = call.prepared;
  const ProgramBuffer& in = memory_.buffers[group.input()];
  int64_t count = rows_now(call.group->token_rows), width = call.group->width;
  Range rows = to.own ? Range{0, count} : share(count, thread);
  for (int64_t t = rows.begin; t < rows.end; ++t) {
    const float* x = in.row(group.gather != nullptr ? step_->output_rows[t] : t);
    if (group.norm != nullptr) {
      float* y = to.floats + t * to.float_stride;
      kernels_.rms_norm(x, weight(group.norm->weight[0]).vector(), y, 1, width, group.norm->f[0]);
      x = y;
    } else if (to.floats != nullptr && group.floats) {
      float* y = to.floats + t * to.float_stride;
      std::memcpy(y, x, width * sizeof(float));
    }
    if (to.acts != nullptr) quantize_row(x, width, 0, width, to.acts, t);
  }
}

void CpuProgram::call_chunk(const Call& call, int32_t) {
  run_chunk(*call.group, *call.chunk, 0, rows_now(call.group->token_rows));
}

// Items are panels of rows x chunks of outputs; the chunks of a panel follow each other, so that its activations stay near.
void CpuProgram::call_dynamic(const Call& call, int32_t thread) {
  const GroupCall& group = *call.group;
  int64_t rows = rows_now(group.token_rows), chunks = static_cast<int64_t>(group.chunks.size());
  int64_t panels = (rows + group.panel - 1) / group.panel;
  auto& next = graph_->counters[group.counter].next;
  for (int64_t i = next.fetch_add(1, std::memory_order_relaxed); i < panels * chunks;
       i = next.fetch_add(1, std::memory_order_relaxed)) {
    int64_t row = i / chunks * group.panel, count = std::min(group.panel, rows - row);
    const Chunk& chunk = group.chunks[i % chunks];
    if (group.result != nullptr && !group.group->float_result) {
      run_swiglu(group, chunk, row, count, memory_.threads[thread]);
    } else {
      run_chunk(group, chunk, row, count);
    }
  }
}

void CpuProgram::run_chunk(const GroupCall& call, const Chunk& chunk, int64_t row, int64_t rows) {
  for (LinearArgs args : chunk.linears) {
    if (args.out == nullptr) {
      args.out = step_->logits;
      args.out_stride = spec.buffers[spec.logits].width;
    }
    take_rows(args, call.width, row, rows);
    args.out += row * args.out_stride;
    kernels_.linear(args);
  }
  if (call.group->attention != nullptr) finish_heads(*call.group, chunk, row, rows);
  if (call.group->swiglu != nullptr) finish_swiglu(call, chunk, row, rows);
}

// Norms and rotates the chunk's heads of q and k, and writes its heads of k and v to KV.
void CpuProgram::finish_heads(const LinearGroup& group, const Chunk& chunk, int64_t row, int64_t rows) {
  const xllm_op& attention = *group.attention;
  int64_t dim = attention.i[3];
  for (const xllm_op* op : group.head_ops) {
    bool of_q = op->out[0] == attention.in[0];
    int32_t begin = of_q ? chunk.q_begin : chunk.kv_begin, heads = (of_q ? chunk.q_end : chunk.kv_end) - begin;
    if (heads == 0) continue;
    const ProgramBuffer& buffer = memory_.buffers[op->out[0]];
    for (int64_t t = row; t < row + rows; ++t) {
      float* x = buffer.row(t) + begin * dim;
      if (op->code == XLLM_OP_ROPE) {
        RopeCache::Row angles = ropes_[op->i[4]].row(t);
        kernels_.rope(x, angles.cos, angles.sin, heads, dim, op->i[2], op->i[3] == 1);
      } else {
        kernels_.rms_norm(x, weight(op->weight[0]).vector(), x, heads, dim, op->f[0]);
      }
    }
  }
  int32_t kv_heads = chunk.kv_end - chunk.kv_begin;
  if (kv_heads == 0) return;
  for (int64_t t = row; t < row + rows; ++t) store_row(attention, t, chunk.kv_begin, kv_heads);
}

void CpuProgram::finish_swiglu(const GroupCall& call, const Chunk& chunk, int64_t row, int64_t rows) {
  const xllm_op& op = *call.group->swiglu;
  const ProgramBuffer& out = memory_.buffers[op.out[0]];
  int64_t begin = chunk.column_begin, n = chunk.column_end - begin, width = spec.buffers[op.out[0]].width;
  if (n == 0) return;
  for (int64_t t = row; t < row + rows; ++t) {
    float* y = out.row(t) + begin;
    kernels_.swiglu(memory_.buffers[op.in[0]].row(t) + begin, memory_.buffers[op.in[1]].row(t) + begin, y, n);
    if (call.result != nullptr) quantize_row(y, width, begin, n, call.result, t);
  }
}

// Gate and up of 32 columns become int8 while they are in L2; their own buffers are not written.
void CpuProgram::run_swiglu(const GroupCall& call, const Chunk& chunk, int64_t row, int64_t rows, const ThreadMemory& memory) {
  const int64_t end = row + rows, width = spec.buffers[call.group->swiglu->out[0]].width, tiles = kBlock / kLanes;
  for (; row < end; row += ProgramMemory::kBlockRows) {
    int64_t count = std::min(ProgramMemory::kBlockRows, end - row);
    for (int64_t tile = chunk.column_begin / kLanes; tile < chunk.column_end / kLanes; tile += tiles) {
      for (size_t n = 0; n < 2; ++n) {
        LinearArgs args = chunk.linears[n];
        take_rows(args, call.width, row, count);
        args.out = n == 0 ? memory.gate.floats() : memory.up.floats();
        args.out_stride = kBlock;
        args.out_tile = args.tile_begin = tile;
        args.tile_end = tile + tiles;
        const PackedMatrix& next = *chunk.linears[1 - n].weight;
        args.next_bytes = tiles * next.tile_bytes;
        args.next = next.data + (n == 0 ? tile : std::min(tile + tiles, next.tiles - tiles)) * next.tile_bytes;
        kernels_.linear(args);
      }
      kernels_.swiglu_quantize(memory.gate.floats(), memory.up.floats(), count, call.result + tile / tiles, width / kBlock, row);
    }
  }
}

}  // namespace xllm::cpu
