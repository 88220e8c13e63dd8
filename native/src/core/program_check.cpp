#include "core/program_check.h"

#include <cmath>

#include "core/checked.h"

namespace xllm {
namespace {

constexpr int32_t kMaxWidth = 1 << 22;
constexpr int32_t kMaxRows = 65536;
constexpr int32_t kMaxCount = 1 << 20;
constexpr int32_t kMaxHeadDim = 1024;

const char* op_name(int32_t code) {
  static const char* const kNames[] = {"?",         "EMBED",  "RMS_NORM", "LINEAR", "ROPE",
                                       "ATTENTION", "SWIGLU", "ADD",      "GATHER", "BIAS"};
  return code >= XLLM_OP_EMBED && code <= XLLM_OP_BIAS ? kNames[code] : kNames[0];
}

#define OP_CHECK(condition, format, ...) \
  XLLM_CHECK(condition, "op %d (%s): " format, index_, op_name(op_.code) __VA_OPT__(, ) __VA_ARGS__)

// The checks of one op.
class OpChecker {
 public:
  OpChecker(ProgramSpec& spec, int32_t index) : spec_(spec), index_(index), op_(spec.ops[index]) {}

  void check() {
    for (float f : op_.f) OP_CHECK(std::isfinite(f), "a parameter is not a finite number");
    switch (op_.code) {
      case XLLM_OP_EMBED: embed(); break;
      case XLLM_OP_RMS_NORM: rms_norm(); break;
      case XLLM_OP_LINEAR: linear(); break;
      case XLLM_OP_ROPE: rope(); break;
      case XLLM_OP_ATTENTION: attention(); break;
      case XLLM_OP_SWIGLU:
      case XLLM_OP_ADD: elementwise(); break;
      case XLLM_OP_GATHER: gather(); break;
      case XLLM_OP_BIAS: bias(); break;
      default: fail(XLLM_UNSUPPORTED, "op %d: code %d is not known", index_, op_.code);
    }
  }

 private:
  const xllm_buffer_desc& buffer(int32_t b, const char* what) const {
    OP_CHECK(b >= 0 && b < static_cast<int32_t>(spec_.buffers.size()), "%s is buffer %d of %d", what, b,
             static_cast<int>(spec_.buffers.size()));
    return spec_.buffers[b];
  }
  const xllm_buffer_desc& in(int n) const { return buffer(op_.in[n], n == 0 ? "in0" : n == 1 ? "in1" : "in2"); }
  const xllm_buffer_desc& out() const { return buffer(op_.out[0], "out0"); }

  const Weight& weight(int n) const {
    int32_t w = op_.weight[n];
    OP_CHECK(w >= 0 && w < static_cast<int32_t>(spec_.weights.size()), "weight%d is weight %d of %d", n, w,
             static_cast<int>(spec_.weights.size()));
    return *spec_.weights[w];
  }
  const Weight& vector(int n, int64_t values) const {
    const Weight& w = weight(n);
    OP_CHECK(w.usage == XLLM_WEIGHT_VECTOR, "weight%d is not a vector", n);
    OP_CHECK(w.cols == values, "weight%d has %lld values, %lld are needed", n, static_cast<long long>(w.cols),
             static_cast<long long>(values));
    return w;
  }
  void same_shape(const xllm_buffer_desc& a, const xllm_buffer_desc& b) const {
    OP_CHECK(a.rows == b.rows, "buffers have different kinds of rows");
    OP_CHECK(a.width == b.width, "buffers are %d and %d wide, they must be equal", a.width, b.width);
  }
  void tokens(const xllm_buffer_desc& b) const {
    OP_CHECK(b.rows == XLLM_ROWS_TOKENS, "its buffers must have token rows");
  }

  void embed() {
    const Weight& table = weight(0);
    tokens(out());
    OP_CHECK((table.usage & XLLM_WEIGHT_TABLE) != 0, "weight0 is not a table");
    OP_CHECK(table.cols == out().width, "the table is %lld wide, out0 %d", static_cast<long long>(table.cols),
             out().width);
    if (table.rows < spec_.vocabulary) spec_.vocabulary = table.rows;
  }

  void rms_norm() {
    same_shape(in(0), out());
    int32_t group = op_.i[0] == 0 ? out().width : op_.i[0];
    OP_CHECK(group > 0 && out().width % group == 0, "groups of %d do not divide width %d", group, out().width);
    OP_CHECK(op_.f[0] >= 0, "epsilon is negative");
    vector(0, group);
  }

