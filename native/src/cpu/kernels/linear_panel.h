// LINEAR over quantised weights with int8 activations. V::kPanelTiles tiles of weights meet the tokens of a panel (or a part of
// it) at a time: sums of a block stay in registers over its groups of 4 inputs, outputs over all blocks. Few tokens take
// the packed tiles as they are; for more, tiles are unpacked to bytes and float scales once and stay in L2.
// For each (sub-)block ascending: acc = fma(dw * da, isum, acc), then acc = fma(m, da * asum, acc).
#ifndef XLLM_CPU_KERNELS_LINEAR_PANEL_H_
#define XLLM_CPU_KERNELS_LINEAR_PANEL_H_

#include "cpu/block_tile.h"

namespace xllm::cpu {
namespace {

constexpr int kUnpackedBlocks = 24;         // blocks that are unpacked at most at a time
constexpr int64_t kUnfinishedTokens = 252;  // tokens whose outputs wait for the next blocks; a multiple of kPanelTokens
constexpr int64_t kFetchBytes = 256;        // weights fetched ahead beside a block
constexpr int64_t kActBytes = 448 << 10;    // activations that stay in L2 while tiles pass

constexpr int kTiles = V::kPanelTiles;

template <class Q>
struct PanelScratch {
  alignas(64) float scales[kTiles][kUnpackedBlocks * Q::scales * kLanes];
  alignas(64) uint8_t quants[kTiles][kUnpackedBlocks * 512];
  alignas(64) float unfinished[kUnfinishedTokens * kTiles * kLanes];
};

// Blocks [begin, begin + blocks) of a tile; begin is a multiple of kSuperBlocks.
template <class Q>
void unpack_tile(const uint8_t* tile, int64_t begin, int64_t blocks, float* scales, uint8_t* quants) {
  const uint8_t* super = tile;
  for (int64_t b = begin; b < begin + blocks; ++b, quants += 512) {
    const uint8_t* block = tile + Q::offset(b);
    if (b % kSuperBlocks == 0) super = block - Q::super_bytes;
    unpack_groups<Q::bits>(block, quants);
    for (int s = 0; s < Q::scales; ++s, scales += kLanes) V::store(scales, load_scale<Q>(block, super, s));
  }
}

// Blocks of kTiles tiles and of T slots of the panels. Where fewer tiles are left, the last one stands in for the missing ones.
struct PanelCall {
  const uint8_t* tiles[kTiles];  // packed (their scales within), or unpacked bytes
  const float* scales[kTiles];   // of unpacked tiles
  int tile_count;
  const ActPanel* acts;
  int slot;
  int64_t blocks;
  bool first;         // of the outputs' blocks: they start at 0, otherwise from `unfinished` [T][kTiles][16]
  bool last;          // outputs are done
  float* unfinished;
  const uint8_t* fetch;      // weights wanted next, or NULL
  const uint8_t* fetch_end;
};

template <class Q, bool Packed, int T>
struct PanelState {
  const uint8_t* w[kTiles];
  const uint8_t* super[kTiles];
  const float* scales[kTiles];
  const ActPanel* x;
  int slot;
  V::F acc[kTiles][T];

