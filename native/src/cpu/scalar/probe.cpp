#include "cpu/probe.h"

#include <cstring>

namespace xllm::cpu {
namespace {

constexpr int kChains = 8;

double int8(int64_t rounds) {
  int32_t sums[kChains] = {};
  int32_t a = 3, b = 5;
  for (int64_t r = 0; r < rounds; ++r) {
    for (int c = 0; c < kChains; ++c) {
      asm volatile("" : "+r"(a));  // another value, for all that the compiler knows
      sums[c] += static_cast<int8_t>(a) * static_cast<int8_t>(b);
    }
  }
  for (int32_t& sum : sums) asm volatile("" : "+r"(sum));
  return 2.0 * kChains * rounds;
}

double fp32(int64_t rounds) {
  float sums[kChains] = {};
  float a = 0.999f;
  for (int64_t r = 0; r < rounds; ++r) {
    for (int c = 0; c < kChains; ++c) {
      asm volatile("" : "+m"(a));
      sums[c] += a * 0.001f;
    }
  }
  for (float& sum : sums) asm volatile("" : "+m"(sum));
  return 2.0 * kChains * rounds;
}

uint64_t read(const uint8_t* data, uint64_t bytes) {
  uint64_t sums[8] = {};
  for (uint64_t at = 0; at < bytes; at += sizeof(sums)) {
    uint64_t line[8];
    std::memcpy(line, data + at, sizeof(line));
    for (int i = 0; i < 8; ++i) sums[i] ^= line[i];
  }
  for (int i = 1; i < 8; ++i) sums[0] ^= sums[i];
  return sums[0];
}

}  // namespace

const ProbeKernels& scalar_probe() {
  static constexpr ProbeKernels kTable = {int8, fp32, read};
  return kTable;
}

}  // namespace xllm::cpu
