#include "core/checked.h"
#include "core/program_check.h"

namespace xllm {
namespace {

void check_sequence(const xllm_step& step, const KvPool* kv, int32_t s, int64_t next_row) {
  const xllm_sequence& sequence = step.sequences[s];
  XLLM_CHECK(sequence.first_row == next_row, "sequence %d starts at row %d; the rows before it end at %lld", s,
             sequence.first_row, static_cast<long long>(next_row));
  XLLM_CHECK(sequence.rows > 0 && sequence.rows <= step.token_count - next_row,
             "sequence %d has %d rows from row %d; the step has %d tokens", s, sequence.rows, sequence.first_row,
             step.token_count);
  XLLM_CHECK(sequence.context >= 0, "sequence %d has context %d", s, sequence.context);
  int64_t length = int64_t{sequence.context} + sequence.rows;
  XLLM_CHECK(length <= INT32_MAX - 1024, "sequence %d has %lld positions, too many", s, static_cast<long long>(length));
  if (kv == nullptr) return;
  int64_t needed = ceil_div(length, kv->desc.block_tokens);
  XLLM_CHECK(sequence.block_count >= needed && sequence.blocks != nullptr,
             "sequence %d has %d KV blocks; %lld positions in blocks of %d need %lld", s, sequence.block_count,
             static_cast<long long>(length), kv->desc.block_tokens, static_cast<long long>(needed));
  for (int64_t b = 0; b < needed; ++b) {
    XLLM_CHECK(kv->has_block(sequence.blocks[b]), "sequence %d: KV block %d (at %lld) is not in [0, %d), nor attached", s,
               sequence.blocks[b], static_cast<long long>(b), kv->desc.blocks);
  }
}

void check_ranges(const xllm_step& step, const KvPool& kv) {
  std::vector<bool> used(kv.desc.mode == XLLM_KV_VIRTUAL ? kv.desc.ranges : 0);
  for (int32_t s = 0; s < step.sequence_count; ++s) {
    int32_t range = step.ranges[s];
    if (range == -1) continue;
    XLLM_CHECK(range >= 0 && range < static_cast<int32_t>(used.size()), "sequence %d: range %d is not in [0, %zu)", s, range,
               used.size());
    XLLM_CHECK(!used[range], "sequence %d: range %d is another sequence's too", s, range);
    used[range] = true;
    int64_t needed = ceil_div(int64_t{step.sequences[s].context} + step.sequences[s].rows, kv.desc.block_tokens);
    XLLM_CHECK(needed <= kv.desc.range_blocks, "sequence %d has %lld blocks; a range has room for %d", s,
               static_cast<long long>(needed), kv.desc.range_blocks);
  }
}

void check_rows(const xllm_step& step, const int32_t* rows, int32_t count, const char* what) {
  int32_t last = -1;
  for (int32_t r = 0; r < count; ++r) {
    XLLM_CHECK(rows[r] > last && rows[r] < step.token_count, "%s row %d (at %d) is not ascending in [0, %d)", what, rows[r], r,
               step.token_count);
    last = rows[r];
  }
}

}  // namespace

void check_step(const ProgramSpec& program, const KvPool* kv, const xllm_step& step) {
  XLLM_CHECK(step.token_count > 0 && step.token_count <= program.max_tokens, "%d tokens; the program takes 1 to %d",
             step.token_count, program.max_tokens);
  XLLM_CHECK(step.output_count >= 0 && step.output_count <= program.max_outputs,
             "%d outputs; the program takes 0 to %d", step.output_count, program.max_outputs);
  XLLM_CHECK(step.mode >= XLLM_MODE_AUTO && step.mode <= XLLM_MODE_FULL, "mode is %d; it must be one of XLLM_MODE_*",
             step.mode);
  XLLM_CHECK(step.tokens != nullptr && step.positions != nullptr, "tokens or positions is NULL");
  XLLM_CHECK(step.output_count == 0 || (step.output_rows != nullptr && step.logits != nullptr),
             "output_rows or logits is NULL");
  if (program.kv_layers > 0) {
    XLLM_CHECK(kv != nullptr, "the program has attention but kv is NULL");
    XLLM_CHECK(kv->desc.layers >= program.kv_layers, "the KV pool has %d layers, the program needs %d", kv->desc.layers,
               program.kv_layers);
    XLLM_CHECK(kv->desc.kv_heads == program.kv_heads && kv->desc.head_dim == program.head_dim,
               "the KV pool has %d heads of %d, the program %d of %d", kv->desc.kv_heads, kv->desc.head_dim,
               program.kv_heads, program.head_dim);
  }
  for (int32_t t = 0; t < step.token_count; ++t) {
    XLLM_CHECK(step.tokens[t] >= 0 && step.tokens[t] < program.vocabulary, "token %d (row %d) is not in [0, %lld)",
               step.tokens[t], t, static_cast<long long>(program.vocabulary));
    XLLM_CHECK(step.positions[t] >= 0, "position %d (row %d) is negative", step.positions[t], t);
  }
  XLLM_CHECK(step.sequence_count > 0 && step.sequence_count <= step.token_count && step.sequences != nullptr,
             "%d sequences for %d tokens", step.sequence_count, step.token_count);
  int64_t next_row = 0;
  for (int32_t s = 0; s < step.sequence_count; ++s) {
    check_sequence(step, program.kv_layers > 0 ? kv : nullptr, s, next_row);
    next_row += step.sequences[s].rows;
  }
  XLLM_CHECK(next_row == step.token_count, "the sequences have %lld rows, the step %d tokens",
             static_cast<long long>(next_row), step.token_count);
  if (program.kv_layers > 0 && step.ranges != nullptr) check_ranges(step, *kv);
  check_rows(step, step.output_rows, step.output_count, "output");
  XLLM_CHECK(step.hidden_count >= 0 && step.hidden_count <= step.token_count, "%d hidden states of %d rows", step.hidden_count,
             step.token_count);
  if (step.hidden_count == 0) return;
  XLLM_CHECK(program.hidden >= 0, "the program gives no hidden states");
  XLLM_CHECK(step.hidden_rows != nullptr && step.hidden != nullptr, "hidden_rows or hidden is NULL");
  check_rows(step, step.hidden_rows, step.hidden_count, "hidden");
}

}  // namespace xllm
