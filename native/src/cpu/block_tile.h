#ifndef XLLM_CPU_BLOCK_TILE_H_
#define XLLM_CPU_BLOCK_TILE_H_

#include <cstdint>

#include "xllm/xllm.h"

// How 16 rows x 32 inputs of a quantised type lie in a packed matrix:
//   4 bits: 4 x 64 bytes; byte j*64 + row*4 + i = input 8j + i (low nibble), input 8j + 4 + i (high nibble)
//   8 bits: 8 x 64 bytes; byte g*64 + row*4 + i = input 4g + i
// then a scale a row (two for types with sub-blocks of 16: first all of the first half), then the mins likewise; float16
// where the file has them so, float32 where they are products (K-quants). Value = scale * (q - zero) (+ min); zero is 0, or 8
// for 4 bits and 128 for 8 bits whatever the file's zero is, so that kernels find it by a shift.
namespace xllm::cpu {
namespace {

template <int Bits, int Subs, bool HasMin, bool HalfScales, bool HasZero = !HasMin>
struct TileForm {
  using Form = TileForm;  // types of one form share kernels
  static constexpr int bits = Bits;
  static constexpr int subs = Subs;
  static constexpr bool has_min = HasMin;
  static constexpr bool half_scales = HalfScales;
  static constexpr int zero_shift = !HasZero ? 0 : Bits == 4 ? 3 : 7;
  static constexpr int zero = !HasZero ? 0 : 1 << zero_shift;
  static constexpr int quant_bytes = Bits == 4 ? 256 : 512;
  static constexpr int bytes = quant_bytes + 16 * (HalfScales ? 2 : 4) * Subs * (HasMin ? 2 : 1);
};

template <int Type>
struct BlockTile;
template <>
struct BlockTile<XLLM_TYPE_Q4_0> : TileForm<4, 1, false, true> {};
template <>
struct BlockTile<XLLM_TYPE_Q4_1> : TileForm<4, 1, true, true> {};
template <>
struct BlockTile<XLLM_TYPE_Q5_0> : TileForm<8, 1, false, true> {};
template <>
struct BlockTile<XLLM_TYPE_Q5_1> : TileForm<8, 1, true, true> {};
template <>
struct BlockTile<XLLM_TYPE_Q8_0> : TileForm<8, 1, false, true> {};
template <>
struct BlockTile<XLLM_TYPE_Q2_K> : TileForm<4, 2, true, false> {};
template <>
struct BlockTile<XLLM_TYPE_Q3_K> : TileForm<4, 2, false, false> {};
template <>
struct BlockTile<XLLM_TYPE_Q4_K> : TileForm<4, 1, true, false> {};
template <>
struct BlockTile<XLLM_TYPE_Q5_K> : TileForm<8, 1, true, false> {};
template <>
struct BlockTile<XLLM_TYPE_Q6_K> : TileForm<8, 2, false, false> {};

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_BLOCK_TILE_H_
