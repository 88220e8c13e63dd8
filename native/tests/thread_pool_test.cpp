#include "cpu/thread_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <vector>

namespace xllm::cpu {
namespace {

void busy(int32_t microseconds) {
  auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds);
  while (std::chrono::steady_clock::now() < until) {
  }
}

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

// Pools that sleep at once, that give up spinning now and then, and that have more threads than the machine has cores: starts,
// barriers and sleeps meet in every order. A lost wake-up shows as a test that never ends.
TEST(ThreadPool, NoWakeUpIsLostWhenSpinningEndsAtAnyMoment) {
  std::mt19937 random(7);
  for (int64_t spin_ns : {int64_t{0}, int64_t{1000}, int64_t{20000}}) {
    for (int32_t threads : {2, 3, 8}) {
      ThreadPool pool(threads, spin_ns);
      std::vector<int32_t> phases(threads);
      std::atomic<bool> together{true};
      int32_t slow = 0, pause = 0;
      for (int round = 0; round < 150; ++round) {
        slow = static_cast<int32_t>(random() % threads), pause = static_cast<int32_t>(random() % 40);
        pool.run([&](int32_t thread) {
          for (int32_t phase = 1; phase <= 6; ++phase) {
            if (thread == slow) busy(pause);
            phases[thread] = phase;
            pool.barrier();
            for (int32_t other : phases) {
              if (other != phase) together = false;
            }
            pool.barrier();
          }
        });
        busy(static_cast<int32_t>(random() % 40));
      }
      EXPECT_TRUE(together) << threads << " threads, " << spin_ns << " ns";
    }
  }
}

}  // namespace
}  // namespace xllm::cpu
