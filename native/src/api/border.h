#ifndef XLLM_API_BORDER_H_
#define XLLM_API_BORDER_H_

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "core/backend.h"
#include "core/error.h"

// The handles of xllm.h, and what every exported function does: check, call, turn exceptions into a status.
struct xllm_device {
  std::unique_ptr<xllm::Backend> backend;
};
struct xllm_weight {
  std::unique_ptr<xllm::Weight> weight;
};
struct xllm_kv {
  std::unique_ptr<xllm::KvPool> pool;
};
struct xllm_program {
  std::unique_ptr<xllm::Program> program;
};

namespace xllm {

void set_last_error(const char* text) noexcept;

template <class Body>
xllm_status guard(Body&& body) noexcept {
  try {
    set_last_error("");
    body();
    return XLLM_OK;
  } catch (const Error& error) {
    set_last_error(error.what());
    return error.status();
  } catch (const std::bad_alloc&) {
    set_last_error("out of memory");
    return XLLM_OUT_OF_MEMORY;
  } catch (const std::exception& error) {
    set_last_error(error.what());
    return XLLM_INTERNAL;
  } catch (...) {
    set_last_error("unknown exception");
    return XLLM_INTERNAL;
  }
}

// The caller's sized struct, with zeros where it is older than the library.
template <class T>
T read_sized(const T* from, const char* what) {
  XLLM_CHECK(from != nullptr, "%s is NULL", what);
  uint32_t size = from->size;
  XLLM_CHECK(size >= sizeof(uint32_t) && size <= sizeof(T), "%s.size is %u; this library (ABI %d) knows 4 to %u", what,
             size, XLLM_ABI_VERSION, static_cast<unsigned>(sizeof(T)));
  T copy;
  std::memset(static_cast<void*>(&copy), 0, sizeof(T));
  std::memcpy(static_cast<void*>(&copy), from, size);
  return copy;
}

}  // namespace xllm

#endif  // XLLM_API_BORDER_H_
