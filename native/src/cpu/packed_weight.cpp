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
  int bits, subs, bytes, quant_bytes, zero;
  bool has_min, half_scales;
};

template <int Type>
Form form_as() {
  using T = BlockTile<Type>;
  return {T::bits, T::subs, T::bytes, T::quant_bytes, T::zero, T::has_min, T::half_scales};
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
void put_quants(const Form& form, uint8_t* tile, int row, const uint8_t* q, int shift) {
  for (int k = 0; k < kBlock; ++k) {
    int value = q[k] + shift;
    if (form.bits == 8) {
      tile[k / 4 * 64 + row * 4 + k % 4] = static_cast<uint8_t>(value);
    } else {
      uint8_t& byte = tile[k / 8 * 64 + row * 4 + k % 4];
      byte = static_cast<uint8_t>(k % 8 < 4 ? (byte & 0xf0) | value : (byte & 0x0f) | (value << 4));
    }
  }
}

uint8_t get_quant(const Form& form, const uint8_t* tile, int row, int k) {
  if (form.bits == 8) return tile[k / 4 * 64 + row * 4 + k % 4];
  uint8_t byte = tile[k / 8 * 64 + row * 4 + k % 4];
  return k % 8 < 4 ? byte & 15 : byte >> 4;
}

void put_scale(const Form& form, uint8_t* tile, int index, int row, float value) {
  uint8_t* scales = tile + form.quant_bytes;
  if (form.half_scales) {
    uint16_t half = float_to_half(value);
    std::memcpy(scales + 2 * (index * kLanes + row), &half, 2);
  } else {
    std::memcpy(scales + 4 * (index * kLanes + row), &value, 4);
  }
}

float get_scale(const Form& form, const uint8_t* tile, int index, int row) {
  const uint8_t* scales = tile + form.quant_bytes;
  if (form.half_scales) {
    uint16_t half;
    std::memcpy(&half, scales + 2 * (index * kLanes + row), 2);
    return half_to_float(half);
  }
  float value;
  std::memcpy(&value, scales + 4 * (index * kLanes + row), 4);
  return value;
}

// One row of blocks into its lane of a tile row.
void pack_row(const TypeLayout& layout, const Form& form, const uint8_t* src, int64_t cols, int lane, uint8_t* tile) {
  UnpackedBlock block;
  for (int64_t k = 0; k < cols; k += layout.elements, src += layout.bytes) {
    unpack_block(layout.type, src, block);
    for (int part = 0; part < layout.elements / kBlock; ++part, tile += form.bytes) {
      put_quants(form, tile, lane, block.q + part * kBlock, form.zero - layout.zero);
      for (int s = 0; s < form.subs; ++s) {
        put_scale(form, tile, s, lane, block.scale[part * form.subs + s]);
        if (form.has_min) put_scale(form, tile, form.subs + s, lane, block.min[part * form.subs + s]);
      }
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
  uint64_t tile_bytes = quantised ? checked_mul(cols / kBlock, form.bytes, "weight")
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
  for (int64_t k = 0; k < cols; k += kBlock, tile += form.bytes) {
    for (int i = 0; i < kBlock; ++i) {
      int s = form.subs == 1 ? 0 : i / 16;
      float value = get_scale(form, tile, s, lane) *
                    static_cast<float>(get_quant(form, tile, lane, i) - form.zero);
      if (form.has_min) value = value + get_scale(form, tile, form.subs + s, lane);
      out[k + i] = value * factor;
    }
  }
}

}  // namespace xllm::cpu
