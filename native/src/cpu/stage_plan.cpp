#include "cpu/stage_plan.h"

#include <map>

#include "core/block_types.h"

namespace xllm::cpu {
namespace {

class Planner {
 public:
  explicit Planner(const ProgramSpec& spec) : spec_(spec), quants_(static_cast<int>(spec.buffers.size())) {}

  std::vector<Stage> plan() {
    for (size_t r = 0; r < spec_.ropes.size(); ++r) {
      add(StageKind::kRopeTable, Division::kTokenRows, nullptr, static_cast<int32_t>(r), {}, {rope(r)});
    }
    for (const xllm_op& op : spec_.ops) plan_op(op);
    return std::move(stages_);
  }

 private:
  // What stages read and write: buffers, then the quantised copy, then rope tables, then KV layers.
  int rope(size_t table) const { return quants_ + 1 + static_cast<int>(table); }
  int kv(int32_t layer) const { return rope(spec_.ropes.size()) + layer; }

  Division rows_of(int32_t buffer) const {
    return spec_.buffers[buffer].rows == XLLM_ROWS_TOKENS ? Division::kTokenRows : Division::kOutputRows;
  }

  void plan_op(const xllm_op& op) {
    int32_t in0 = op.in[0], in1 = op.in[1], in2 = op.in[2], out = op.out[0];
    switch (op.code) {
      case XLLM_OP_EMBED: add(StageKind::kEmbed, rows_of(out), &op, 0, {}, {out}); break;
      case XLLM_OP_RMS_NORM: add(StageKind::kRmsNorm, rows_of(out), &op, 0, {in0}, {out}); break;
      case XLLM_OP_LINEAR: linear(op); break;
      case XLLM_OP_ROPE: add(StageKind::kRope, rows_of(out), &op, op.i[4], {out, rope(op.i[4])}, {out}); break;
      case XLLM_OP_ATTENTION:
        add(StageKind::kStoreKv, Division::kTokenRows, &op, 0, {in1, in2}, {kv(op.i[0])});
        add(StageKind::kAttention, Division::kOther, &op, attentions_++, {in0, kv(op.i[0])}, {out});
        stages_.back().barrier = true;
        break;
      case XLLM_OP_SWIGLU: add(StageKind::kSwiglu, rows_of(out), &op, 0, {in0, in1}, {out}); break;
      case XLLM_OP_ADD: add(StageKind::kAdd, rows_of(out), &op, 0, {in0, in1}, {out}); break;
      case XLLM_OP_GATHER: add(StageKind::kGather, Division::kOther, &op, 0, {in0}, {out}); break;
      case XLLM_OP_BIAS: add(StageKind::kBias, rows_of(out), &op, 0, {in0}, {out}); break;
      default: break;
    }
  }

  void linear(const xllm_op& op) {
    int32_t in = op.in[0], out = op.out[0];
    bool ints = type_layout(spec_.weights[op.weight[0]]->type).sub_block != 0 && !spec_.float_activations;
    if (ints && quantised_ != in) {
      add(StageKind::kQuantize, rows_of(in), &op, 0, {in}, {quants_});
      quantised_ = in;
    }
    add(StageKind::kLinear, Division::kOther, &op, 0, {ints ? quants_ : in, out}, {out});
    stages_.back().int_activations = ints;
  }

  struct Use {
    Division division;
    bool written;
  };

  void add(StageKind kind, Division division, const xllm_op* op, int32_t index, std::vector<int> reads,
           std::vector<int> writes) {
    bool barrier = false;
    for (int r : reads) barrier = barrier || conflicts(r, division, false);
    for (int w : writes) barrier = barrier || conflicts(w, division, true);
    if (barrier) uses_.clear();
    for (int r : reads) note(r, division, false);
    for (int w : writes) {
      note(w, division, true);
      if (w == quantised_) quantised_ = -1;
    }
    stages_.push_back({kind, division, op, index, barrier, false});
  }

  bool conflicts(int resource, Division division, bool writes) const {
    auto [begin, end] = uses_.equal_range(resource);
    for (auto use = begin; use != end; ++use) {
      bool same_rows = use->second.division == division && division != Division::kOther;
      if ((writes || use->second.written) && !same_rows) return true;
    }
    return false;
  }

  void note(int resource, Division division, bool written) { uses_.insert({resource, {division, written}}); }

  const ProgramSpec& spec_;
  const int quants_;
  int32_t attentions_ = 0;
  int32_t quantised_ = -1;  // the buffer whose quantised copy is at hand
  std::multimap<int, Use> uses_;  // since the last barrier
  std::vector<Stage> stages_;
};

}  // namespace

std::vector<Stage> plan_stages(const ProgramSpec& spec) { return Planner(spec).plan(); }

}  // namespace xllm::cpu
