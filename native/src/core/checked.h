#ifndef XLLM_CORE_CHECKED_H_
#define XLLM_CORE_CHECKED_H_

#include <cstdint>

#include "core/error.h"

namespace xllm {

// a * b, or XLLM_INVALID_ARGUMENT naming `what` when it does not fit 62 bits.
inline uint64_t checked_mul(uint64_t a, uint64_t b, const char* what) {
  uint64_t product = 0;
  if (__builtin_mul_overflow(a, b, &product) || product > (uint64_t{1} << 62)) {
    fail(XLLM_INVALID_ARGUMENT, "%s: %llu x %llu bytes is more than can be addressed", what,
         static_cast<unsigned long long>(a), static_cast<unsigned long long>(b));
  }
  return product;
}

constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
constexpr int64_t round_up(int64_t a, int64_t b) { return ceil_div(a, b) * b; }

}  // namespace xllm

#endif  // XLLM_CORE_CHECKED_H_