  __attribute__((always_inline)) V::F scale(int r, int index) const {
    if constexpr (Packed) return load_scale<Q>(w[r], super[r], index);
    else return V::load(scales[r] + index * kLanes);
  }
};

// A (sub-)block's sum goes into an output with the scale d, and the minimum m, of its 16 rows.
template <class Q>
XI V::F add_block(V::F acc, V::F d, V::F m, V::I sum, const ActPanel& x, int slot, int sub) {
  const ActPanel::Scale& s = x.s[slot];
  const int32_t& minus = Q::subs == 1 ? x.minus_sum[slot] : x.minus_half[slot][sub];
  V::I isum = V::panel_total<Q::bits, Q::zero_shift>(sum, minus);
  acc = V::fma(V::mul_by(d, &s.scale), V::to_float(isum), acc);
  if constexpr (Q::has_min && Q::subs == 1) acc = V::fma_by(m, &s.scaled_sum, acc);
  if constexpr (Q::has_min && Q::subs != 1) acc = V::fma(m, V::set1(s.scale * static_cast<float>(-minus)), acc);
  return acc;
}

// Groups [G0, G1) of a block, then into the outputs with the scales of sub-block S.
template <class Q, bool Packed, int T, int G0, int G1, int S>
XI void panel_sub(PanelState<Q, Packed, T>& p) {
  const ActPanel& x = *p.x;
  V::I sum[kTiles][T];
#pragma GCC unroll 8
  for (int t = 0; t < T; ++t) {
    const int32_t& minus = Q::subs == 1 ? x.minus_sum[p.slot + t] : x.minus_half[p.slot + t][S];
    V::I start = V::panel_start<Q::bits, Q::zero_shift>(minus);
#pragma GCC unroll 4
    for (int r = 0; r < kTiles; ++r) sum[r][t] = start;
  }
#pragma GCC unroll 4
  for (int j = G0 / 2; j < G1 / 2; ++j) {
    V::Bytes w[2][kTiles];
#pragma GCC unroll 4
    for (int r = 0; r < kTiles; ++r) V::group_pair<Packed ? Q::bits : 8>(p.w[r], j, w[0][r], w[1][r]);
#pragma GCC unroll 2
    for (int h = 0; h < 2; ++h) {
#pragma GCC unroll 8
      for (int t = 0; t < T; ++t) {
        V::panel_dot<Q::bits, Q::zero_shift, kTiles>(w[h], x.q[p.slot + t] + 8 * j + 4 * h, [&](int r) -> V::I& { return sum[r][t]; });
      }
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < kTiles; ++r) {
    V::F d = p.scale(r, S);
    V::F m = Q::has_min ? p.scale(r, Q::subs + S) : d;
#pragma GCC unroll 8
    for (int t = 0; t < T; ++t) p.acc[r][t] = add_block<Q>(p.acc[r][t], d, m, sum[r][t], x, p.slot + t, S);
  }
}

template <class Q, bool Packed, int T>
__attribute__((noinline)) void panel_tokens(const LinearArgs& a, const PanelCall& call, int64_t tile, int64_t token) {
  PanelState<Q, Packed, T> p;
  p.x = call.acts;
  p.slot = V::kPanelGroup == kPanelTokens ? 0 : call.slot;
#pragma GCC unroll 4
  for (int r = 0; r < kTiles; ++r) {
    p.w[r] = p.super[r] = call.tiles[r];
    p.scales[r] = call.scales[r];
#pragma GCC unroll 8
    for (int t = 0; t < T; ++t) p.acc[r][t] = call.first ? V::zero() : V::load(call.unfinished + (t * kTiles + r) * kLanes);
  }
  if (call.last) {
    // Outputs are far apart and last used long ago: their lines come while the sums are made.
    const float* out = a.out + token * a.out_stride + (tile - a.out_tile) * kLanes;
    for (int t = 0; t < T; ++t, out += a.out_stride) {
      for (int r = 0; r < call.tile_count; ++r) __builtin_prefetch(out + r * kLanes, 1);
    }
  }
  const uint8_t* fetch = call.fetch;
  for (int64_t b = 0; b < call.blocks; ++b) {
    if constexpr (Packed) {
      if (Q::product && b % kSuperBlocks == 0) {
#pragma GCC unroll 4
        for (int r = 0; r < kTiles; ++r) p.super[r] = p.w[r], p.w[r] += Q::super_bytes;
      }
#pragma GCC unroll 4
      for (int r = 0; r < kTiles; ++r) V::template prefetch<Q::bytes>(p.w[r] + 2048);
    } else if (fetch < call.fetch_end) {
      V::template prefetch<kFetchBytes>(fetch);
      fetch += kFetchBytes;
    }
    if constexpr (Q::subs == 1) {
      panel_sub<Q, Packed, T, 0, 8, 0>(p);
    } else {
      panel_sub<Q, Packed, T, 0, 4, 0>(p);
      panel_sub<Q, Packed, T, 4, 8, 1>(p);
    }
#pragma GCC unroll 4
    for (int r = 0; r < kTiles; ++r) {
      p.w[r] += Packed ? Q::bytes : 512;
      p.scales[r] += Packed ? 0 : Q::scales * kLanes;
    }
    ++p.x;
  }
#pragma GCC unroll 4
  for (int r = 0; r < kTiles; ++r) {
#pragma GCC unroll 8
    for (int t = 0; t < T; ++t) {
      if (call.last) {
        if (r < call.tile_count) finish_outputs(a, tile + r, token + t, p.acc[r][t]);
      } else {
        V::store(call.unfinished + (t * kTiles + r) * kLanes, p.acc[r][t]);
      }
    }
  }
}

// Tokens [T0, T0 + N), in slots from S0 of the panels on, against a block's unpacked groups of one tile; a few at a time, so that
// their sums do not wait for each other.
template <class Q, int T0, int S0, int N>
XI void wide_part(const V::Bytes (&w)[8], const V::F (&scale)[Q::scales], const ActPanel* const* panels, V::F* acc) {
#pragma GCC unroll 2
  for (int sub = 0; sub < Q::subs; ++sub) {
    V::I sum[N];
#pragma GCC unroll 6
    for (int i = 0; i < N; ++i) {
      const ActPanel& x = *panels[(S0 + i) / kPanelTokens];
      const int slot = (S0 + i) % kPanelTokens;
      sum[i] = V::panel_start<Q::bits, Q::zero_shift>(Q::subs == 1 ? x.minus_sum[slot] : x.minus_half[slot][sub]);
    }
#pragma GCC unroll 8
    for (int g = 8 / Q::subs * sub; g < 8 / Q::subs * (sub + 1); ++g) {
      const V::Bytes one[1] = {w[g]};
#pragma GCC unroll 6
      for (int i = 0; i < N; ++i) {
        const ActPanel& x = *panels[(S0 + i) / kPanelTokens];
        V::panel_dot<Q::bits, Q::zero_shift, 1>(one, x.q[(S0 + i) % kPanelTokens] + 4 * g, [&](int) -> V::I& { return sum[i]; });
      }
    }
#pragma GCC unroll 6
    for (int i = 0; i < N; ++i) {
      const ActPanel& x = *panels[(S0 + i) / kPanelTokens];
      acc[T0 + i] = add_block<Q>(acc[T0 + i], scale[sub], scale[Q::has_min ? Q::subs + sub : sub], sum[i], x,
                                 (S0 + i) % kPanelTokens, sub);
    }
  }
}

// T tokens, the first in slot S, against one packed tile: its groups are unpacked once, and stay in registers beside T outputs.
template <class Q, int T, int S>
__attribute__((noinline)) void wide_tokens(const LinearArgs& a, int64_t tile, int64_t token) {
  constexpr int kPanels = (S + T + kPanelTokens - 1) / kPanelTokens;
  const int64_t blocks = a.weight->cols / kBlock;
  const uint8_t *w = a.weight->data + tile * a.weight->tile_bytes, *super = w;
  const ActPanel* x[kPanels];
  V::F acc[T];
#pragma GCC unroll 4
  for (int p = 0; p < kPanels; ++p) x[p] = a.acts + (token / kPanelTokens + p) * blocks;
#pragma GCC unroll 16
  for (int t = 0; t < T; ++t) acc[t] = V::zero();
  for (int64_t b = 0; b < blocks; ++b) {
    if (Q::product && b % kSuperBlocks == 0) super = w, w += Q::super_bytes;
    V::template prefetch<Q::bytes>(w + 2048);
    V::Bytes groups[8];
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) V::group_pair<Q::bits>(w, j, groups[2 * j], groups[2 * j + 1]);
    V::F scale[Q::scales];
#pragma GCC unroll 4
    for (int s = 0; s < Q::scales; ++s) scale[s] = load_scale<Q>(w, super, s);
    wide_part<Q, 0, S, 4>(groups, scale, x, acc);
    wide_part<Q, 4, S + 4, 4>(groups, scale, x, acc);
    if constexpr (T == 16) {
      wide_part<Q, 8, S + 8, 4>(groups, scale, x, acc);
      wide_part<Q, 12, S + 12, 4>(groups, scale, x, acc);
    }
    w += Q::bytes;
#pragma GCC unroll 4
    for (int p = 0; p < kPanels; ++p) ++x[p];
  }
#pragma GCC unroll 16
  for (int t = 0; t < T; ++t) finish_outputs(a, tile, token + t, acc[t]);
}

// 8, 16 and 32 tokens, the sizes that batches have most often; false for others, and where registers are too few.
template <class Q>
bool wide_batch(const LinearArgs& a) {
  if constexpr (V::kPanelGroup == kPanelTokens) {
    if (a.tokens != 8 && a.tokens != 16 && a.tokens != 32) return false;
    for (int64_t tile = a.tile_begin; tile < a.tile_end; ++tile) {
      if (a.tokens == 8) {
        wide_tokens<Q, 8, 0>(a, tile, 0);
      } else {
        wide_tokens<Q, 16, 0>(a, tile, 0);
        if (a.tokens == 32) wide_tokens<Q, 16, 16 % kPanelTokens>(a, tile, 16);
      }
    }
    return true;
  } else {
    return false;
  }
}

template <class Q, bool Packed>
void panel_group(const LinearArgs& a, const PanelCall& call, int64_t tile, int64_t token, int64_t count) {
  if constexpr (V::kPanelGroup >= 6) {
    if (count >= 6) return panel_tokens<Q, Packed, 6>(a, call, tile, token);
    if (count == 5) return panel_tokens<Q, Packed, 5>(a, call, tile, token);
    if (count == 4) return panel_tokens<Q, Packed, 4>(a, call, tile, token);
  }
  if constexpr (V::kPanelGroup >= 3) {
    if (count >= 3) return panel_tokens<Q, Packed, 3>(a, call, tile, token);
    if (count == 2) return panel_tokens<Q, Packed, 2>(a, call, tile, token);
  }
  panel_tokens<Q, Packed, 1>(a, call, tile, token);
}

// Calls for tokens [begin, end), which start a panel, at the blocks from `block`.
template <class Q, bool Packed>
void panel_groups(const LinearArgs& a, PanelCall& call, int64_t tile, int64_t block, int64_t begin, int64_t end,
                  float* unfinished) {
  const int64_t panel_blocks = a.weight->cols / kBlock;
  for (int64_t token = begin; token < end; token += V::kPanelGroup) {
    call.acts = a.acts + token / kPanelTokens * panel_blocks + block;
    call.slot = static_cast<int>(token % kPanelTokens);
    call.unfinished = unfinished + (token - begin) * kTiles * kLanes;
    panel_group<Q, Packed>(a, call, tile, token, end - token);
    if (call.fetch != nullptr) call.fetch += kFetchBytes * call.blocks;
  }
}

int tiles_left(const LinearArgs& a, int64_t tile) {
  return a.tile_end - tile < kTiles ? static_cast<int>(a.tile_end - tile) : kTiles;
}

template <class Q>
void few_tokens(const LinearArgs& a) {
  if (wide_batch<Q>(a)) return;
  const PackedMatrix& w = *a.weight;
  for (int64_t tile = a.tile_begin; tile < a.tile_end; tile += kTiles) {
    PanelCall call{};
    call.tile_count = tiles_left(a, tile);
    for (int r = 0; r < kTiles; ++r) {
      call.tiles[r] = w.data + (tile + (r < call.tile_count ? r : call.tile_count - 1)) * w.tile_bytes;
    }
    call.blocks = w.cols / kBlock;
    call.first = call.last = true;
    panel_groups<Q, true>(a, call, tile, 0, 0, a.tokens, nullptr);
  }
}

// Blocks unpacked at a time: equal parts of a row, each small enough for L1 beside a stream of activations.
template <class Q>
int64_t unpacked_blocks(int64_t blocks) {
  constexpr int64_t kFits = 18;
  int64_t parts = (blocks + kFits - 1) / kFits, part = (blocks + parts - 1) / parts;
  return Q::product ? (part + kSuperBlocks - 1) / kSuperBlocks * kSuperBlocks : part;
}

// kTiles tiles from `tile`, tokens [begin, end).
template <class Q>
void unpacked_tiles(const LinearArgs& a, PanelScratch<Q>& scratch, int64_t tile, int64_t begin, int64_t end) {
  const PackedMatrix& w = *a.weight;
  const int64_t blocks = w.cols / kBlock;
  const int64_t part = unpacked_blocks<Q>(blocks);
  for (int64_t b = 0; b < blocks; b += part) {
    PanelCall call{};
    call.tile_count = tiles_left(a, tile);
    call.blocks = blocks - b < part ? blocks - b : part;
    call.first = b == 0;
    call.last = b + call.blocks == blocks;
    for (int r = 0; r < kTiles; ++r) {
      int from = r < call.tile_count ? r : call.tile_count - 1;
      if (from == r) {
        unpack_tile<Q>(w.data + (tile + r) * w.tile_bytes, b, call.blocks, scratch.scales[r], scratch.quants[r]);
      }
      call.tiles[r] = scratch.quants[from];
      call.scales[r] = scratch.scales[from];
    }
    // The tiles that follow come from memory while these are used.
    if (call.last) {
      bool more = tile + kTiles < a.tile_end;
      call.fetch = more ? w.data + (tile + kTiles) * w.tile_bytes : a.next;
      call.fetch_end = call.fetch + (more ? tiles_left(a, tile + kTiles) * w.tile_bytes : a.next_bytes);
    }
    panel_groups<typename Q::Unpacked, false>(a, call, tile, b, begin, end, scratch.unfinished);
  }
}

template <class Q>
__attribute__((noinline)) void many_tokens(const LinearArgs& a) {
  PanelScratch<Q> scratch;
  const int64_t panel_bytes = a.weight->cols / kBlock * static_cast<int64_t>(sizeof(ActPanel));
  int64_t chunk = kActBytes / panel_bytes * kPanelTokens;
  if (chunk > kUnfinishedTokens) chunk = kUnfinishedTokens;
  if (chunk < 4 * kPanelTokens) chunk = 4 * kPanelTokens;
  for (int64_t token = 0; token < a.tokens; token += chunk) {
    int64_t end = token + chunk < a.tokens ? token + chunk : a.tokens;
    for (int64_t tile = a.tile_begin; tile < a.tile_end; tile += kTiles) unpacked_tiles<Q>(a, scratch, tile, token, end);
  }
}

template <class Q>
void linear_panels(const LinearArgs& a) {
  if (a.tokens <= V::kPackedTokens) {
    few_tokens<Q>(a);
  } else {
    many_tokens<Q>(a);
  }
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_LINEAR_PANEL_H_
