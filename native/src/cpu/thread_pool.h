#ifndef XLLM_CPU_THREAD_POOL_H_
#define XLLM_CPU_THREAD_POOL_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "cpu/signal_word.h"

namespace xllm::cpu {

// threads - 1 workers; the caller of run() is thread 0. Waiting is a spin bounded by time, then sleep, so that an idle pool
// costs nothing; a pool with more threads than granted cores sleeps at once, since a spinning thread would keep the one it
// waits for from running. Bodies must not throw.
class ThreadPool {
 public:
  static constexpr int64_t kSpinNs = 100'000;

  explicit ThreadPool(int32_t threads);
  ThreadPool(int32_t threads, int64_t spin_ns);  // 0 = never spin
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;

  int32_t threads() const { return threads_; }

  // Calls body(thread) on every thread and returns when all are done. One run at a time; others wait.
  template <class Body>
  void run(Body&& body) {
    std::lock_guard<std::mutex> lock(running_);
    call_ = [](void* context, int32_t thread) { (*static_cast<std::remove_reference_t<Body>*>(context))(thread); };
    context_ = &body;
    start();
  }

  // Inside run(): returns when every thread has come here; what they wrote before is seen after.
  void barrier() {
    if (threads_ > 1) arrive(true);
  }

 private:
  void start();
  void arrive(bool wait);
  void work(int32_t thread);
  void stop();

  const int32_t threads_;
  const int64_t spin_ns_;
  std::mutex running_;
  void (*call_)(void*, int32_t) = nullptr;
  void* context_ = nullptr;
  bool stopping_ = false;
  SignalWord epoch_;                             // raised by start(): workers wait for it
  alignas(64) std::atomic<int32_t> arrived_{0};  // threads at the barrier; apart from the word that the others watch
  SignalWord generation_;                        // raised by the barrier's last thread
  std::vector<std::thread> workers_;
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_THREAD_POOL_H_
