// Times parallel regions of empty phases: what a step's barriers cost.
//   xllm_pool_bench [--threads N] [--phases N] [--rounds N]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "cpu/isa.h"
#include "cpu/thread_pool.h"
#include "options.h"

int main(int argc, char** argv) {
  const xllm::bench::Options options{argc, argv};
  int threads = options.number("--threads", xllm::cpu::granted_cores());
  int phases = options.number("--phases", 151), rounds = options.number("--rounds", 5000);
  xllm::cpu::ThreadPool pool(threads);
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round) {
    auto start = std::chrono::steady_clock::now();
    pool.run([&](int32_t) {
      for (int p = 1; p < phases; ++p) pool.barrier();
    });
    times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  double median = times[times.size() / 2];
  std::printf("%d threads, %d phases: median %.1f us, p10 %.1f, p99 %.1f; %.0f ns a phase\n", threads, phases, median,
              times[times.size() / 10], times[times.size() * 99 / 100], 1000 * median / phases);
  return 0;
}
