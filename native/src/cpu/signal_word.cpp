#include "cpu/signal_word.h"

#include <chrono>
#include <climits>

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace xllm::cpu {
namespace {

// A pause is 10 to 140 cycles by processor and a load of a line in L1 about 5: some of both see a change soon and leave
// the core's other thread its share.
constexpr int kLoadsPerPause = 8;
constexpr int kPausesPerClock = 16;

void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

int64_t now_ns() {
  auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

}  // namespace

// The store and the look at the sleepers, and in sleep() the count and the look at the value, are in one order for all
// threads (sequentially consistent): either the sleeper sees the new value or the raiser sees the sleeper.
void SignalWord::raise() {
  value_.store(value_.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst);
  if (sleepers_.load(std::memory_order_seq_cst) != 0) wake();
}

void SignalWord::await(uint32_t old, int64_t spin_ns) {
  if (!spin(old, spin_ns)) sleep(old);
}

bool SignalWord::spin(uint32_t old, int64_t spin_ns) const {
  if (get() != old) return true;
  if (spin_ns == 0) return false;
  int64_t until = 0;
  for (;;) {
    for (int p = 0; p < kPausesPerClock; ++p) {
      for (int l = 0; l < kLoadsPerPause; ++l) {
        if (get() != old) return true;
      }
      pause();
    }
    int64_t now = now_ns();
    if (until == 0) until = now + spin_ns;
    if (now >= until) return false;
  }
}

#if defined(__linux__)

void SignalWord::sleep(uint32_t old) {
  static_assert(sizeof(value_) == sizeof(uint32_t));
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  while (value_.load(std::memory_order_seq_cst) == old) {
    // The kernel looks at the value once more; a wake for nothing, a signal and a changed value all lead back to the loop.
    syscall(SYS_futex, &value_, FUTEX_WAIT_PRIVATE, old, nullptr, nullptr, 0);
  }
  sleepers_.fetch_sub(1, std::memory_order_relaxed);
}

void SignalWord::wake() { syscall(SYS_futex, &value_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0); }

#else

void SignalWord::sleep(uint32_t old) {
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  while (value_.load(std::memory_order_seq_cst) == old) value_.wait(old, std::memory_order_seq_cst);
  sleepers_.fetch_sub(1, std::memory_order_relaxed);
}

void SignalWord::wake() { value_.notify_all(); }

#endif

}  // namespace xllm::cpu
