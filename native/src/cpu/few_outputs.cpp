#include "cpu/few_outputs.h"

#include <map>

namespace xllm::cpu {
namespace {

class Mover {
 public:
  explicit Mover(ProgramSpec& spec) : spec_(spec) {}

  void move() {
    size_t attention = last(XLLM_OP_ATTENTION), gather = last(XLLM_OP_GATHER);
    if (attention == spec_.ops.size() || gather == spec_.ops.size() || gather < attention) return;
    if (spec_.ops[gather].out[0] == spec_.logits) return;
    for (size_t i = attention + 1; i < spec_.ops.size(); ++i) {
      if (!(i < gather ? by_rows(spec_.ops[i]) : i == gather || of_outputs(spec_.ops[i]))) return;
    }
    ops_.assign(spec_.ops.begin(), spec_.ops.begin() + static_cast<int64_t>(attention) + 1);
    // The input of the first op is gathered last, right before it, where it can be fused with it.
    size_t first = attention + 1;
    for (size_t i = gather; i >= first; --i) gather_inputs(i, first);
    for (size_t i = first; i < gather; ++i) ops_.push_back(mapped(spec_.ops[i]));
    // What the GATHER gave is now the gathered row itself.
    moved_[spec_.ops[gather].out[0]] = moved_.at(spec_.ops[gather].in[0]);
    for (size_t i = gather + 1; i < spec_.ops.size(); ++i) ops_.push_back(mapped(spec_.ops[i]));
    spec_.few_ops = std::move(ops_);
  }

 private:
  size_t last(int32_t code) const {
    for (size_t i = spec_.ops.size(); i > 0; --i) {
      if (spec_.ops[i - 1].code == code) return i - 1;
    }
    return spec_.ops.size();
  }

  // An op over token rows whose rows do not depend on each other or on their positions.
  bool by_rows(const xllm_op& op) const {
    switch (op.code) {
      case XLLM_OP_RMS_NORM:
      case XLLM_OP_LINEAR:
      case XLLM_OP_SWIGLU:
      case XLLM_OP_ADD:
      case XLLM_OP_BIAS: return spec_.buffers[op.out[0]].rows == XLLM_ROWS_TOKENS;
      default: return false;
    }
  }
  bool of_outputs(const xllm_op& op) const {
    return op.code != XLLM_OP_GATHER && op.code != XLLM_OP_EMBED && op.code != XLLM_OP_ROPE &&
           spec_.buffers[op.out[0]].rows == XLLM_ROWS_OUTPUTS;
  }

  static int inputs(const xllm_op& op) { return op.code == XLLM_OP_SWIGLU || op.code == XLLM_OP_ADD ? 2 : 1; }

  bool written_before(int32_t buffer, size_t i, size_t first) const {
    for (size_t j = first; j < i; ++j) {
      if (spec_.ops[j].out[0] == buffer) return true;
    }
    return false;
  }

  // Buffers that op i reads as they were after the attention.
  void gather_inputs(size_t i, size_t first) {
    const xllm_op& op = spec_.ops[i];
    if (op.code == XLLM_OP_LINEAR && (op.flags & XLLM_LINEAR_ADD) != 0) gather_input(op.out[0], i, first);
    for (int n = inputs(op); n-- > 0;) gather_input(op.in[n], i, first);
  }
  void gather_input(int32_t buffer, size_t i, size_t first) {
    if (written_before(buffer, i, first) || moved_.count(buffer) != 0) return;
    xllm_op op{};
    op.code = XLLM_OP_GATHER;
    for (int32_t& in : op.in) in = -1;
    for (int32_t& weight : op.weight) weight = -1;
    op.in[0] = buffer;
    op.out[0] = twin(buffer);
    op.out[1] = -1;
    ops_.push_back(op);
  }

  // The buffer with output rows that stands for one with token rows.
  int32_t twin(int32_t buffer) {
    auto at = moved_.find(buffer);
    if (at != moved_.end()) return at->second;
    spec_.buffers.push_back({XLLM_ROWS_OUTPUTS, spec_.buffers[buffer].width});
    return moved_[buffer] = static_cast<int32_t>(spec_.buffers.size()) - 1;
  }

  xllm_op mapped(xllm_op op) {
    for (int n = 0; n < inputs(op); ++n) op.in[n] = mapped_buffer(op.in[n]);
    op.out[0] = mapped_buffer(op.out[0]);
    return op;
  }
  int32_t mapped_buffer(int32_t buffer) {
    if (spec_.buffers[buffer].rows == XLLM_ROWS_TOKENS) return twin(buffer);
    auto at = moved_.find(buffer);
    return at != moved_.end() ? at->second : buffer;
  }

  ProgramSpec& spec_;
  std::map<int32_t, int32_t> moved_;
  std::vector<xllm_op> ops_;
};

}  // namespace

void add_few_outputs(ProgramSpec& spec) { Mover(spec).move(); }

}  // namespace xllm::cpu
