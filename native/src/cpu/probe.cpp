#include "cpu/probe.h"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <cstring>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <unistd.h>
#endif

#include "core/aligned_buffer.h"
#include "core/error.h"
#include "xllm/xllm.h"

namespace xllm::cpu {
namespace {

using Clock = std::chrono::steady_clock;

const ProbeKernels& probe_of(int32_t isa) {
#if XLLM_X86
  if (isa == XLLM_ISA_AVX512) return avx512_probe();
  if (isa == XLLM_ISA_AVX2) return avx2_probe();
#endif
  return scalar_probe();
}

// Four times the last cache, so that nearly nothing read is in it; a gibibyte at most.
uint64_t read_bytes() {
  int64_t cache = 0;
#if defined(_SC_LEVEL3_CACHE_SIZE)
  cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
#endif
  constexpr int64_t kLeast = 128 << 20, kMost = 1 << 30;
  return static_cast<uint64_t>(std::clamp(4 * std::max<int64_t>(cache, 0), kLeast, kMost));
}

// Calls work() until `seconds` are over; returns its sum a second.
template <class Work>
double rate_of(double seconds, Work work) {
  double done = 0, elapsed = 0;
  Clock::time_point start = Clock::now();
  do {
    done += work();
    elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  } while (elapsed < seconds);
  return done / elapsed;
}

}  // namespace

double probe(int32_t isa, int32_t threads, int32_t kind, double seconds) {
  constexpr int64_t kRounds = 100000;
  constexpr uint64_t kUnit = 512;
  const ProbeKernels& kernels = probe_of(isa);
  uint64_t share = kind == XLLM_PROBE_READ ? read_bytes() / threads / kUnit * kUnit : 0;
  AlignedBuffer buffer(share * threads, "read probe");
  std::vector<double> rates(threads);
  std::barrier ready(threads);
  auto body = [&](int32_t thread) {
    uint8_t* part = buffer.data() + share * thread;
    if (share > 0) std::memset(part, thread + 1, share);  // its pages, by the thread that reads them
    ready.arrive_and_wait();
    volatile uint64_t sink = 0;
    rates[thread] = rate_of(seconds, [&]() -> double {
      if (kind == XLLM_PROBE_INT8) return kernels.int8(kRounds);
      if (kind == XLLM_PROBE_FP32) return kernels.fp32(kRounds);
      sink = kernels.read(part, share);
      return static_cast<double>(share);
    });
  };
  std::vector<std::thread> others;
  for (int32_t t = 1; t < threads; ++t) others.emplace_back(body, t);
  body(0);
  for (std::thread& other : others) other.join();
  double sum = 0;
  for (double rate : rates) sum += rate;
  return sum;
}

}  // namespace xllm::cpu
