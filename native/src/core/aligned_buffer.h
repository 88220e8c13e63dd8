#ifndef XLLM_CORE_ALIGNED_BUFFER_H_
#define XLLM_CORE_ALIGNED_BUFFER_H_

#include <cstdint>
#include <cstdlib>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "core/error.h"

namespace xllm {

// Zeroed bytes on a 64-byte border. Pages are committed when first touched.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  AlignedBuffer(uint64_t bytes, const char* what) : bytes_(bytes) {
    if (bytes == 0) return;
    raw_ = bytes <= SIZE_MAX - kAlign ? std::calloc(bytes + kAlign, 1) : nullptr;
    if (raw_ == nullptr) {
      fail(XLLM_OUT_OF_MEMORY, "%s: %llu bytes are not to be had", what, static_cast<unsigned long long>(bytes));
    }
    advise_huge();
    data_ = reinterpret_cast<uint8_t*>((reinterpret_cast<uintptr_t>(raw_) + kAlign - 1) & ~uintptr_t{kAlign - 1});
  }
  AlignedBuffer(AlignedBuffer&& other) noexcept { swap(other); }
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;
  ~AlignedBuffer() { std::free(raw_); }

  uint8_t* data() const { return data_; }
  float* floats() const { return reinterpret_cast<float*>(data_); }
  uint64_t bytes() const { return bytes_; }

 private:
  static constexpr uint64_t kAlign = 64;
  // Weights and KV are read as long streams: large pages spare page walks, where the system has them on request.
  void advise_huge() {
#if defined(__linux__)
    constexpr uintptr_t kHuge = 2u << 20;
    uintptr_t begin = (reinterpret_cast<uintptr_t>(raw_) + kHuge - 1) & ~(kHuge - 1);
    uintptr_t end = (reinterpret_cast<uintptr_t>(raw_) + bytes_) & ~(kHuge - 1);
    if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
  }
  void swap(AlignedBuffer& other) noexcept {
    void* raw = raw_;
    uint8_t* data = data_;
    uint64_t bytes = bytes_;
    raw_ = other.raw_, data_ = other.data_, bytes_ = other.bytes_;
    other.raw_ = raw, other.data_ = data, other.bytes_ = bytes;
  }
  void* raw_ = nullptr;
  uint8_t* data_ = nullptr;
  uint64_t bytes_ = 0;
};

}  // namespace xllm

#endif  // XLLM_CORE_ALIGNED_BUFFER_H_
