#include "cpu/thread_pool.h"

namespace xllm::cpu {
namespace {

// About 100 us where a pause is 140 cycles, 10 us where it is shorter.
constexpr int kSpins = 2000;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Returns when `value` is no longer `old`.
void await_change(std::atomic<uint32_t>& value, uint32_t old) {
  for (int i = 0; i < kSpins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    pause();
  }
  value.wait(old, std::memory_order_acquire);
}

}  // namespace

ThreadPool::ThreadPool(int32_t threads) : threads_(threads) {
  try {
    for (int32_t t = 1; t < threads; ++t) workers_.emplace_back([this, t] { work(t); });
  } catch (...) {
    stop();
    throw;
  }
}

ThreadPool::~ThreadPool() { stop(); }

void ThreadPool::stop() {
  stopping_ = true;
  epoch_.fetch_add(1, std::memory_order_seq_cst);
  epoch_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::start() {
  if (threads_ > 1) {
    epoch_.fetch_add(1, std::memory_order_seq_cst);
    epoch_.notify_all();
  }
  call_(context_, 0);
  barrier();
}

void ThreadPool::barrier() {
  if (threads_ == 1) return;
  uint32_t generation = generation_.load(std::memory_order_relaxed);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
    arrived_.store(0, std::memory_order_relaxed);
    // Sequentially consistent: notify_all() skips its system call when it sees no sleeper, so that look must not pass the
    // store, or a thread that is just going to sleep is never woken.
    generation_.store(generation + 1, std::memory_order_seq_cst);
    generation_.notify_all();
  } else {
    await_change(generation_, generation);
  }
}

void ThreadPool::work(int32_t thread) {
  uint32_t seen = 0;
  while (true) {
    await_change(epoch_, seen);
    ++seen;
    if (stopping_) return;
    call_(context_, thread);
    barrier();
  }
}

}  // namespace xllm::cpu
