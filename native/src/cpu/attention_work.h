#ifndef XLLM_CPU_ATTENTION_WORK_H_
#define XLLM_CPU_ATTENTION_WORK_H_

#include <atomic>
#include <memory>
#include <vector>

#include "core/aligned_buffer.h"
#include "core/backend.h"
#include "cpu/kernels.h"
#include "cpu/paged_kv.h"

namespace xllm::cpu {

// How the attention of a step is divided among threads: items of (sequence, rows, KV head), the costliest first, taken from a
// counter. When there are too few of them their ranges of positions are divided too (split-K): each range's result is kept
// apart, and whoever finishes an item's last piece merges them in ascending order, which gives the same bits.
class AttentionWork {
 public:
  AttentionWork(const ProgramSpec& spec, const Kernels& kernels, int32_t threads);

  // Items of a step, for all its attention ops. Before the parallel region. With `keep`, which only steps of one row a sequence
  // may have, the last such step's items are taken when as many sequences have as many ranges each.
  void plan(const xllm_step& step, bool keep);

  // An attention op: `number` of them come before it in the program.
  struct Op {
    const xllm_op& op;
    int32_t number;
    const float* q;  // [token_count, q_stride]
    int64_t q_stride;
    float* out;
    int64_t out_stride;
  };
  // A thread's share; all threads call it. Between two ops there is a barrier. `ranges`: each sequence's KV range, -1 = its blocks
  // are found by its list.
  void run(const Op& op, const PagedKv& kv, const xllm_step& step, const std::vector<int32_t>& ranges, int32_t thread);

 private:
  struct Item {
    int32_t sequence;
    int32_t offset;  // row of the sequence
    int32_t rows;
    int32_t kv_head;
    int32_t range_begin;
    int32_t range_end;
    int32_t split;  // -1 = whole
    int64_t cost;
  };
  struct Split {
    int32_t pieces;
    int64_t partial;  // floats from the start of partial_
  };

  int32_t item_rows(const xllm_step& step) const;
  void split_items(const xllm_step& step);
  bool is_kept(const xllm_step& step) const;

  const Kernels& kernels_;
  const int32_t threads_;
  const int32_t kv_heads_;
  const int64_t value_stride_;
  int32_t group_ = 1;  // largest number of query heads of a KV head
  int32_t ops_ = 0;
  std::vector<AlignedBuffer> scratch_;  // a thread each
  std::vector<int32_t> kept_;           // ranges of each sequence of the step that the items are of; empty = not kept
  std::vector<Item> items_;
  std::vector<Item> pieces_;
  std::vector<Split> splits_;
  AlignedBuffer partial_;
  std::unique_ptr<std::atomic<int32_t>[]> unfinished_;  // pieces of a split
  std::unique_ptr<std::atomic<int32_t>[]> next_;        // item of an op
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_ATTENTION_WORK_H_
