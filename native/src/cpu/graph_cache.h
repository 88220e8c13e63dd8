#ifndef XLLM_CPU_GRAPH_CACHE_H_
#define XLLM_CPU_GRAPH_CACHE_H_

#include <algorithm>
#include <memory>
#include <vector>

#include "cpu/step_graph.h"

namespace xllm::cpu {

// The recorded graphs of a program, the least recently used one going first when there are too many.
class GraphCache {
 public:
  static constexpr size_t kGraphs = 32;
  static constexpr int32_t kFewFrom = 16;  // rows from which picking the wanted ones early saves more than its barriers cost

  // The bucket that a step falls in: rows and wanted rows up to the next power of two, within what the program takes.
  static GraphKey bucket(const xllm_step& step, bool decode, const ProgramSpec& spec) {
    GraphKey key = {std::min(round(step.token_count), spec.max_tokens), std::min(round(step.output_count), spec.max_outputs), decode};
    // Hidden states are taken from the rows of all tokens.
    key.few = step.hidden_count == 0 && !spec.few_ops.empty() && key.tokens >= kFewFrom && key.outputs <= key.tokens / 2;
    return key;
  }

  // NULL when there is none for the key.
  StepGraph* find(const GraphKey& key) {
    auto at = std::find_if(graphs_.begin(), graphs_.end(), [&](const auto& graph) { return graph->key == key; });
    if (at == graphs_.end()) return nullptr;
    std::rotate(graphs_.begin(), at, at + 1);
    return graphs_.front().get();
  }

  StepGraph* add(std::unique_ptr<StepGraph> graph) {
    if (graphs_.size() == kGraphs) {
      graphs_.pop_back();
      ++evictions_;
    }
    graphs_.insert(graphs_.begin(), std::move(graph));
    return graphs_.front().get();
  }

  size_t size() const { return graphs_.size(); }
  int64_t evictions() const { return evictions_; }

 private:
  static int32_t round(int32_t n) {
    int32_t power = 1;
    while (power < n) power *= 2;
    return n == 0 ? 0 : power;
  }

  std::vector<std::unique_ptr<StepGraph>> graphs_;  // most recent first
  int64_t evictions_ = 0;
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_GRAPH_CACHE_H_
