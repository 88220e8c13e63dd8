#include "cpu/packed_weight.h"

#include <algorithm>
#include <cstring>

#include "core/block_types.h"
#include "core/checked.h"
#include "core/half.h"
#include "cpu/block_tile.h"

namespace xllm::cpu {
namespace {

// The layout of a quantised type's tile at run time.
struct Form {
  int bits, subs, bytes, quant_bytes, super_bytes, zero, scales;
  bool has_min, product;

  int64_t offset(int64_t b) const {
    return product ? b / kSuperBlocks * (super_bytes + kSuperBlocks * bytes) + super_bytes + b % kSuperBlocks * bytes : b * bytes;
  }
  // Where the float16 scales of the 256 inputs of block b lie.
  int64_t super_offset(int64_t b) const { return b / kSuperBlocks * (super_bytes + kSuperBlocks * bytes); }
  uint64_t tile_bytes(int64_t blocks) const {
    uint64_t all = checked_mul(blocks, bytes, "weight");
    return product ? all + checked_mul(blocks / kSuperBlocks, super_bytes, "weight") : all;
  }
};

template <int Type>
Form form_as() {
  using T = BlockTile<Type>;
  return {T::bits, T::subs, T::bytes, T::quant_bytes, T::super_bytes, T::zero, T::scales, T::has_min, T::product};
}

Form form_of(int32_t type) {
  switch (type) {
    case XLLM_TYPE_Q4_0: return form_as<XLLM_TYPE_Q4_0>();
    case XLLM_TYPE_Q4_1: return form_as<XLLM_TYPE_Q4_1>();
    case XLLM_TYPE_Q5_0: return form_as<XLLM_TYPE_Q5_0>();
    case XLLM_TYPE_Q5_1: return form_as<XLLM_TYPE_Q5_1>();
    case XLLM_TYPE_Q8_0: return form_as<XLLM_TYPE_Q8_0>();
    case XLLM_TYPE_Q2_K: return form_as<XLLM_TYPE_Q2_K>();
    case XLLM_TYPE_Q3_K: return form_as<XLLM_TYPE_Q3_K>();
    case XLLM_TYPE_Q4_K: return form_as<XLLM_TYPE_Q4_K>();
    case XLLM_TYPE_Q5_K: return form_as<XLLM_TYPE_Q5_K>();
    case XLLM_TYPE_Q6_K: return form_as<XLLM_TYPE_Q6_K>();
    default: fail(XLLM_UNSUPPORTED, "element type %d has no tile", type);
  }
}

// `shift` is what the tile's zero has more than the file's.
void put_quants(const Form& form, uint8_t* block, int row, const uint8_t* q, int shift) {
  for (int k = 0; k < kBlock; ++k) {
    int value = q[k] + shift, g = k / 4, lane = row * 4 + k % 4;
    if (form.bits == 8) {
      block[g * 64 + lane] = static_cast<uint8_t>(value);
      continue;
    }
    block[g / 2 * 64 + lane] |= static_cast<uint8_t>((value & 15) << (g % 2 * 4));
    if (form.bits == 5) block[256 + lane] |= static_cast<uint8_t>((value >> 4) << g);
    if (form.bits == 6) block[256 + g / 4 * 64 + lane] |= static_cast<uint8_t>((value >> 4) << (g % 4 * 2));
  }
}

int get_quant(const Form& form, const uint8_t* block, int row, int k) {
  int g = k / 4, lane = row * 4 + k % 4;
  if (form.bits == 8) return block[g * 64 + lane];
  int value = (block[g / 2 * 64 + lane] >> (g % 2 * 4)) & 15;
  if (form.bits == 5) value |= ((block[256 + lane] >> g) & 1) << 4;
  if (form.bits == 6) value |= ((block[256 + g / 4 * 64 + lane] >> (g % 4 * 2)) & 3) << 4;
  return value;
}

void put_half(uint8_t* halves, int row, uint16_t half) { std::memcpy(halves + 2 * row, &half, 2); }

float get_half(const uint8_t* halves, int row) {
  uint16_t half;
  std::memcpy(&half, halves + 2 * row, 2);
  return half_to_float(half);
}

// Scale `index` of a row: those of the sub-blocks, then their mins.
float get_scale(const Form& form, const uint8_t* tile, int64_t b, int index, int row) {
  const uint8_t* scales = tile + form.offset(b) + form.quant_bytes;
  if (!form.product) return get_half(scales + 2 * kLanes * index, row);
  float super = get_half(tile + form.super_offset(b) + (index < form.subs ? 0 : 2 * kLanes), row);
  return super * static_cast<float>(static_cast<int8_t>(scales[kLanes * index + row]));
}

void put_scales(const Form& form, const UnpackedBlock& from, int sub, int row, uint8_t* scales) {
  for (int i = 0; i < form.scales; ++i) {
    bool min = i >= form.subs;
    int s = sub + i % form.subs;
    if (form.product) {
      scales[kLanes * i + row] = static_cast<uint8_t>(min ? from.min_factor[s] : from.scale_factor[s]);
    } else {
      put_half(scales + 2 * kLanes * i, row, float_to_half(min ? from.min[s] : from.scale[s]));
    }
  }
}

// One row of a file's blocks into its lane of a tile, which is all zeros there.
void pack_row(const TypeLayout& layout, const Form& form, const uint8_t* src, int64_t cols, int lane, uint8_t* tile) {
  UnpackedBlock from;
  int64_t b = 0;
  for (int64_t k = 0; k < cols; k += layout.elements, src += layout.bytes) {
    unpack_block(layout.type, src, from);
    if (form.product) {
      uint8_t* super = tile + form.super_offset(b);
      put_half(super, lane, from.d);
      if (form.has_min) put_half(super + 2 * kLanes, lane, from.negative_dmin);
    }
    for (int part = 0; part < layout.elements / kBlock; ++part, ++b) {
      uint8_t* block = tile + form.offset(b);
      put_quants(form, block, lane, from.q + part * kBlock, form.zero - layout.zero);
      put_scales(form, from, part * form.subs, lane, block + form.quant_bytes);
    }
  }
}

template <class Element>
void pack_float_row(const uint8_t* src, int64_t cols, int lane, uint8_t* tile) {
  for (int64_t k = 0; k < cols; ++k) {
    std::memcpy(tile + (k * kLanes + lane) * sizeof(Element), src + k * sizeof(Element), sizeof(Element));
  }
}

}  // namespace

PackedWeight::PackedWeight(const Backend* owner, const xllm_weight_desc& desc, ThreadPool& pool) : Weight(owner, desc) {
  const TypeLayout& layout = type_layout(type);
  const uint8_t* src = static_cast<const uint8_t*>(desc.data);
  if (usage == XLLM_WEIGHT_VECTOR) {
    buffer_ = AlignedBuffer(checked_mul(round_up(cols, kLanes), 4, "weight"), "weight");
    dequantize(layout, src, buffer_.floats(), cols);
    return;
  }
  bool quantised = layout.sub_block != 0;
  Form form = quantised ? form_of(type) : Form{};
  int64_t tiles = ceil_div(rows, kLanes);
  uint64_t tile_bytes = quantised ? form.tile_bytes(cols / kBlock)
                                  : checked_mul(cols, kLanes * layout.bytes, "weight");
  buffer_ = AlignedBuffer(checked_mul(tiles, tile_bytes, "weight"), "weight");
  matrix_ = {type, rows, cols, tiles, static_cast<int64_t>(tile_bytes), buffer_.data()};
  int64_t row_bytes = cols / layout.elements * layout.bytes;
  pool.run([&](int32_t thread) {
    int64_t begin = tiles * thread / pool.threads(), end = tiles * (thread + 1) / pool.threads();
    for (int64_t row = begin * kLanes; row < std::min(end * kLanes, rows); ++row) {
      uint8_t* tile = buffer_.data() + row / kLanes * tile_bytes;
      int lane = static_cast<int>(row % kLanes);
      const uint8_t* from = src + row * row_bytes;
      if (quantised) {
        pack_row(layout, form, from, cols, lane, tile);
      } else if (layout.bytes == 4) {
        pack_float_row<uint32_t>(from, cols, lane, tile);
      } else {
        pack_float_row<uint16_t>(from, cols, lane, tile);
      }
    }
  });
}

void PackedWeight::read_row(int64_t row, float factor, float* out) const {
  const uint8_t* tile = matrix_.data + row / kLanes * matrix_.tile_bytes;
  int lane = static_cast<int>(row % kLanes);
  if (type == XLLM_TYPE_F32) {
    for (int64_t k = 0; k < cols; ++k) out[k] = reinterpret_cast<const float*>(tile)[k * kLanes + lane] * factor;
    return;
  }
  if (type == XLLM_TYPE_F16 || type == XLLM_TYPE_BF16) {
    const uint16_t* values = reinterpret_cast<const uint16_t*>(tile) + lane;
    for (int64_t k = 0; k < cols; ++k) {
      uint16_t bits = values[k * kLanes];
      out[k] = (type == XLLM_TYPE_F16 ? half_to_float(bits) : bfloat_to_float(bits)) * factor;
    }
    return;
  }
  Form form = form_of(type);
  for (int64_t b = 0; b < cols / kBlock; ++b) {
    const uint8_t* block = tile + form.offset(b);
    for (int i = 0; i < kBlock; ++i) {
      int s = form.subs == 1 ? 0 : i / 16;
      float value = get_scale(form, tile, b, s, lane) * static_cast<float>(get_quant(form, block, lane, i) - form.zero);
      if (form.has_min) value = value + get_scale(form, tile, b, form.subs + s, lane);
      out[b * kBlock + i] = value * factor;
    }
  }
}

}  // namespace xllm::cpu
