#include "support/step_arrays.h"

namespace xllm::test {

StepArrays::StepArrays(std::vector<Part> parts, int32_t outputs, int32_t width, int32_t mode, float* own)
    : parts_(std::move(parts)) {
  for (const Part& part : parts_) add(part, outputs);
  if (own == nullptr) logits.resize(rows_.size() * width);
  step.size = sizeof(step);
  step.token_count = static_cast<int32_t>(tokens_.size());
  step.sequence_count = static_cast<int32_t>(sequences_.size());
  step.output_count = static_cast<int32_t>(rows_.size());
  step.tokens = tokens_.data();
  step.positions = positions_.data();
  step.sequences = sequences_.data();
  step.output_rows = rows_.data();
  step.logits = own == nullptr ? logits.data() : own;
  step.ranges = ranges_.data();
  step.mode = mode;
}

void StepArrays::add(const Part& part, int32_t outputs) {
  const int32_t first = static_cast<int32_t>(tokens_.size()), n = static_cast<int32_t>(part.tokens.size());
  sequences_.push_back({first, n, part.context, static_cast<int32_t>(part.blocks.size()), part.blocks.data()});
  ranges_.push_back(part.range);
  for (int32_t i = 0; i < n; ++i) {
    tokens_.push_back(part.tokens[i]);
    positions_.push_back(part.context + i);
    if (i >= n - outputs) rows_.push_back(first + i);
  }
}

}  // namespace xllm::test
