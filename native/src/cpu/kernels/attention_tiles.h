// The two products of attention for M queries that share every load of keys and values.
#ifndef XLLM_CPU_KERNELS_ATTENTION_TILES_H_
#define XLLM_CPU_KERNELS_ATTENTION_TILES_H_

namespace xllm::cpu {
namespace {

// Values from a tile's query to the next: fixed, so that an address is a base and a constant; and no multiple of a page.
constexpr int kQueryStride = kMaxHeadDim + kLanes;

// int16 weights from a block of 32 dimensions to the next.
constexpr int kBlockWords = kMaxTileQueries * kRange;

// Few queries wait for memory, and the processor's own prefetching ends with a page: they ask for the next block in time.
template <int M>
constexpr bool kPrefetch = M <= 4;

// int8: the scales of a group of 16 positions, wanted after its sums.
XI void prefetch_scales(const RangeView& view, int group, int units) {
  const int64_t end = (units + Q8Kv::kBlockUnits - 1) / Q8Kv::kBlockUnits * view.scale_step;
  for (int64_t at = 0; at < end; at += view.scale_step > 32 ? view.scale_step : 32) {
    Pairs::prefetch(reinterpret_cast<const uint8_t*>(view.key_scales[group] + at));
    Pairs::prefetch(reinterpret_cast<const uint8_t*>(view.value_scales[group] + at));
  }
}

// scores[m][...] of M queries [M][kQueryStride] over G groups of 16 positions: sums over head_dim ascending, not yet scaled
// (int8: sums of 32 dimensions, each times the scale of the key's block).
template <class K, int M, int G>
void score_groups(const typename K::Factor* q, const RangeView& view, int units, int first, int end, float* scores) {
  const uint8_t* keys[G];
  int64_t ahead[G];
  for (int g = 0; g < G; ++g) {
    keys[g] = view.keys[first + g];
    int next = first + G + g;
    if constexpr (K::kStep == 2 && kPrefetch<M>) prefetch_scales(view, first + g, units);
    ahead[g] = (next < end ? view.keys[next] : view.values[2 * (first + g)]) - keys[g];
  }
  for (int begin = 0; begin < units; begin += K::kBlockUnits) {
    const int count = units - begin < K::kBlockUnits ? units - begin : K::kBlockUnits;
    typename K::Sum s[M][G];
#pragma GCC unroll 16
    for (int m = 0; m < M; ++m) {
#pragma GCC unroll 4
      for (int g = 0; g < G; ++g) s[m][g] = K::zero();
    }
    for (int u = 0; u < count; ++u, q += K::kStep) {
      typename K::Operand k[G];
#pragma GCC unroll 4
      for (int g = 0; g < G; ++g) {
        k[g] = K::load(keys[g]);
        if constexpr (kPrefetch<M>) Pairs::prefetch(keys[g] + ahead[g]);
        keys[g] += view.key_step;
      }
#pragma GCC unroll 16
      for (int m = 0; m < M; ++m) {
        typename K::Operand factor = K::factor(q + m * kQueryStride);
#pragma GCC unroll 4
        for (int g = 0; g < G; ++g) s[m][g] = K::mac(factor, k[g], s[m][g]);
      }
    }
#pragma GCC unroll 4
    for (int g = 0; g < G; ++g) {
      V::F scale;
      if constexpr (K::kStep == 2) scale = V::load_half(view.key_scales[first + g] + begin / K::kBlockUnits * view.scale_step);
#pragma GCC unroll 16
      for (int m = 0; m < M; ++m) {
        float* to = scores + m * kRange + (first + g) * kLanes;
        if constexpr (K::kStep == 2) {
          const V::F part = V::to_float(s[m][g]);
          V::store(to, begin == 0 ? V::mul(part, scale) : V::fma(part, scale, V::load(to)));
        } else {
          V::store(to, s[m][g]);
        }
      }
    }
  }
}

template <class K, int M>
void scores_of(const typename K::Factor* q, const RangeView& view, int units, int g0, int g1, float* scores) {
  constexpr int G = vectors_for<M>();
  int g = g0;
  for (; g + G <= g1; g += G) score_groups<K, M, G>(q, view, units, g, g1, scores);
  if constexpr (G > 1) {
    for (; g < g1; ++g) score_groups<K, M, 1>(q, view, units, g, g1, scores);
  }
}

// Adds p[m][t] * v[t][d] for t in [lo, hi) ascending to sums [M][stride], for D vectors of dimensions from `d`. `Fresh`: the
// sums begin at zero. lo and hi are multiples of kStep. int8: p and scale [M] are those of the block of 32 dimensions where d
// is, and of those that follow, kBlockWords and kMaxTileQueries apart.
template <class K, int M, int D, bool Fresh>
void value_dims(const RangeView& view, int stride, int run, const typename K::Factor* p, int lo, int hi, int d,
                float* sums, const float* scale) {
  typename K::Sum o[M][D];
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m) {
#pragma GCC unroll 4
    for (int j = 0; j < D; ++j) {
      if constexpr (Fresh) o[m][j] = K::zero();
      else o[m][j] = V::load(sums + m * stride + d + j * kLanes);
    }
  }
  for (int t = lo; t < hi;) {
    const uint8_t* row = view.values[t / 8] + t % 8 / K::kStep * view.value_step + d * K::kLaneBytes;
    int stop = (t | (run - 1)) + 1;  // a power of two
    const uint8_t* next = stop < hi ? view.values[stop / 8] : view.next;
    const int64_t ahead = next + d * K::kLaneBytes - row;
    if (stop > hi) stop = hi;
    for (; t < stop; t += K::kStep, row += view.value_step) {
      typename K::Operand v[D];
#pragma GCC unroll 4
      for (int j = 0; j < D; ++j) v[j] = K::load(row + j * kLanes * K::kLaneBytes);
      if constexpr (kPrefetch<M>) {
#pragma GCC unroll 4
        for (int j = 0; j < D * kLanes * K::kLaneBytes; j += 64) Pairs::prefetch(row + ahead + j);
      }
#pragma GCC unroll 16
      for (int m = 0; m < M; ++m) {
        typename K::Operand factor = K::factor(p + m * kRange + t);
#pragma GCC unroll 4
        for (int j = 0; j < D; ++j) {
          if (K::kStep == 2 && j == kBlock / kLanes) factor = K::factor(p + kBlockWords + m * kRange + t);
          o[m][j] = K::mac(factor, v[j], o[m][j]);
        }
      }
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < M; ++m) {
#pragma GCC unroll 4
    for (int j = 0; j < D; ++j) {
      float* to = sums + m * stride + d + j * kLanes;
      if constexpr (K::kStep == 2) V::store(to, V::mul(V::to_float(o[m][j]), V::set1(scale[j * kLanes / kBlock * kMaxTileQueries + m])));
      else V::store(to, o[m][j]);
    }
  }
}

// Dimensions [from, to).
template <class K, int M, bool Fresh>
void values_of(const RangeView& view, int stride, int run, const typename K::Factor* p, int lo, int hi, float* sums,
               int from, int to, const float* scale) {
  constexpr int D = vectors_for<M>();
  int d = from;
  for (; d + D * kLanes <= to; d += D * kLanes) value_dims<K, M, D, Fresh>(view, stride, run, p, lo, hi, d, sums, scale);
  if constexpr (D > 1) {
    for (; d < to; d += kLanes) {
      const int block = K::kStep == 2 ? (d - from) / kBlock : 0;
      value_dims<K, M, 1, Fresh>(view, stride, run, p + block * kBlockWords, lo, hi, d, sums,
                                 scale + block * kMaxTileQueries);
    }
  }
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_ATTENTION_TILES_H_
