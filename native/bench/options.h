#ifndef XLLM_BENCH_OPTIONS_H_
#define XLLM_BENCH_OPTIONS_H_

#include <cstdlib>
#include <cstring>

#include "support/harness.h"

// Options of the benches: `--name value`, anywhere on the line.
namespace xllm::bench {

struct Options {
  int count;
  char** values;

  const char* text(const char* name, const char* otherwise) const {
    for (int i = 1; i + 1 < count; ++i) {
      if (std::strcmp(values[i], name) == 0) return values[i + 1];
    }
    return otherwise;
  }
  int number(const char* name, int otherwise) const {
    const char* found = text(name, nullptr);
    return found == nullptr ? otherwise : std::atoi(found);
  }
  // --isa; `otherwise` where it is missing or not of this machine.
  int32_t isa(int32_t otherwise) const {
    const char* found = text("--isa", "");
    for (int32_t known : test::isas()) {
      if (test::isa_text(known) == found) return known;
    }
    return otherwise;
  }
  // --kv f16|f32|q8_0
  int32_t kv_type() const {
    const char* found = text("--kv", "f16");
    return std::strcmp(found, "f32") == 0 ? XLLM_TYPE_F32 : std::strcmp(found, "q8_0") == 0 ? XLLM_TYPE_Q8_0 : XLLM_TYPE_F16;
  }
};

}  // namespace xllm::bench

#endif  // XLLM_BENCH_OPTIONS_H_
