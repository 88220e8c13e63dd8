#ifndef XLLM_CORE_ERROR_H_
#define XLLM_CORE_ERROR_H_

#include <exception>
#include <string>

#include "xllm/xllm.h"

namespace xllm {

// A failure with the status the C border returns. Thrown inside the library only.
class Error : public std::exception {
 public:
  Error(xllm_status status, std::string text) : status_(status), text_(std::move(text)) {}
  xllm_status status() const { return status_; }
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  xllm_status status_;
  std::string text_;
};

[[noreturn]] void fail(xllm_status status, const char* format, ...) __attribute__((format(printf, 2, 3)));

// Throws XLLM_INVALID_ARGUMENT with the formatted text when `condition` is false.
#define XLLM_CHECK(condition, ...)                                   \
  do {                                                               \
    if (!(condition)) ::xllm::fail(XLLM_INVALID_ARGUMENT, __VA_ARGS__); \
  } while (0)

}  // namespace xllm

#endif  // XLLM_CORE_ERROR_H_
