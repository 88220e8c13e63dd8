#ifndef XLLM_CPU_GRAPH_RECORDER_H_
#define XLLM_CPU_GRAPH_RECORDER_H_

#include <memory>

#include "cpu/cpu_program.h"
#include "cpu/hazards.h"
#include "cpu/step_graph.h"

namespace xllm::cpu {

// Records a program's plan for the steps of one key: picks how each group's work is divided for that many rows, resolves the
// calls of every thread, and puts a barrier only where threads touch each other's work.
class GraphRecorder {
 public:
  // Rows up to which a group's outputs are divided among the threads once for all; above, threads take chunks of outputs x
  // panels of rows from a counter, so that none waits long for another.
  static constexpr int64_t kStaticRows = 32;

  explicit GraphRecorder(const CpuProgram& program);
  std::unique_ptr<StepGraph> record(const GraphKey& key);

 private:
  // Rows of a weight matrix that must stay with one thread: a tile, or the tiles of some heads.
  struct Unit {
    int32_t linear;
    int64_t tile_begin, tile_end;
    int32_t head_begin, head_end;
    int64_t bytes;
  };

  void op(const PlanItem& item);
  void group(const LinearGroup& group);
  void prepare(const LinearGroup& group, bool own, int area);
  void units_stage(const LinearGroup& group, GroupCall& call, bool own, const LinearArgs& base);
  int result_area(const LinearGroup& group) const;

  std::vector<Unit> units_of(const LinearGroup& group) const;
  void add_heads(std::vector<Unit>& units, int32_t linear, int32_t heads, int32_t dim, int64_t tile_bytes) const;
  Chunk chunk_of(const LinearGroup& group, const std::vector<Unit>& units, size_t begin, size_t end,
                 const LinearArgs& base) const;
  void extend(Chunk& chunk, const LinearGroup& group, int32_t linear, const Unit& unit, const LinearArgs& base) const;
  std::vector<size_t> split(const std::vector<Unit>& units, int64_t parts) const;

  void emit(Call call, const std::vector<Hazards::Use>& uses, bool cancel = false);
  void begin(Call& call, const std::vector<Hazards::Use>& uses, bool cancel);
  void invalidate(int32_t buffer);
  int64_t rows_cap(int32_t buffer) const;
  int quants(int area) const { return static_cast<int>(program_.spec.buffers.size()) + area; }
  int kv(int32_t layer) const { return quants(2) + layer; }

  const CpuProgram& program_;
  const int32_t threads_;
  std::unique_ptr<StepGraph> graph_;
  Hazards hazards_;
  int32_t quantised_[2] = {-1, -1};  // the buffer whose quantised copy each area holds
  int32_t counters_ = 0;
  int32_t last_attention_ = 0;
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_GRAPH_RECORDER_H_
