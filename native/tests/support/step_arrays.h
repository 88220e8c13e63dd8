#ifndef XLLM_TESTS_SUPPORT_STEP_ARRAYS_H_
#define XLLM_TESTS_SUPPORT_STEP_ARRAYS_H_

#include "support/harness.h"

namespace xllm::test {

// A step over parts, and the arrays it points to. The last `outputs` rows of each part are wanted.
class StepArrays {
 public:
  static constexpr int32_t kAllRows = INT32_MAX;

  // `own`: where logits go, [rows wanted, width], instead of `logits`; it must outlive this.
  StepArrays(std::vector<Part> parts, int32_t outputs, int32_t width, int32_t mode = XLLM_MODE_AUTO, float* own = nullptr);
  StepArrays(const StepArrays&) = delete;
  StepArrays& operator=(const StepArrays&) = delete;

  xllm_step step{};
  std::vector<float> logits;

 private:
  void add(const Part& part, int32_t outputs);

  const std::vector<Part> parts_;
  std::vector<int32_t> tokens_, positions_, rows_, ranges_;
  std::vector<xllm_sequence> sequences_;
};

}  // namespace xllm::test

#endif  // XLLM_TESTS_SUPPORT_STEP_ARRAYS_H_
