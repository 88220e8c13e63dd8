#include "core/block_types.h"

#include "core/error.h"
#include "core/half.h"

// Block layouts: GGUF v3 (ggml's quantisation formats).
namespace xllm {
namespace {

constexpr TypeLayout kTypes[] = {
    {XLLM_TYPE_F32, "F32", 1, 4, 0, 0, false},      {XLLM_TYPE_F16, "F16", 1, 2, 0, 0, false},
    {XLLM_TYPE_BF16, "BF16", 1, 2, 0, 0, false},    {XLLM_TYPE_Q4_0, "Q4_0", 32, 18, 32, 8, false},
    {XLLM_TYPE_Q4_1, "Q4_1", 32, 20, 32, 0, true},  {XLLM_TYPE_Q5_0, "Q5_0", 32, 22, 32, 16, false},
    {XLLM_TYPE_Q5_1, "Q5_1", 32, 24, 32, 0, true},  {XLLM_TYPE_Q8_0, "Q8_0", 32, 34, 32, 128, false},
    {XLLM_TYPE_Q2_K, "Q2_K", 256, 84, 16, 0, true}, {XLLM_TYPE_Q3_K, "Q3_K", 256, 110, 16, 4, false},
    {XLLM_TYPE_Q4_K, "Q4_K", 256, 144, 32, 0, true}, {XLLM_TYPE_Q5_K, "Q5_K", 256, 176, 32, 0, true},
    {XLLM_TYPE_Q6_K, "Q6_K", 256, 210, 16, 32, false},
};

uint16_t read_u16(const uint8_t* p) { return static_cast<uint16_t>(p[0] | (p[1] << 8)); }
uint32_t read_u32(const uint8_t* p) {
  return static_cast<uint32_t>(p[0]) | static_cast<uint32_t>(p[1]) << 8 | static_cast<uint32_t>(p[2]) << 16 |
         static_cast<uint32_t>(p[3]) << 24;
}
float read_half(const uint8_t* p) { return half_to_float(read_u16(p)); }

void nibbles32(const uint8_t* qs, uint8_t* q) {
  for (int j = 0; j < 16; ++j) {
    q[j] = qs[j] & 15;
    q[j + 16] = qs[j] >> 4;
  }
}

void fifth_bits32(uint32_t high, uint8_t* q) {
  for (int j = 0; j < 32; ++j) q[j] = static_cast<uint8_t>(q[j] | (((high >> j) & 1u) << 4));
}

// The scales (and mins, which are subtracted) of 256 elements as factors of d and dmin.
void super_scales(const uint8_t* d, const uint8_t* dmin, UnpackedBlock& out) {
  out.d = read_u16(d);
  out.negative_dmin = dmin == nullptr ? 0 : static_cast<uint16_t>(read_u16(dmin) ^ 0x8000u);
}

void set_scale(UnpackedBlock& out, int s, int factor, int min_factor = 0) {
  out.scale_factor[s] = static_cast<int8_t>(factor);
  out.min_factor[s] = static_cast<int8_t>(min_factor);
  out.scale[s] = half_to_float(out.d) * static_cast<float>(factor);
  out.min[s] = half_to_float(out.negative_dmin) * static_cast<float>(min_factor);
}

void unpack_q2_k(const uint8_t* b, UnpackedBlock& out) {
  const uint8_t* scales = b;
  const uint8_t* qs = b + 16;
  super_scales(b + 80, b + 82, out);
  for (int s = 0; s < 16; ++s) set_scale(out, s, scales[s] & 15, scales[s] >> 4);
  for (int k = 0; k < 256; ++k) {
    int half = k / 128, shift = 2 * ((k % 128) / 32);
    out.q[k] = (qs[32 * half + k % 32] >> shift) & 3;
  }
}

void unpack_q3_k(const uint8_t* b, UnpackedBlock& out) {
  const uint8_t* mask = b;
  const uint8_t* qs = b + 32;
  const uint8_t* s = b + 96;
  super_scales(b + 108, nullptr, out);
  for (int i = 0; i < 16; ++i) {
    int low = i < 8 ? s[i] & 15 : s[i - 8] >> 4;
    int high = (s[8 + i % 4] >> (2 * (i / 4))) & 3;
    set_scale(out, i, (low | (high << 4)) - 32);
  }
  for (int k = 0; k < 256; ++k) {
    int half = k / 128, quarter = (k % 128) / 32;
    int low = (qs[32 * half + k % 32] >> (2 * quarter)) & 3;
    int high = (mask[k % 32] >> (4 * half + quarter)) & 1;
    out.q[k] = static_cast<uint8_t>(low | (high << 2));
  }
}

// The 12 bytes of eight 6-bit scales and eight 6-bit mins that Q4_K and Q5_K share.
void k_scales(const uint8_t* b, UnpackedBlock& out) {
  super_scales(b, b + 2, out);
  const uint8_t* s = b + 4;
  for (int j = 0; j < 8; ++j) {
    int scale = j < 4 ? s[j] & 63 : (s[j + 4] & 15) | ((s[j - 4] >> 6) << 4);
    int min = j < 4 ? s[j + 4] & 63 : (s[j + 4] >> 4) | ((s[j] >> 6) << 4);
    set_scale(out, j, scale, min);
  }
}

void unpack_q4_k(const uint8_t* b, UnpackedBlock& out) {
  k_scales(b, out);
  const uint8_t* qs = b + 16;
  for (int k = 0; k < 256; ++k) {
    uint8_t byte = qs[32 * (k / 64) + k % 32];
    out.q[k] = (k % 64) < 32 ? byte & 15 : byte >> 4;
  }
}

void unpack_q5_k(const uint8_t* b, UnpackedBlock& out) {
  k_scales(b, out);
  const uint8_t* qh = b + 16;
  const uint8_t* qs = b + 48;
  for (int k = 0; k < 256; ++k) {
    uint8_t byte = qs[32 * (k / 64) + k % 32];
    int low = (k % 64) < 32 ? byte & 15 : byte >> 4;
    int high = (qh[k % 32] >> (k / 32)) & 1;
    out.q[k] = static_cast<uint8_t>(low | (high << 4));
  }
}

void unpack_q6_k(const uint8_t* b, UnpackedBlock& out) {
  const uint8_t* ql = b;
  const uint8_t* qh = b + 128;
  const int8_t* scales = reinterpret_cast<const int8_t*>(b + 192);
  super_scales(b + 208, nullptr, out);
  for (int s = 0; s < 16; ++s) set_scale(out, s, scales[s]);
  for (int k = 0; k < 256; ++k) {
    int half = k / 128, quarter = (k % 128) / 32, l = k % 32;
    uint8_t byte = ql[64 * half + l + 32 * (quarter & 1)];
    int low = quarter < 2 ? byte & 15 : byte >> 4;
    int high = (qh[32 * half + l] >> (2 * quarter)) & 3;
    out.q[k] = static_cast<uint8_t>(low | (high << 4));
  }
}

}  // namespace

const TypeLayout* find_type(int32_t type) {
  for (const TypeLayout& layout : kTypes) {
    if (layout.type == type) return &layout;
  }
  return nullptr;
}

const TypeLayout& type_layout(int32_t type) {
  const TypeLayout* layout = find_type(type);
  if (layout == nullptr) fail(XLLM_UNSUPPORTED, "element type %d is not known", type);
  return *layout;
}

void unpack_block(int32_t type, const uint8_t* b, UnpackedBlock& out) {
  out.min[0] = 0;
  switch (type) {
    case XLLM_TYPE_Q4_0:
      out.scale[0] = read_half(b);
      nibbles32(b + 2, out.q);
      break;
    case XLLM_TYPE_Q4_1:
      out.scale[0] = read_half(b);
      out.min[0] = read_half(b + 2);
      nibbles32(b + 4, out.q);
      break;
    case XLLM_TYPE_Q5_0:
      out.scale[0] = read_half(b);
      nibbles32(b + 6, out.q);
      fifth_bits32(read_u32(b + 2), out.q);
      break;
    case XLLM_TYPE_Q5_1:
      out.scale[0] = read_half(b);
      out.min[0] = read_half(b + 2);
      nibbles32(b + 8, out.q);
      fifth_bits32(read_u32(b + 4), out.q);
      break;
    case XLLM_TYPE_Q8_0:
      out.scale[0] = read_half(b);
      for (int j = 0; j < 32; ++j) out.q[j] = b[2 + j] ^ 0x80;
      break;
    case XLLM_TYPE_Q2_K: unpack_q2_k(b, out); break;
    case XLLM_TYPE_Q3_K: unpack_q3_k(b, out); break;
    case XLLM_TYPE_Q4_K: unpack_q4_k(b, out); break;
    case XLLM_TYPE_Q5_K: unpack_q5_k(b, out); break;
    case XLLM_TYPE_Q6_K: unpack_q6_k(b, out); break;
    default: fail(XLLM_UNSUPPORTED, "element type %d has no blocks", type);
  }
}

void dequantize(const TypeLayout& layout, const uint8_t* src, float* dst, uint64_t count) {
  if (layout.type == XLLM_TYPE_F32) {
    std::memcpy(dst, src, count * 4);
    return;
  }
  if (layout.sub_block == 0) {
    for (uint64_t i = 0; i < count; ++i) {
      uint16_t bits = read_u16(src + 2 * i);
      dst[i] = layout.type == XLLM_TYPE_F16 ? half_to_float(bits) : bfloat_to_float(bits);
    }
    return;
  }
  UnpackedBlock block;
  for (uint64_t i = 0; i < count; i += layout.elements, src += layout.bytes) {
    unpack_block(layout.type, src, block);
    for (int k = 0; k < layout.elements; ++k) {
      int s = k / layout.sub_block;
      float product = block.scale[s] * static_cast<float>(block.q[k] - layout.zero);
      dst[i + k] = layout.has_min ? product + block.min[s] : product;
    }
  }
}

}  // namespace xllm