  void linear() {
    const Weight& w = weight(0);
    OP_CHECK((w.usage & XLLM_WEIGHT_MATRIX) != 0, "weight0 is not a matrix");
    OP_CHECK(in(0).rows == out().rows, "buffers have different kinds of rows");
    OP_CHECK(op_.in[0] != op_.out[0], "in0 and out0 must be different buffers");
    OP_CHECK(w.cols == in(0).width, "weight0 takes %lld inputs, in0 is %d wide", static_cast<long long>(w.cols),
             in(0).width);
    OP_CHECK(w.rows == out().width, "weight0 gives %lld outputs, out0 is %d wide", static_cast<long long>(w.rows),
             out().width);
    OP_CHECK((op_.flags & ~XLLM_LINEAR_ADD) == 0, "flags %d are not known", op_.flags);
    if (op_.weight[1] >= 0) vector(1, w.rows);
  }

  void rope() {
    tokens(out());
    int32_t heads = op_.i[0], dim = op_.i[1], turned = op_.i[2], table = op_.i[4];
    OP_CHECK(heads > 0 && dim > 0 && int64_t{heads} * dim == out().width, "%d heads of %d do not make width %d", heads,
             dim, out().width);
    OP_CHECK(turned > 0 && turned <= dim && turned % 2 == 0, "%d turned dimensions; they must be even and at most %d",
             turned, dim);
    OP_CHECK(op_.i[3] == 0 || op_.i[3] == 1, "form %d is not known", op_.i[3]);
    OP_CHECK(table >= 0 && table < static_cast<int32_t>(spec_.ropes.size()), "rope table %d of %d", table,
             static_cast<int>(spec_.ropes.size()));
    OP_CHECK(static_cast<int32_t>(spec_.ropes[table].inv_freq.size()) == turned / 2,
             "rope table %d has %d pairs, %d are needed", table, static_cast<int>(spec_.ropes[table].inv_freq.size()),
             turned / 2);
  }

  void attention() {
    int32_t layer = op_.i[0], heads = op_.i[1], kv_heads = op_.i[2], dim = op_.i[3];
    tokens(in(0)), tokens(in(1)), tokens(in(2)), tokens(out());
    OP_CHECK(layer >= 0 && layer < kMaxCount, "layer %d is out of range", layer);
    OP_CHECK(heads > 0 && kv_heads > 0 && heads % kv_heads == 0, "%d heads are not a multiple of %d KV heads", heads,
             kv_heads);
    OP_CHECK(dim > 0 && dim <= kMaxHeadDim, "head dimension %d; it must be 1 to %d", dim, kMaxHeadDim);
    OP_CHECK(int64_t{heads} * dim == in(0).width, "in0 is %d wide, %d heads of %d need %lld", in(0).width, heads, dim,
             static_cast<long long>(int64_t{heads} * dim));
    OP_CHECK(int64_t{kv_heads} * dim == in(1).width && in(1).width == in(2).width,
             "in1 and in2 are %d and %d wide, %d KV heads of %d need %lld", in(1).width, in(2).width, kv_heads, dim,
             static_cast<long long>(int64_t{kv_heads} * dim));
    same_shape(in(0), out());
    for (int n = 0; n < 3; ++n) OP_CHECK(op_.in[n] != op_.out[0], "in%d and out0 must be different buffers", n);
    OP_CHECK(op_.i[4] >= 0, "the sliding window is negative");
    OP_CHECK(op_.f[0] >= 0, "the scale of the scores is negative");
    OP_CHECK(op_.f[1] >= 0, "the soft cap is negative");
    if (spec_.kv_layers > 0) {
      OP_CHECK(kv_heads == spec_.kv_heads && dim == spec_.head_dim,
               "%d KV heads of %d; an earlier attention has %d of %d, one KV pool has one shape", kv_heads, dim,
               spec_.kv_heads, spec_.head_dim);
    }
    spec_.kv_heads = kv_heads;
    spec_.head_dim = dim;
    if (layer + 1 > spec_.kv_layers) spec_.kv_layers = layer + 1;
  }

  void elementwise() {
    same_shape(in(0), out());
    same_shape(in(1), out());
  }

  void gather() {
    tokens(in(0));
    OP_CHECK(out().rows == XLLM_ROWS_OUTPUTS, "out0 must have output rows");
    OP_CHECK(in(0).width == out().width, "buffers are %d and %d wide, they must be equal", in(0).width, out().width);
  }

  void bias() {
    same_shape(in(0), out());
    vector(0, out().width);
  }

