#ifndef XLLM_CORE_BLOCK_TYPES_H_
#define XLLM_CORE_BLOCK_TYPES_H_

#include <cstdint>

#include "xllm/xllm.h"

namespace xllm {

// How a GGUF element type lies in a file, and what its blocks become: value = scale[s] * (q - zero) (+ min[s]), where s is
// the sub-block of the element.
struct TypeLayout {
  int32_t type;
  const char* name;
  int32_t elements;   // a block's
  int32_t bytes;      // a block's
  int32_t sub_block;  // elements that share a scale; 0 for float types
  int32_t zero;       // subtracted from q
  bool has_min;
};

// NULL when the type is not known.
const TypeLayout* find_type(int32_t type);
// Throws XLLM_UNSUPPORTED when the type is not known.
const TypeLayout& type_layout(int32_t type);

// One block taken apart.
struct UnpackedBlock {
  uint8_t q[256];
  float scale[16];
  float min[16];
  // K-quants: scale[s] = d * scale_factor[s], min[s] = negative_dmin * min_factor[s]; the first two as float16.
  uint16_t d;
  uint16_t negative_dmin;
  int8_t scale_factor[16];
  int8_t min_factor[16];
};

// Takes apart one block of a quantised type (sub_block != 0).
void unpack_block(int32_t type, const uint8_t* block, UnpackedBlock& out);

// Values of `count` elements (a multiple of the block).
void dequantize(const TypeLayout& layout, const uint8_t* src, float* dst, uint64_t count);

}  // namespace xllm

#endif  // XLLM_CORE_BLOCK_TYPES_H_
