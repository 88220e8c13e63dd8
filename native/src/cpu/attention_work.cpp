#include "cpu/attention_work.h"

#include <algorithm>
#include <climits>

#include "core/checked.h"

namespace xllm::cpu {
namespace {

constexpr int32_t kLeastRows = 16;     // of a prefill item that is made smaller to keep all threads busy
constexpr int32_t kItemsAThread = 3;   // wanted
constexpr int32_t kSplitQueries = 64;  // most of an item whose ranges are divided

}  // namespace

AttentionWork::AttentionWork(const ProgramSpec& spec, const Kernels& kernels, int32_t threads)
    : kernels_(kernels), threads_(threads), kv_heads_(spec.kv_heads), value_stride_(round_up(spec.head_dim, kLanes)) {
  for (const xllm_op& op : spec.ops) {
    if (op.code != XLLM_OP_ATTENTION) continue;
    group_ = std::max(group_, op.i[1] / op.i[2]);
    ++ops_;
  }
  if (ops_ == 0) return;
  int64_t rows = std::max(1, kMaxItemQueries / group_);
  int64_t floats = attention_scratch(rows * group_, spec.head_dim);
  for (int32_t t = 0; t < threads; ++t) {
    scratch_.emplace_back(checked_mul(floats, 4, "attention scratch"), "attention scratch");
  }
  next_ = std::make_unique<std::atomic<int32_t>[]>(ops_);
  unfinished_ = std::make_unique<std::atomic<int32_t>[]>(kItemsAThread * threads);
}

// As many as scratch holds, fewer when that leaves threads without work.
int32_t AttentionWork::item_rows(const xllm_step& step) const {
  int32_t rows = std::max(1, kMaxItemQueries / group_);
  for (; threads_ > 1 && rows >= 2 * kLeastRows; rows /= 2) {
    int64_t items = 0;
    for (int32_t s = 0; s < step.sequence_count; ++s) items += ceil_div(step.sequences[s].rows, rows) * kv_heads_;
    if (items >= int64_t{kItemsAThread} * threads_) break;
  }
  return rows;
}

bool AttentionWork::is_kept(const xllm_step& step) const {
  if (kept_.size() != static_cast<size_t>(step.sequence_count)) return false;
  for (size_t s = 0; s < kept_.size(); ++s) {
    if (kept_[s] != step.sequences[s].context / kRange) return false;
  }
  return true;
}

void AttentionWork::plan(const xllm_step& step, bool keep) {
  for (int32_t i = 0; i < ops_; ++i) next_[i].store(0, std::memory_order_relaxed);
  if (ops_ == 0 || (keep && is_kept(step))) return;
  kept_.clear();
  items_.clear();
  splits_.clear();
  const int32_t most = item_rows(step);
  for (int32_t s = 0; s < step.sequence_count; ++s) {
    const xllm_sequence& sequence = step.sequences[s];
    for (int32_t offset = 0; offset < sequence.rows; offset += most) {
      int32_t rows = std::min(most, sequence.rows - offset);
      int64_t cost = int64_t{rows} * (int64_t{sequence.context} + offset + rows);
      for (int32_t h = 0; h < kv_heads_; ++h) items_.push_back({s, offset, rows, h, 0, INT32_MAX, -1, cost});
    }
  }
  if (threads_ > 1 && items_.size() < static_cast<size_t>(kItemsAThread) * threads_) split_items(step);
  std::sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) {
    if (a.cost != b.cost) return a.cost > b.cost;
    if (a.sequence != b.sequence) return a.sequence < b.sequence;
    if (a.kv_head != b.kv_head) return a.kv_head < b.kv_head;
    return a.offset != b.offset ? a.offset < b.offset : a.range_begin < b.range_begin;
  });
  for (int32_t s = 0; keep && s < step.sequence_count; ++s) kept_.push_back(step.sequences[s].context / kRange);
}

void AttentionWork::split_items(const xllm_step& step) {
  int64_t wanted = ceil_div(int64_t{kItemsAThread} * threads_, static_cast<int64_t>(items_.size()));
  int64_t floats = 0;
  pieces_.clear();
  for (Item& item : items_) {
    int64_t last = int64_t{step.sequences[item.sequence].context} + item.offset + item.rows - 1;
    int64_t ranges = last / kRange + 1, pieces = std::min(wanted, ranges);
    if (pieces < 2 || item.rows * group_ > kSplitQueries) {
      pieces_.push_back(item);
      continue;
    }
    item.split = static_cast<int32_t>(splits_.size());
    item.cost /= pieces;
    splits_.push_back({static_cast<int32_t>(pieces), floats});
    floats += ranges * item.rows * group_ * partial_floats(value_stride_);
    for (int64_t p = 0; p < pieces; ++p) {
      item.range_begin = static_cast<int32_t>(ranges * p / pieces);
      item.range_end = static_cast<int32_t>(ranges * (p + 1) / pieces);
      pieces_.push_back(item);
    }
  }
  items_.swap(pieces_);
  uint64_t bytes = checked_mul(floats, sizeof(float), "attention partials");
  if (bytes > partial_.bytes()) partial_ = AlignedBuffer(checked_mul(bytes, 2, "attention partials"), "attention partials");
  for (size_t i = 0; i < splits_.size(); ++i) unfinished_[i].store(splits_[i].pieces, std::memory_order_relaxed);
}

void AttentionWork::run(const Op& op, const PagedKv& kv, const xllm_step& step, const std::vector<int32_t>& ranges,
                        int32_t thread) {
  AttentionArgs args{};
  args.group = op.op.i[1] / op.op.i[2];
  args.window = op.op.i[4];
  args.scale = op.op.f[0];
  args.soft_cap = op.op.f[1];
  args.q_stride = op.q_stride;
  args.out_stride = op.out_stride;
  args.scratch = scratch_[thread].floats();
  std::atomic<int32_t>& next = next_[op.number];
  int32_t count = static_cast<int32_t>(items_.size());
  for (int32_t i = next.fetch_add(1, std::memory_order_relaxed); i < count;
       i = next.fetch_add(1, std::memory_order_relaxed)) {
    const Item& item = items_[i];
    const xllm_sequence& sequence = step.sequences[item.sequence];
    int64_t row = sequence.first_row + item.offset;
    int64_t first_value = int64_t{item.kv_head} * op.op.i[1] / op.op.i[2] * op.op.i[3];
    int32_t range = ranges[item.sequence];
    args.kv = kv.layer(op.op.i[0], range);
    args.blocks = range < 0 ? sequence.blocks : nullptr;
    args.kv_head = item.kv_head;
    args.rows = item.rows;
    args.position = sequence.context + item.offset;
    args.q = op.q + row * op.q_stride + first_value;
    args.out = op.out + row * op.out_stride + first_value;
    args.range_begin = item.range_begin;
    args.range_end = item.range_end;
    args.partial = item.split < 0 ? nullptr : partial_.floats() + splits_[item.split].partial;
    kernels_.attention(args);
    if (item.split < 0) continue;
    // Pieces' results are seen by the one that counts last; the next op's barrier comes after its store.
    if (unfinished_[item.split].fetch_sub(1, std::memory_order_acq_rel) == 1) {
      unfinished_[item.split].store(splits_[item.split].pieces, std::memory_order_relaxed);
      kernels_.merge_attention(args);
    }
  }
}

}  // namespace xllm::cpu
