#include "cpu/stage_plan.h"

#include "core/block_types.h"

namespace xllm::cpu {
namespace {

StageKind plain_kind(int32_t code) {
  switch (code) {
    case XLLM_OP_EMBED: return StageKind::kEmbed;
    case XLLM_OP_RMS_NORM: return StageKind::kRmsNorm;
    case XLLM_OP_ROPE: return StageKind::kRope;
    case XLLM_OP_SWIGLU: return StageKind::kSwiglu;
    case XLLM_OP_ADD: return StageKind::kAdd;
    case XLLM_OP_GATHER: return StageKind::kGather;
    default: return StageKind::kBias;
  }
}

}  // namespace

Division rows_of(const ProgramSpec& spec, int32_t buffer) {
  return spec.buffers[buffer].rows == XLLM_ROWS_TOKENS ? Division::kTokenRows : Division::kOutputRows;
}

bool int_activations(const ProgramSpec& spec, const xllm_op& linear) {
  return type_layout(spec.weights[linear.weight[0]]->type).sub_block != 0 && !spec.float_activations;
}

std::vector<Stage> stages_of(const ProgramSpec& spec, const xllm_op& op, int32_t attentions) {
  if (op.code == XLLM_OP_ATTENTION) {
    return {{StageKind::kStoreKv, Division::kTokenRows, &op, 0, false, false},
            {StageKind::kAttention, Division::kOther, &op, attentions, true, false}};
  }
  if (op.code == XLLM_OP_LINEAR) {
    if (!int_activations(spec, op)) return {{StageKind::kLinear, Division::kOther, &op, 0, false, false}};
    return {{StageKind::kQuantize, rows_of(spec, op.in[0]), &op, 0, false, false},
            {StageKind::kLinear, Division::kOther, &op, 0, true, true}};
  }
  // A gather reads rows that other threads may have written.
  Division division = op.code == XLLM_OP_GATHER ? Division::kOther : rows_of(spec, op.out[0]);
  return {{plain_kind(op.code), division, &op, 0, false, false}};
}

}  // namespace xllm::cpu
