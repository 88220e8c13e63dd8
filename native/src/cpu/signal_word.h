#ifndef XLLM_CPU_SIGNAL_WORD_H_
#define XLLM_CPU_SIGNAL_WORD_H_

#include <atomic>
#include <cstdint>

namespace xllm::cpu {

// A number that one thread raises and others wait for. Waiting is a spin bounded by time, then sleep (a futex on Linux);
// raising makes a system call only when a thread sleeps.
class SignalWord {
 public:
  uint32_t get() const { return value_.load(std::memory_order_acquire); }

  // Publishes all that the caller wrote before.
  void raise();

  // Returns when the value is no longer `old`, after at most `spin_ns` of spinning asleep.
  void await(uint32_t old, int64_t spin_ns);

 private:
  bool spin(uint32_t old, int64_t spin_ns) const;
  void sleep(uint32_t old);
  void wake();

  alignas(64) std::atomic<uint32_t> value_{0};
  // On the value's line: it is written only by a thread that gives up spinning.
  std::atomic<uint32_t> sleepers_{0};
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_SIGNAL_WORD_H_
