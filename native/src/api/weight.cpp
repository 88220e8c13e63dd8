#include "api/border.h"
#include "core/block_types.h"
#include "core/checked.h"

using namespace xllm;

extern "C" {

xllm_status xllm_weight_create(xllm_device* device, const xllm_weight_desc* desc, xllm_weight** out) {
  return guard([&] {
    XLLM_CHECK(out != nullptr, "out is NULL");
    *out = nullptr;
    XLLM_CHECK(device != nullptr, "device is NULL");
    xllm_weight_desc checked = read_sized(desc, "desc");
    const TypeLayout& layout = type_layout(checked.type);
    int32_t usage = checked.usage;
    XLLM_CHECK(usage == XLLM_WEIGHT_VECTOR || usage == XLLM_WEIGHT_MATRIX || usage == XLLM_WEIGHT_TABLE ||
                   usage == (XLLM_WEIGHT_MATRIX | XLLM_WEIGHT_TABLE),
               "usage %d; it must be VECTOR, MATRIX, TABLE or MATRIX|TABLE", usage);
    XLLM_CHECK(checked.rows > 0 && checked.rows <= INT32_MAX - 16 && checked.cols > 0 && checked.cols <= (1 << 22),
               "%lld x %lld; rows must be 1 to 2^31 - 17 and columns 1 to 2^22", static_cast<long long>(checked.rows),
               static_cast<long long>(checked.cols));
    XLLM_CHECK(usage != XLLM_WEIGHT_VECTOR || checked.rows == 1, "a vector has %lld rows; it must have 1",
               static_cast<long long>(checked.rows));
    XLLM_CHECK(checked.cols % layout.elements == 0, "%lld columns are not a multiple of %s's block of %d",
               static_cast<long long>(checked.cols), layout.name, layout.elements);
    uint64_t row = checked_mul(checked.cols / layout.elements, layout.bytes, "weight");
    uint64_t bytes = checked_mul(checked.rows, row, "weight");
    XLLM_CHECK(checked.data_bytes == bytes, "%lld x %lld of %s take %llu bytes, not %llu",
               static_cast<long long>(checked.rows), static_cast<long long>(checked.cols), layout.name,
               static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(checked.data_bytes));
    XLLM_CHECK(checked.data != nullptr, "data is NULL");
    auto weight = std::make_unique<xllm_weight>();
    weight->weight = device->backend->create_weight(checked);
    *out = weight.release();
  });
}

void xllm_weight_destroy(xllm_weight* weight) { delete weight; }

uint64_t xllm_weight_bytes(const xllm_weight* weight) { return weight == nullptr ? 0 : weight->weight->bytes(); }
}
