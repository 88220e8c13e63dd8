#ifndef XLLM_CPU_KV_RANGES_H_
#define XLLM_CPU_KV_RANGES_H_

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "xllm/xllm.h"

namespace xllm::cpu {

// The memory of a KV pool as one file in memory, seen twice: whole, block after block, and through `ranges` reserved runs of
// addresses into which single blocks are mapped, so that a sequence's blocks lie one after the other (xTensor, the xLLM
// report). Knows what is mapped where. Any thread; one lock.
class KvRanges {
 public:
  // NULL, with the reason, where the system does not give what is needed.
  static std::unique_ptr<KvRanges> create(int32_t blocks, uint64_t stride, int32_t ranges, int32_t range_blocks,
                                          std::string& reason);
  ~KvRanges();
  KvRanges(const KvRanges&) = delete;
  KvRanges& operator=(const KvRanges&) = delete;

  // A block's bytes in the file, at least `bytes`, rounded up to whole pages of the system.
  static uint64_t stride_of(uint64_t bytes);

  uint8_t* pool() const { return pool_; }
  uint8_t* base(int32_t range) const { return space_ + static_cast<uint64_t>(range) * range_bytes_; }
  int32_t ranges() const { return ranges_; }
  int32_t range_blocks() const { return range_blocks_; }

  // Maps checked entries in order and makes their memory present. Ahead: by the mapper's thread, after this call.
  void map(const xllm_kv_mapping* maps, int32_t count, bool ahead);
  // Sees to it that the range has these blocks at [0, count): waits for the mapper's thread where it does not, then maps what
  // is still missing. False = the system does not give the mappings; the blocks are still in the pool.
  bool ensure(int32_t range, const int32_t* blocks, int32_t count);
  void describe(xllm_kv_info& out);

 private:
  KvRanges() = default;
  uint8_t* at(int32_t range, int32_t index) const { return base(range) + static_cast<uint64_t>(index) * stride_; }
  int32_t* shadow(int32_t range) { return shadow_.data() + static_cast<int64_t>(range) * range_blocks_; }
  int32_t borders(int32_t range, int32_t begin, int32_t end);
  void map_one(const xllm_kv_mapping& m, std::unique_lock<std::mutex>* hold);
  void wait_for_mapper(std::unique_lock<std::mutex>& hold);
  void mapper();

  int file_ = -1;
  uint64_t stride_ = 0;
  uint64_t pool_bytes_ = 0;
  uint64_t range_bytes_ = 0;
  uint64_t space_bytes_ = 0;
  int32_t ranges_ = 0;
  int32_t range_blocks_ = 0;
  uint8_t* pool_ = nullptr;
  uint8_t* space_ = nullptr;

  std::mutex lock_;
  std::condition_variable wake_, done_;
  std::vector<int32_t> shadow_;  // [range][index]: block mapped there, -1 = none
  std::vector<xllm_kv_mapping> queue_;
  std::thread thread_;
  std::string fault_;  // the last one of the mapper or of ensure()
  bool working_ = false;
  bool stop_ = false;
  int64_t mappings_ = 0;
  int64_t limit_ = 0;
  int64_t calls_ = 0, mapped_ = 0, unmapped_ = 0, ahead_ = 0, waits_ = 0, repairs_ = 0, map_ns_ = 0, wait_ns_ = 0;
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_KV_RANGES_H_
