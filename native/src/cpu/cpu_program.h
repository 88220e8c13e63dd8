#ifndef XLLM_CPU_CPU_PROGRAM_H_
#define XLLM_CPU_CPU_PROGRAM_H_

#include <atomic>
#include <vector>

#include "core/aligned_buffer.h"
#include "cpu/cpu_backend.h"
#include "cpu/packed_weight.h"
#include "cpu/paged_kv.h"
#include "cpu/stage_plan.h"

namespace xllm::cpu {

// Runs a program's stages on the device's threads: one parallel region a step, barriers where the plan has them.
class CpuProgram final : public Program {
 public:
  CpuProgram(CpuBackend& backend, ProgramSpec spec);
  void run(KvPool* kv, const xllm_step& step) override;

 private:
  struct Buffer {
    AlignedBuffer data;
    int64_t stride = 0;
    bool token_rows = true;
    float* row(int64_t r) const { return data.floats() + r * stride; }
  };
  // Rows of one sequence and one KV head.
  struct AttentionItem {
    int32_t sequence;
    int32_t offset;
    int32_t rows;
    int32_t kv_head;
  };
  struct Range {
    int64_t begin;
    int64_t end;
  };

  Range share(int64_t count, int32_t thread) const;
  Range rows_of(const Buffer& buffer, int32_t thread) const;
  void make_items(const xllm_step& step);
  void find_ranges(const xllm_step& step);
  void work(int32_t thread);
  void run_stage(const Stage& stage, int32_t thread);

  void rope_table(const Stage& stage, int32_t thread);
  void embed(const xllm_op& op, int32_t thread);
  void rms_norm(const xllm_op& op, int32_t thread);
  void quantize(const xllm_op& op, int32_t thread);
  void linear(const Stage& stage, int32_t thread);
  void rope(const xllm_op& op, int32_t thread);
  void store_kv(const xllm_op& op, int32_t thread);
  void attention(const Stage& stage, int32_t thread);
  void swiglu(const xllm_op& op, int32_t thread);
  void add(const xllm_op& op, int32_t thread);
  void gather(const xllm_op& op, int32_t thread);
  void bias(const xllm_op& op, int32_t thread);

  const PackedWeight& weight(int32_t index) const { return static_cast<const PackedWeight&>(*spec.weights[index]); }

  CpuBackend& backend_;
  const Kernels& kernels_;
  std::vector<Stage> stages_;
  std::vector<Buffer> buffers_;
  std::vector<AlignedBuffer> rope_cos_;  // [max_tokens, pairs], a table each
  std::vector<AlignedBuffer> rope_sin_;
  AlignedBuffer quantised_;              // ActPanel, act_panels(rows, cols)
  std::vector<AlignedBuffer> scratch_;   // a thread each
  int32_t group_ = 1;                    // largest number of query heads of a KV head
  int32_t item_rows_ = 1;

  // The step being run.
  const xllm_step* step_ = nullptr;
  PagedKv* kv_ = nullptr;
  std::vector<AttentionItem> items_;
  std::vector<int32_t> row_sequence_;    // sequence of each row
  std::vector<int32_t> sequence_range_;  // KV range of each sequence, -1 = by block list
  std::vector<std::atomic<int32_t>> next_item_;  // an attention op each
  bool cancelled_ = false;
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_CPU_PROGRAM_H_
