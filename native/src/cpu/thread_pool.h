#ifndef XLLM_CPU_THREAD_POOL_H_
#define XLLM_CPU_THREAD_POOL_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace xllm::cpu {

// threads - 1 workers; the caller of run() is thread 0. Waiting is a bounded spin, then sleep, so that an idle pool costs
// nothing. Bodies must not throw.
class ThreadPool {
 public:
  explicit ThreadPool(int32_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;

  int32_t threads() const { return threads_; }

  // Calls body(thread) on every thread and returns when all are done. One run at a time; others wait.
  template <class Body>
  void run(Body&& body) {
    std::lock_guard<std::mutex> lock(running_);
    call_ = [](void* context, int32_t thread) { (*static_cast<Body*>(context))(thread); };
    context_ = &body;
    start();
  }

  // Inside run(): returns when every thread has come here; what they wrote before is seen after.
  void barrier();

 private:
  void start();
  void work(int32_t thread);
  void stop();

  const int32_t threads_;
  std::mutex running_;
  void (*call_)(void*, int32_t) = nullptr;
  void* context_ = nullptr;
  bool stopping_ = false;
  alignas(64) std::atomic<uint32_t> epoch_{0};
  alignas(64) std::atomic<int32_t> arrived_{0};
  alignas(64) std::atomic<uint32_t> generation_{0};
  std::vector<std::thread> workers_;
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_THREAD_POOL_H_
