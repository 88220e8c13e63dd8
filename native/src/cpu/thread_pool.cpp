#include "cpu/thread_pool.h"

#include "cpu/isa.h"

#if defined(__linux__)
#include <pthread.h>
#endif

namespace xllm::cpu {

ThreadPool::ThreadPool(int32_t threads) : ThreadPool(threads, threads > granted_cores() ? 0 : kSpinNs) {}

ThreadPool::ThreadPool(int32_t threads, int64_t spin_ns) : threads_(threads), spin_ns_(spin_ns) {
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
  epoch_.raise();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::start() {
  if (threads_ > 1) epoch_.raise();
  call_(context_, 0);
  barrier();
}

// The generation is read before the count: the last thread raises it only after this thread has been counted.
void ThreadPool::arrive(bool wait) {
  uint32_t generation = generation_.get();
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
    arrived_.store(0, std::memory_order_relaxed);
    generation_.raise();
  } else if (wait) {
    generation_.await(generation, spin_ns_);
  }
}

// A worker does not wait for the others at the end of a run: only the caller has to, and the next run starts after it.
void ThreadPool::work(int32_t thread) {
#if defined(__linux__)
  // Else it has its creator's name, and its time is taken for that thread's.
  pthread_setname_np(pthread_self(), "xllm-worker");
#endif
  uint32_t seen = 0;
  while (true) {
    epoch_.await(seen, spin_ns_);
    ++seen;
    if (stopping_) return;
    call_(context_, thread);
    arrive(false);
  }
}

}  // namespace xllm::cpu
