#ifndef XLLM_CPU_KV_FILE_H_
#define XLLM_CPU_KV_FILE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace xllm::cpu {

// The blocks of a pool as a file in memory that other processes of the machine can map, and addresses behind them for the
// blocks of other pools ("guests"), so that one base and one stride lead to all of them. A guest that is not attached must not
// be touched.
class KvFile {
 public:
  // NULL, with the reason, where the system does not give what is needed. `stride` is whole pages of the system.
  static std::unique_ptr<KvFile> create(int32_t blocks, uint64_t stride, int32_t guests, uint64_t extra_bytes, std::string& reason);
  ~KvFile();
  KvFile(const KvFile&) = delete;
  KvFile& operator=(const KvFile&) = delete;

  uint8_t* data() const { return data_; }
  uint8_t* extra() const { return extra_; }
  int file() const { return file_; }

  // Blocks 0 .. count - 1 of a file as guests first .. first + count - 1; file -1 takes them away. Any thread.
  void attach(int file, int32_t first, int32_t count);
  bool has_guest(int32_t guest) const {
    return guest >= 0 && guest < guests_ && attached_[guest].load(std::memory_order_acquire);
  }

 private:
  KvFile() = default;

  int file_ = -1;
  uint64_t stride_ = 0;
  uint64_t pool_bytes_ = 0;
  uint64_t space_bytes_ = 0;
  uint64_t extra_bytes_ = 0;
  int32_t guests_ = 0;
  uint8_t* data_ = nullptr;
  uint8_t* extra_ = nullptr;
  std::unique_ptr<std::atomic<bool>[]> attached_;
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_KV_FILE_H_
