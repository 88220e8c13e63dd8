#include "api/border.h"
#include "core/block_types.h"
#include "core/checked.h"

namespace xllm {
namespace {
thread_local char last_error[512];
}

void set_last_error(const char* text) noexcept {
  std::strncpy(last_error, text, sizeof(last_error) - 1);
  last_error[sizeof(last_error) - 1] = 0;
}

}  // namespace xllm

using namespace xllm;

extern "C" {

int32_t xllm_abi_version(void) { return XLLM_ABI_VERSION; }

const char* xllm_last_error(void) { return last_error; }

xllm_status xllm_isa_supported(int32_t isa, int32_t* supported) {
  return guard([&] {
    XLLM_CHECK(supported != nullptr, "supported is NULL");
    XLLM_CHECK(isa >= XLLM_ISA_AUTO && isa <= XLLM_ISA_AVX512, "isa %d is not known", isa);
    *supported = cpu_isa_supported(isa) ? 1 : 0;
  });
}

xllm_status xllm_type_layout(int32_t type, int32_t* block_elements, int32_t* block_bytes) {
  return guard([&] {
    XLLM_CHECK(block_elements != nullptr && block_bytes != nullptr, "block_elements or block_bytes is NULL");
    const TypeLayout& layout = type_layout(type);
    *block_elements = layout.elements;
    *block_bytes = layout.bytes;
  });
}

xllm_status xllm_dequantize(int32_t type, const void* src, uint64_t src_bytes, float* dst, uint64_t count) {
  return guard([&] {
    const TypeLayout& layout = type_layout(type);
    XLLM_CHECK(count % layout.elements == 0, "%llu elements are not a multiple of %s's block of %d",
               static_cast<unsigned long long>(count), layout.name, layout.elements);
    uint64_t bytes = checked_mul(count / layout.elements, layout.bytes, "dequantize");
    XLLM_CHECK(src_bytes == bytes, "%llu elements of %s take %llu bytes, not %llu",
               static_cast<unsigned long long>(count), layout.name, static_cast<unsigned long long>(bytes),
               static_cast<unsigned long long>(src_bytes));
    if (count == 0) return;
    XLLM_CHECK(src != nullptr && dst != nullptr, "src or dst is NULL");
    dequantize(layout, static_cast<const uint8_t*>(src), dst, count);
  });
}
}
