#include "cpu/kv_file.h"

#include "core/checked.h"

#if defined(__linux__)
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#endif

namespace xllm::cpu {

#if defined(__linux__)

namespace {

constexpr uint64_t kMaxSpace = uint64_t{1} << 45;  // of the 2^47 bytes a process has

std::string because(const char* what, uint64_t bytes) {
  char text[96];
  std::snprintf(text, sizeof(text), "%s of %llu bytes: %s", what, static_cast<unsigned long long>(bytes),
                std::strerror(errno));
  return text;
}

}  // namespace

std::unique_ptr<KvFile> KvFile::create(int32_t blocks, uint64_t stride, int32_t guests, uint64_t extra_bytes,
                                       std::string& reason) {
  std::unique_ptr<KvFile> made(new KvFile);
  KvFile& f = *made;
  f.stride_ = stride;
  f.guests_ = guests;
  f.pool_bytes_ = checked_mul(stride, blocks, "KV pool");
  f.space_bytes_ = f.pool_bytes_ + checked_mul(stride, guests, "KV guests");
  f.extra_bytes_ = round_up(extra_bytes, static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
  if (f.space_bytes_ > kMaxSpace) {
    reason = "the pool and its guests need more addresses than the 2^45 bytes they may have";
    return nullptr;
  }
  uint64_t file_bytes = f.pool_bytes_ + f.extra_bytes_;
  f.file_ = memfd_create("xllm-kv", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (f.file_ < 0 || ftruncate(f.file_, static_cast<off_t>(file_bytes)) != 0) {
    reason = because("a memory file", file_bytes);
    return nullptr;
  }
  // Whoever maps the file counts on its length: without the seal nobody would attach it.
  if (fcntl(f.file_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0) {
    reason = because("sealing a memory file", file_bytes);
    return nullptr;
  }
  void* space = mmap(nullptr, f.space_bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (space == MAP_FAILED) {
    reason = because("reserving addresses", f.space_bytes_);
    return nullptr;
  }
  f.data_ = static_cast<uint8_t*>(space);
  if (mmap(f.data_, f.pool_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, f.file_, 0) == MAP_FAILED) {
    reason = because("mapping the pool", f.pool_bytes_);
    return nullptr;
  }
  madvise(f.data_, f.pool_bytes_, MADV_HUGEPAGE);
  if (f.extra_bytes_ > 0) {
    void* extra = mmap(nullptr, f.extra_bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, f.file_, static_cast<off_t>(f.pool_bytes_));
    if (extra == MAP_FAILED) {
      reason = because("mapping what is beside the pool", f.extra_bytes_);
      return nullptr;
    }
    f.extra_ = static_cast<uint8_t*>(extra);
  }
  f.attached_ = std::make_unique<std::atomic<bool>[]>(guests);
  return made;
}

KvFile::~KvFile() {
  if (extra_ != nullptr) munmap(extra_, extra_bytes_);
  if (data_ != nullptr) munmap(data_, space_bytes_);
  if (file_ >= 0) close(file_);
}

void KvFile::attach(int file, int32_t first, int32_t count) {
  uint8_t* at = data_ + pool_bytes_ + static_cast<uint64_t>(first) * stride_;
  uint64_t bytes = static_cast<uint64_t>(count) * stride_;
  if (file >= 0) {
    // A file that its owner could cut short would be a fault of this process at the next step.
    struct stat info {};
    int seals = fcntl(file, F_GET_SEALS);
    XLLM_CHECK(seals >= 0 && (seals & F_SEAL_SHRINK) != 0, "file %d is not a memory file sealed against shrinking", file);
    XLLM_CHECK(fstat(file, &info) == 0 && static_cast<uint64_t>(info.st_size) >= bytes,
               "file %d has %lld bytes; %d blocks of %llu need %llu", file, static_cast<long long>(info.st_size), count,
               static_cast<unsigned long long>(stride_), static_cast<unsigned long long>(bytes));
  }
  for (int32_t i = 0; i < count; ++i) attached_[first + i].store(false, std::memory_order_release);
  void* got = file < 0 ? mmap(at, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0)
                       : mmap(at, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, file, 0);
  if (got == MAP_FAILED) fail(XLLM_OUT_OF_MEMORY, "mapping %d guest blocks: %s", count, std::strerror(errno));
  for (int32_t i = 0; file >= 0 && i < count; ++i) attached_[first + i].store(true, std::memory_order_release);
}

#else

std::unique_ptr<KvFile> KvFile::create(int32_t, uint64_t, int32_t, uint64_t, std::string& reason) {
  reason = "this system has no memfd_create";
  return nullptr;
}

KvFile::~KvFile() = default;
void KvFile::attach(int, int32_t, int32_t) {}

#endif

}  // namespace xllm::cpu
