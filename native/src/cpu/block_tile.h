#ifndef XLLM_CPU_BLOCK_TILE_H_
#define XLLM_CPU_BLOCK_TILE_H_

#include <cstdint>

#include "xllm/xllm.h"

// How 16 rows x 32 inputs of a quantised type lie in a packed matrix. Group g is inputs 4g .. 4g + 3, lane byte row*4 + i is
// input i of a group in a row:
//   4 bits: 4 x 64 bytes; vector j = group 2j in the low nibbles, group 2j + 1 in the high ones
//   5 bits: the same, then 64 bytes whose bit g is the fifth bit of group g
//   6 bits: the same as 4, then 2 x 64 bytes; bits 2(g % 4) and the next of vector g / 4 are the two high bits of group g
//   8 bits: 8 x 64 bytes, a group each
// then a scale a row (two for types with sub-blocks of 16: first all of the first half), then the mins likewise: float16 where
// the file has them so; for K-quants int8 factors of the row's float16 scale (and negated min) of 256 inputs, which lie before the
// first of their eight blocks. Value = scale * (q - zero) (+ min); zero is a power of two, so that kernels find it by a shift.
namespace xllm::cpu {
namespace {

constexpr int kSuperBlocks = 8;  // blocks of 32 that share the scale of 256

template <int Bits, int Subs, bool HasMin, bool Product, int ZeroShift>
struct TileForm {
  using Form = TileForm;  // types of one form share kernels
  // What kernels see once bits are unpacked to bytes. 4 bits stay apart: AVX2 can sum them in int16.
  using Unpacked = TileForm<Bits == 4 ? 4 : 8, Subs, HasMin, false, ZeroShift>;
  static constexpr int bits = Bits;
  static constexpr int subs = Subs;
  static constexpr bool has_min = HasMin;
  static constexpr bool product = Product;
  static constexpr int zero_shift = ZeroShift;
  static constexpr int zero = ZeroShift == 0 ? 0 : 1 << ZeroShift;
  static constexpr int quant_bytes = 64 * Bits;
  static constexpr int scales = Subs * (HasMin ? 2 : 1);
  static constexpr int bytes = quant_bytes + 16 * (Product ? 1 : 2) * scales;
  static constexpr int super_bytes = Product ? 32 * (HasMin ? 2 : 1) : 0;
  // Where block b starts in its tile, the scales of 256 inputs before it left out.
  static constexpr int64_t offset(int64_t b) {
    return Product ? b / kSuperBlocks * (super_bytes + kSuperBlocks * bytes) + super_bytes + b % kSuperBlocks * bytes : b * bytes;
  }
};

template <int Type>
struct BlockTile;
template <>
struct BlockTile<XLLM_TYPE_Q4_0> : TileForm<4, 1, false, false, 3> {};
template <>
struct BlockTile<XLLM_TYPE_Q4_1> : TileForm<4, 1, true, false, 0> {};
template <>
struct BlockTile<XLLM_TYPE_Q5_0> : TileForm<5, 1, false, false, 4> {};
template <>
struct BlockTile<XLLM_TYPE_Q5_1> : TileForm<5, 1, true, false, 0> {};
template <>
struct BlockTile<XLLM_TYPE_Q8_0> : TileForm<8, 1, false, false, 7> {};
template <>
struct BlockTile<XLLM_TYPE_Q2_K> : TileForm<4, 2, true, true, 0> {};
template <>
struct BlockTile<XLLM_TYPE_Q3_K> : TileForm<4, 2, false, true, 3> {};
template <>
struct BlockTile<XLLM_TYPE_Q4_K> : TileForm<4, 1, true, true, 0> {};
template <>
struct BlockTile<XLLM_TYPE_Q5_K> : TileForm<5, 1, true, true, 0> {};
template <>
struct BlockTile<XLLM_TYPE_Q6_K> : TileForm<6, 2, false, true, 5> {};

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_BLOCK_TILE_H_