  ProgramSpec& spec_;
  const int32_t index_;
  const xllm_op& op_;
};

void check_hidden(const xllm_program_desc& desc, ProgramSpec& spec, const std::vector<const Weight*>& weights) {
  if (desc.hidden == 0) {
    XLLM_CHECK(desc.hidden_norm == 0, "hidden_norm is given, but no hidden states");
    return;
  }
  XLLM_CHECK(desc.hidden > 0 && desc.hidden <= desc.buffer_count && spec.buffers[desc.hidden - 1].rows == XLLM_ROWS_TOKENS,
             "hidden is buffer %d; it must be one with token rows", desc.hidden - 1);
  spec.hidden = desc.hidden - 1;
  if (desc.hidden_norm == 0) return;
  XLLM_CHECK(desc.hidden_norm > 0 && desc.hidden_norm <= static_cast<int32_t>(weights.size()), "hidden_norm is weight %d of %d",
             desc.hidden_norm - 1, static_cast<int>(weights.size()));
  const Weight& norm = *weights[desc.hidden_norm - 1];
  XLLM_CHECK(norm.usage == XLLM_WEIGHT_VECTOR && norm.cols == spec.buffers[spec.hidden].width,
             "hidden_norm is no vector of %d values", spec.buffers[spec.hidden].width);
  XLLM_CHECK(std::isfinite(desc.hidden_epsilon) && desc.hidden_epsilon >= 0, "hidden_epsilon is no finite number >= 0");
  spec.hidden_norm = desc.hidden_norm - 1;
  spec.hidden_epsilon = desc.hidden_epsilon;
}

}  // namespace

ProgramSpec check_program(const Backend* owner, const xllm_program_desc& desc,
                          const std::vector<const Weight*>& weights) {
  ProgramSpec spec;
  for (size_t w = 0; w < weights.size(); ++w) {
    XLLM_CHECK(weights[w] != nullptr, "weight %d is NULL", static_cast<int>(w));
    XLLM_CHECK(weights[w]->owner == owner, "weight %d is of another device", static_cast<int>(w));
  }
  XLLM_CHECK(desc.buffer_count > 0 && desc.buffer_count <= kMaxCount && desc.buffers != nullptr,
             "%d buffers; there must be 1 to %d", desc.buffer_count, kMaxCount);
  XLLM_CHECK(desc.op_count > 0 && desc.op_count <= kMaxCount && desc.ops != nullptr, "%d ops; there must be 1 to %d",
             desc.op_count, kMaxCount);
  XLLM_CHECK(desc.rope_count >= 0 && desc.rope_count <= kMaxCount && (desc.rope_count == 0 || desc.ropes != nullptr),
             "%d rope tables; there must be 0 to %d", desc.rope_count, kMaxCount);
  XLLM_CHECK(desc.max_tokens > 0 && desc.max_tokens <= kMaxRows, "max_tokens is %d; it must be 1 to %d",
             desc.max_tokens, kMaxRows);
  XLLM_CHECK(desc.max_outputs > 0 && desc.max_outputs <= kMaxRows, "max_outputs is %d; it must be 1 to %d",
             desc.max_outputs, kMaxRows);
  spec.buffers.assign(desc.buffers, desc.buffers + desc.buffer_count);
  for (int32_t b = 0; b < desc.buffer_count; ++b) {
    const xllm_buffer_desc& buffer = spec.buffers[b];
    XLLM_CHECK(buffer.rows == XLLM_ROWS_TOKENS || buffer.rows == XLLM_ROWS_OUTPUTS,
               "buffer %d: kind of rows %d is not known", b, buffer.rows);
    XLLM_CHECK(buffer.width > 0 && buffer.width <= kMaxWidth, "buffer %d: width %d; it must be 1 to %d", b,
               buffer.width, kMaxWidth);
  }
  XLLM_CHECK(desc.logits >= 0 && desc.logits < desc.buffer_count &&
                 spec.buffers[desc.logits].rows == XLLM_ROWS_OUTPUTS,
             "logits is buffer %d; it must be one with output rows", desc.logits);
  check_hidden(desc, spec, weights);
  for (int32_t r = 0; r < desc.rope_count; ++r) {
    const xllm_rope_table& table = desc.ropes[r];
    XLLM_CHECK(table.pairs > 0 && table.pairs <= kMaxHeadDim && table.inv_freq != nullptr,
               "rope table %d: %d pairs; there must be 1 to %d", r, table.pairs, kMaxHeadDim);
    XLLM_CHECK(std::isfinite(table.scale), "rope table %d: the scale is not a finite number", r);
    spec.ropes.push_back({std::vector<float>(table.inv_freq, table.inv_freq + table.pairs), table.scale});
  }
  spec.ops.assign(desc.ops, desc.ops + desc.op_count);
  spec.weights = weights;
  spec.logits = desc.logits;
  spec.max_tokens = desc.max_tokens;
  spec.max_outputs = desc.max_outputs;
  spec.float_activations = desc.float_activations != 0;
  for (int32_t op = 0; op < desc.op_count; ++op) OpChecker(spec, op).check();
  return spec;
}

}  // namespace xllm
