#include "cpu/program_memory.h"

#include <algorithm>

#include "core/checked.h"

namespace xllm::cpu {

ProgramMemory::ProgramMemory(const ProgramSpec& spec, int32_t thread_count) : threads(thread_count) {
  for (const xllm_buffer_desc& desc : spec.buffers) {
    ProgramBuffer buffer;
    buffer.stride = round_up(desc.width, kLanes);
    buffer.token_rows = desc.rows == XLLM_ROWS_TOKENS;
    int64_t rows = buffer.token_rows ? spec.max_tokens : spec.max_outputs;
    buffer.data = AlignedBuffer(checked_mul(rows, buffer.stride * 4, "program buffer"), "program buffer");
    buffers.push_back(std::move(buffer));
  }
  uint64_t quantised_bytes = 0;
  std::vector<xllm_op> ops = spec.ops;
  ops.insert(ops.end(), spec.few_ops.begin(), spec.few_ops.end());
  for (const xllm_op& op : ops) {
    if (op.code != XLLM_OP_LINEAR) continue;
    int32_t in = op.in[0], width = spec.buffers[in].width;
    int64_t rows = buffers[in].token_rows ? spec.max_tokens : spec.max_outputs;
    uint64_t panels = act_panels(rows, width);
    quantised_bytes = std::max(quantised_bytes, checked_mul(panels, sizeof(ActPanel), "quantised activations"));
    own_stride = std::max(own_stride, round_up(width, kBlock));
  }
  for (AlignedBuffer& area : quantised) area = AlignedBuffer(quantised_bytes, "quantised activations");
  for (ThreadMemory& thread : threads) {
    thread.floats = AlignedBuffer(checked_mul(kOwnRows, own_stride * 4, "activations"), "activations");
    uint64_t panels = act_panels(kOwnRows, own_stride);
    thread.gate = AlignedBuffer(kBlockRows * kBlock * 4, "gate");
    thread.up = AlignedBuffer(kBlockRows * kBlock * 4, "up");
    thread.acts = AlignedBuffer(checked_mul(panels, sizeof(ActPanel), "activations"), "activations");
  }
}

}  // namespace xllm::cpu
