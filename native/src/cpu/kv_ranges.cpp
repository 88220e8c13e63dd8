#include "cpu/kv_ranges.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "core/checked.h"

#if defined(__linux__)
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#endif

namespace xllm::cpu {

#if defined(__linux__)

namespace {

constexpr uint64_t kMaxSpace = uint64_t{1} << 45;  // of the 2^47 bytes a process has

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Mappings the process may still make, by the system's limit and what it has now.
int64_t mappings_left() {
  long long limit = 65530;
  if (FILE* file = std::fopen("/proc/sys/vm/max_map_count", "r")) {
    if (std::fscanf(file, "%lld", &limit) != 1) limit = 65530;
    std::fclose(file);
  }
  long long used = 0;
  if (FILE* file = std::fopen("/proc/self/maps", "r")) {
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) used += c == '\n';
    std::fclose(file);
  }
  return limit - used;
}

std::string because(const char* what, uint64_t bytes) {
  char text[96];
  std::snprintf(text, sizeof(text), "%s of %llu bytes: %s", what, static_cast<unsigned long long>(bytes),
                std::strerror(errno));
  return text;
}

}  // namespace

uint64_t KvRanges::stride_of(uint64_t bytes) { return round_up(bytes, static_cast<uint64_t>(sysconf(_SC_PAGESIZE))); }

