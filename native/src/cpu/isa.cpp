#include "cpu/isa.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "core/backend.h"
#include "core/error.h"

#if XLLM_X86
#include <cpuid.h>
#endif

namespace xllm {
namespace cpu {
namespace {

#if XLLM_X86
uint64_t enabled_states() {
  uint32_t low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
}

// Bits of CPUID (Intel SDM volume 2A) and of XCR0 (volume 1, 13.3).
int32_t detect() {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return XLLM_ISA_SCALAR;
  bool fma = c & (1u << 12), osxsave = c & (1u << 27), f16c = c & (1u << 29);
  if (!fma || !osxsave || !f16c || (enabled_states() & 0x6) != 0x6) return XLLM_ISA_SCALAR;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & (1u << 5))) return XLLM_ISA_SCALAR;
  bool f = b & (1u << 16), dq = b & (1u << 17), bw = b & (1u << 30), vl = b & (1u << 31), vnni = c & (1u << 11);
  bool states = (enabled_states() & 0xe6) == 0xe6;
  return f && dq && bw && vl && vnni && states ? XLLM_ISA_AVX512 : XLLM_ISA_AVX2;
}
#else
int32_t detect() { return XLLM_ISA_SCALAR; }
#endif

#if defined(__linux__)
int32_t quota_cores() {
  std::FILE* file = std::fopen("/sys/fs/cgroup/cpu.max", "re");
  if (file == nullptr) return INT32_MAX;
  long long quota = 0, period = 0;
  int fields = std::fscanf(file, "%lld %lld", &quota, &period);
  std::fclose(file);
  if (fields != 2 || quota <= 0 || period <= 0) return INT32_MAX;
  return static_cast<int32_t>(std::clamp<long long>((quota + period - 1) / period, 1, 1024));
}
#else
int32_t quota_cores() { return INT32_MAX; }
#endif

}  // namespace

int32_t best_isa() {
  static const int32_t isa = detect();
  return isa;
}

const Kernels& kernels_of(int32_t isa) {
  if (!cpu_isa_supported(isa)) fail(XLLM_UNSUPPORTED, "this machine lacks what the %s path needs", isa_name(isa));
#if XLLM_X86
  if (isa == XLLM_ISA_AVX512) return avx512_kernels();
  if (isa == XLLM_ISA_AVX2) return avx2_kernels();
#endif
  return scalar_kernels();
}

const char* isa_name(int32_t isa) {
  switch (isa) {
    case XLLM_ISA_SCALAR: return "scalar";
    case XLLM_ISA_AVX2: return "avx2";
    case XLLM_ISA_AVX512: return "avx512";
    default: return "auto";
  }
}

int32_t granted_cores() {
  int32_t cores = static_cast<int32_t>(std::thread::hardware_concurrency());
  return std::clamp(std::min(cores, quota_cores()), 1, 256);
}

}  // namespace cpu

bool cpu_isa_supported(int32_t isa) { return isa <= cpu::best_isa(); }

}  // namespace xllm
