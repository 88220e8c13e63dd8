#include "cpu/thread_pool.h"

#include <gtest/gtest.h>

#include <vector>

namespace xllm::cpu {
namespace {

TEST(ThreadPool, EveryThreadRunsOnceAndSeesTheOthersWorkAfterABarrier) {
  for (int32_t threads : {1, 2, 3, 5}) {
    ThreadPool pool(threads);
    std::vector<int64_t> values(threads), sums(threads);
    for (int64_t round = 1; round <= 300; ++round) {
      pool.run([&](int32_t thread) {
        values[thread] = round * (thread + 1);
        pool.barrier();
        int64_t sum = 0;
        for (int64_t value : values) sum += value;
        sums[thread] = sum;
        pool.barrier();
        values[thread] = 0;
      });
      for (int64_t sum : sums) ASSERT_EQ(round * threads * (threads + 1) / 2, sum);
    }
  }
}

TEST(ThreadPool, RunsFromSeveralCallersTakeTurns) {
  ThreadPool pool(2);
  std::vector<std::thread> callers;
  int64_t counts[2] = {};
  for (int c = 0; c < 3; ++c) {
    callers.emplace_back([&] {
      for (int i = 0; i < 200; ++i) pool.run([&](int32_t thread) { ++counts[thread]; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(600, counts[0]);
  EXPECT_EQ(600, counts[1]);
}

}  // namespace
}  // namespace xllm::cpu