std::unique_ptr<KvRanges> KvRanges::create(int32_t blocks, uint64_t stride, int32_t ranges, int32_t range_blocks,
                                           std::string& reason) {
  std::unique_ptr<KvRanges> made(new KvRanges);
  KvRanges& r = *made;
  r.stride_ = stride;
  r.ranges_ = ranges;
  r.range_blocks_ = range_blocks;
  r.pool_bytes_ = checked_mul(stride, blocks, "KV pool");
  r.range_bytes_ = checked_mul(stride, range_blocks, "KV range");
  r.space_bytes_ = checked_mul(r.range_bytes_, ranges, "KV ranges");
  if (r.space_bytes_ > kMaxSpace || r.pool_bytes_ > kMaxSpace) {
    reason = "the ranges need more addresses than the 2^45 bytes they may have";
    return nullptr;
  }
  // Half of what the process may still map: the rest is for everybody else in it.
  r.limit_ = mappings_left() / 2;
  if (r.limit_ < ranges + 64) {
    reason = "vm.max_map_count leaves too few mappings";
    return nullptr;
  }
  r.file_ = memfd_create("xllm-kv", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (r.file_ < 0) {
    reason = because("memfd_create", r.pool_bytes_);
    return nullptr;
  }
  if (ftruncate(r.file_, static_cast<off_t>(r.pool_bytes_)) != 0) {
    reason = because("a memory file", r.pool_bytes_);
    return nullptr;
  }
  // Nobody who gets the file can make it shorter under us. An old kernel without seals is no reason to fail.
  (void)fcntl(r.file_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
  void* pool = mmap(nullptr, r.pool_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, r.file_, 0);
  if (pool == MAP_FAILED) {
    reason = because("mapping the pool", r.pool_bytes_);
    return nullptr;
  }
  r.pool_ = static_cast<uint8_t*>(pool);
  madvise(pool, r.pool_bytes_, MADV_HUGEPAGE);
  void* space = mmap(nullptr, r.space_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (space == MAP_FAILED) {
    reason = because("reserving ranges", r.space_bytes_);
    return nullptr;
  }
  r.space_ = static_cast<uint8_t*>(space);
  r.shadow_.assign(static_cast<size_t>(ranges) * range_blocks, -1);
  r.mappings_ = ranges + 1;
  return made;
}

KvRanges::~KvRanges() {
  if (thread_.joinable()) {
    {
      std::lock_guard<std::mutex> hold(lock_);
      stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  if (space_ != nullptr) munmap(space_, space_bytes_);
  if (pool_ != nullptr) munmap(pool_, pool_bytes_);
  if (file_ >= 0) close(file_);
}

// Borders between mappings of the system in front of the indices [begin, end].
int32_t KvRanges::borders(int32_t range, int32_t begin, int32_t end) {
  const int32_t* blocks = shadow(range);
  int32_t count = 0;
  for (int32_t i = std::max(begin, 1); i <= std::min(end, range_blocks_ - 1); ++i) {
    bool merges = blocks[i - 1] < 0 ? blocks[i] < 0 : blocks[i] == blocks[i - 1] + 1;
    count += merges ? 0 : 1;
  }
  return count;
}

// The lock is given up during the system call when `hold` is not NULL. Nobody else maps meanwhile: they wait for the mapper.
void KvRanges::map_one(const xllm_kv_mapping& m, std::unique_lock<std::mutex>* hold) {
  int32_t before = borders(m.range, m.index, m.index + m.count);
  // What is mapped in one call is one mapping, with a border at either end.
  if (mappings_ - before + 2 > limit_) {
    fail(XLLM_OUT_OF_MEMORY, "the KV pool has %lld mappings; %lld are its limit (half of what vm.max_map_count left)",
         static_cast<long long>(mappings_), static_cast<long long>(limit_));
  }
  uint8_t* address = at(m.range, m.index);
  uint64_t bytes = static_cast<uint64_t>(m.count) * stride_;
  int32_t* blocks = shadow(m.range) + m.index;
  if (hold != nullptr) hold->unlock();
  int64_t start = now_ns();
  void* got;
  if (m.block < 0) {
    got = mmap(address, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  } else {
    got = mmap(address, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED | MAP_POPULATE, file_,
               static_cast<off_t>(static_cast<uint64_t>(m.block) * stride_));
  }
  int64_t taken = now_ns() - start;
  bool failed = got == MAP_FAILED;
  int error = errno;
  if (hold != nullptr) hold->lock();
  map_ns_ += taken;
  ++calls_;
  for (int32_t i = 0; i < m.count; ++i) {
    int32_t next = failed || m.block < 0 ? -1 : m.block + i;
    unmapped_ += next < 0 && blocks[i] >= 0;
    mapped_ += next >= 0;
    blocks[i] = next;
  }
  mappings_ += borders(m.range, m.index, m.index + m.count) - before;
  if (failed) {
    // What was there may be gone; the addresses must stay ours.
    mmap(address, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    fail(XLLM_OUT_OF_MEMORY, "mapping %d KV blocks: %s", m.count, std::strerror(error));
  }
}

#else

uint64_t KvRanges::stride_of(uint64_t bytes) { return bytes; }

std::unique_ptr<KvRanges> KvRanges::create(int32_t, uint64_t, int32_t, int32_t, std::string& reason) {
  reason = "this system has no memfd_create";
  return nullptr;
}

KvRanges::~KvRanges() = default;
int32_t KvRanges::borders(int32_t, int32_t, int32_t) { return 0; }
void KvRanges::map_one(const xllm_kv_mapping&, std::unique_lock<std::mutex>*) {}
static int64_t now_ns() { return 0; }

#endif

void KvRanges::map(const xllm_kv_mapping* maps, int32_t count, bool ahead) {
  std::unique_lock<std::mutex> hold(lock_);
  if (ahead) {
    queue_.insert(queue_.end(), maps, maps + count);
    ahead_ += count;
    if (!thread_.joinable()) thread_ = std::thread([this] { mapper(); });
    hold.unlock();
    wake_.notify_one();
    return;
  }
  // In the order of the calls, whichever thread they go to.
  wait_for_mapper(hold);
  for (int32_t i = 0; i < count; ++i) map_one(maps[i], nullptr);
}

void KvRanges::wait_for_mapper(std::unique_lock<std::mutex>& hold) {
  if (queue_.empty() && !working_) return;
  int64_t start = now_ns();
  ++waits_;
  done_.wait(hold, [this] { return queue_.empty() && !working_; });
  wait_ns_ += now_ns() - start;
}

bool KvRanges::ensure(int32_t range, const int32_t* blocks, int32_t count) {
  std::unique_lock<std::mutex> hold(lock_);
  const int32_t* mapped = shadow(range);
  // Usually the mapper is busy with what a later step needs.
  if (std::memcmp(mapped, blocks, static_cast<size_t>(count) * sizeof(int32_t)) == 0) return true;
  wait_for_mapper(hold);
  for (int32_t i = 0; i < count; ++i) {
    if (mapped[i] == blocks[i]) continue;
    int32_t run = 1;
    while (i + run < count && blocks[i + run] == blocks[i] + run && mapped[i + run] != blocks[i + run]) ++run;
    try {
      ++repairs_;
      map_one({range, i, blocks[i], run}, nullptr);
    } catch (const Error& error) {
      fault_ = error.what();
      return false;
    }
    i += run - 1;
  }
  return true;
}

void KvRanges::mapper() {
  std::unique_lock<std::mutex> hold(lock_);
  while (true) {
    wake_.wait(hold, [this] { return stop_ || !queue_.empty(); });
    if (stop_) return;
    std::vector<xllm_kv_mapping> batch;
    batch.swap(queue_);
    working_ = true;
    for (const xllm_kv_mapping& m : batch) {
      try {
        map_one(m, &hold);
      } catch (const Error& error) {  // shows again where the block is needed
        fault_ = error.what();
      }
    }
    working_ = false;
    done_.notify_all();
  }
}

void KvRanges::describe(xllm_kv_info& out) {
  std::lock_guard<std::mutex> hold(lock_);
  out.mode = XLLM_KV_VIRTUAL;
  out.ranges = ranges_;
  out.range_blocks = range_blocks_;
  out.memory_file = file_;
  out.mappings = mappings_;
  out.mapping_limit = limit_;
  out.map_calls = calls_;
  out.mapped_blocks = mapped_;
  out.unmapped_blocks = unmapped_;
  out.ahead_maps = ahead_;
  out.ahead_waits = waits_;
  out.repairs = repairs_;
  out.map_nanoseconds = map_ns_;
  out.wait_nanoseconds = wait_ns_;
  std::snprintf(out.reason, sizeof(out.reason), "%s", fault_.c_str());
}

}  // namespace xllm::cpu
