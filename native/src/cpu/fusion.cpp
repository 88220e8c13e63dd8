#include "cpu/fusion.h"

#include <algorithm>

#include "cpu/kernels.h"
#include "cpu/stage_plan.h"

namespace xllm::cpu {
namespace {

bool reads(const xllm_op& op, int32_t buffer) {
  switch (op.code) {
    case XLLM_OP_EMBED: return false;
    case XLLM_OP_ROPE: return op.out[0] == buffer;
    case XLLM_OP_LINEAR: return op.in[0] == buffer || ((op.flags & XLLM_LINEAR_ADD) != 0 && op.out[0] == buffer);
    case XLLM_OP_ATTENTION: return op.in[0] == buffer || op.in[1] == buffer || op.in[2] == buffer;
    case XLLM_OP_SWIGLU:
    case XLLM_OP_ADD: return op.in[0] == buffer || op.in[1] == buffer;
    default: return op.in[0] == buffer;
  }
}

class Fuser {
 public:
  Fuser(const ProgramSpec& spec, const std::vector<xllm_op>& ops) : spec_(spec), ops_(ops) {}

  std::vector<PlanItem> fuse() {
    for (size_t i = 0; i < ops_.size();) {
      PlanItem item;
      size_t end = group_at(i, item.group);
      if (end == i) {
        item.op = &ops_[i];
        end = i + 1;
      }
      if (item.op != nullptr && item.op->code == XLLM_OP_ATTENTION) {
        item.attention = attentions_++;
        item.stores_kv = item.op != stored_;
      }
      if (item.group.attention != nullptr) stored_ = item.group.attention;
      plan_.push_back(std::move(item));
      i = end;
    }
    return std::move(plan_);
  }

 private:
  bool is(size_t i, int32_t code) const { return i < ops_.size() && ops_[i].code == code; }

  // True when an op from `i` on reads what `buffer` holds now, or it is what the program gives.
  bool live(int32_t buffer, size_t i) const {
    for (; i < ops_.size(); ++i) {
      if (reads(ops_[i], buffer)) return true;
      if (ops_[i].out[0] == buffer) return false;
    }
    return buffer == spec_.logits;
  }

  // The end of the group that begins at op i; i when there is none.
  size_t group_at(size_t i, LinearGroup& group) const {
    size_t at = i;
    if (is(at, XLLM_OP_GATHER)) group.gather = &ops_[at++];
    if (is(at, XLLM_OP_RMS_NORM) && ops_[at].i[0] == 0) {
      if (group.gather != nullptr && ops_[at].in[0] != group.gather->out[0]) return i;
      group.norm = &ops_[at++];
    }
    int32_t in = is(at, XLLM_OP_LINEAR) ? ops_[at].in[0] : -1;
    for (; is(at, XLLM_OP_LINEAR) && ops_[at].in[0] == in && fits(group, ops_[at]); ++at) add(group, ops_[at]);
    if (group.linears.empty()) return group = {}, i;
    if (!prologue_fits(group, at)) return group = {}, i;
    size_t end = attention_after(at, group);
    if (end == at) end = swiglu_after(at, group);
    return end;
  }

  bool fits(const LinearGroup& group, const xllm_op& linear) const {
    return std::none_of(group.linears.begin(), group.linears.end(),
                        [&](const xllm_op* other) { return other->out[0] == linear.out[0]; });
  }

  void add(LinearGroup& group, const xllm_op& linear) const {
    group.linears.push_back(&linear);
    (int_activations(spec_, linear) ? group.ints : group.floats) = true;
  }

  // The gathered or normed rows are private to threads or replaced by their quantised copy: nothing later may read them.
  bool prologue_fits(const LinearGroup& group, size_t end) const {
    if (group.gather == nullptr && group.norm == nullptr) return true;
    const xllm_op* last = group.norm != nullptr ? group.norm : group.gather;
    if (last->out[0] != group.activations()) return false;
    for (const xllm_op* linear : group.linears) {
      if (linear->out[0] == group.input()) return false;
      if (group.gather != nullptr && linear->out[0] == group.gather->out[0]) return false;
    }
    if (group.gather != nullptr && group.norm != nullptr && group.gather->out[0] != group.norm->out[0] &&
        live(group.gather->out[0], end)) {
      return false;
    }
    return !live(last->out[0], end);
  }

  // LINEAR q, k, v in any order, then norms of heads and ropes in place, then the attention that takes them.
  size_t attention_after(size_t at, LinearGroup& group) const {
    if (group.linears.size() != 3) return at;
    size_t i = at;
    while (is(i, XLLM_OP_ROPE) || (is(i, XLLM_OP_RMS_NORM) && ops_[i].in[0] == ops_[i].out[0])) ++i;
    if (!is(i, XLLM_OP_ATTENTION)) return at;
    const xllm_op& attention = ops_[i];
    std::vector<const xllm_op*> ordered;
    for (int n = 0; n < 3; ++n) {
      for (const xllm_op* linear : group.linears) {
        if (linear->out[0] == attention.in[n] && (linear->flags & XLLM_LINEAR_ADD) == 0) ordered.push_back(linear);
      }
    }
    if (ordered.size() != 3 || attention.in[0] == attention.in[1] || attention.in[1] == attention.in[2] ||
        attention.in[0] == attention.in[2]) {
      return at;
    }
    std::vector<const xllm_op*> head_ops;
    for (size_t h = at; h < i; ++h) {
      const xllm_op& op = ops_[h];
      bool of_q_or_k = op.out[0] == attention.in[0] || op.out[0] == attention.in[1];
      int32_t dim = op.code == XLLM_OP_ROPE ? op.i[1] : op.i[0];
      if (!of_q_or_k || dim != attention.i[3]) return at;
      head_ops.push_back(&op);
    }
    group.linears = ordered;
    group.head_ops = head_ops;
    group.attention = &attention;
    return i;
  }

  // LINEAR gate and up, then the SWIGLU that takes them.
  size_t swiglu_after(size_t at, LinearGroup& group) const {
    if (group.linears.size() != 2 || !is(at, XLLM_OP_SWIGLU)) return at;
    const xllm_op& op = ops_[at];
    const xllm_op *gate = group.linears[0], *up = group.linears[1];
    if (op.in[0] == up->out[0] && op.in[1] == gate->out[0]) std::swap(gate, up);
    if (op.in[0] != gate->out[0] || op.in[1] != up->out[0]) return at;
    if (((gate->flags | up->flags) & XLLM_LINEAR_ADD) != 0) return at;
    if (op.out[0] == group.activations() || op.out[0] == group.input()) return at;
    group.linears = {gate, up};
    group.swiglu = &op;
    group.quantised_result = is(at + 1, XLLM_OP_LINEAR) && ops_[at + 1].in[0] == op.out[0] &&
                             int_activations(spec_, ops_[at + 1]) && spec_.buffers[op.out[0]].width % kBlock == 0;
    group.float_result = !group.quantised_result || live(op.out[0], at + 2);
    return at + 1;
  }

  const ProgramSpec& spec_;
  const std::vector<xllm_op>& ops_;
  int32_t attentions_ = 0;
  const xllm_op* stored_ = nullptr;
  std::vector<PlanItem> plan_;
};

}  // namespace

std::vector<PlanItem> fuse(const ProgramSpec& spec, const std::vector<xllm_op>& ops) { return Fuser(spec, ops).fuse(); }

}  // namespace xllm::cpu
