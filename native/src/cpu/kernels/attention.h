// Paged attention. For each query, ranges of kRange positions (from position 0 of the sequence) are summed alone and merged
// in ascending order, so that batch, chunks, prefix hits, block size and threads cannot change a bit.
#ifndef XLLM_CPU_KERNELS_ATTENTION_H_
#define XLLM_CPU_KERNELS_ATTENTION_H_

namespace xllm::cpu {
namespace {

void store_kv(const KvLayer& kv, int32_t block, int32_t slot, int32_t kv_heads, const float* k, const float* v) {
  const int dim = kv.head_dim;
  uint8_t* head = kv.data + block * kv.block_bytes;
  for (int32_t h = 0; h < kv_heads; ++h, head += kv.head_bytes, k += dim, v += dim) {
    for (int d = 0; d < dim; d += kLanes) {
      int n = dim - d < kLanes ? dim - d : kLanes;
      V::F kd = V::loadn(k + d, n), vd = V::loadn(v + d, n);
      if (kv.is_half) {
        uint16_t lanes[kLanes];
        V::storen_half(lanes, kd, n);
        uint16_t* keys = reinterpret_cast<uint16_t*>(head) + slot;
        for (int i = 0; i < n; ++i) keys[static_cast<int64_t>(d + i) * kv.block_tokens] = lanes[i];
        uint16_t* values = reinterpret_cast<uint16_t*>(head + kv.value_offset);
        V::storen_half(values + static_cast<int64_t>(slot) * kv.value_stride + d, vd, n);
      } else {
        float* keys = reinterpret_cast<float*>(head) + slot;
        for (int i = 0; i < n; ++i) keys[static_cast<int64_t>(d + i) * kv.block_tokens] = k[d + i];
        float* values = reinterpret_cast<float*>(head + kv.value_offset);
        V::storen(values + static_cast<int64_t>(slot) * kv.value_stride + d, vd, n);
      }
    }
  }
}

template <bool Half>
XI V::F load_kv(const uint8_t* p, int64_t index) {
  if constexpr (Half) return V::load_half(reinterpret_cast<const uint16_t*>(p) + index);
  else return V::load(reinterpret_cast<const float*>(p) + index);
}

// Where the keys and values of a range lie. Groups are of 16 positions.
struct RangeView {
  const uint8_t* keys[kRange / kLanes];  // [head_dim][key_stride], at the group's first position
  int64_t key_stride;
  const uint8_t* values[kRange / 8];  // [8][value_stride], of 8 positions each
};

XI const uint8_t* block_head(const AttentionArgs& a, int32_t position) {
  int64_t block = position / a.kv.block_tokens;
  if (a.blocks != nullptr) block = a.blocks[block];
  return a.kv.data + block * a.kv.block_bytes + a.kv_head * a.kv.head_bytes;
}

// Positions [begin, end) are needed; begin is a multiple of 16, `first` of kRange. Blocks of 8 have their keys brought
// together in `keys`, [groups][head_dim][16].
template <bool Half>
void view_range(const AttentionArgs& a, int32_t first, int32_t begin, int32_t end, float* keys, RangeView& view) {
  constexpr int64_t kElement = Half ? 2 : 4;
  const int bt = a.kv.block_tokens;
  for (int32_t p = begin; p < end; p += 8) {
    view.values[(p - first) / 8] =
        block_head(a, p) + a.kv.value_offset + (p % bt) * static_cast<int64_t>(a.kv.value_stride) * kElement;
  }
  if (bt >= kLanes) {
    view.key_stride = bt;
    for (int32_t p = begin; p < end; p += kLanes) view.keys[(p - first) / kLanes] = block_head(a, p) + (p % bt) * kElement;
    return;
  }
  view.key_stride = kLanes;
  const int64_t group_bytes = a.kv.head_dim * kLanes * kElement;
  for (int32_t p = begin; p < end; p += kLanes) {
    uint8_t* group = reinterpret_cast<uint8_t*>(keys) + (p - first) / kLanes * group_bytes;
    view.keys[(p - first) / kLanes] = group;
    for (int half = 0; half < 2; ++half) {
      if (p + 8 * half >= end) continue;
      const uint8_t* from = block_head(a, p + 8 * half);
      for (int d = 0; d < a.kv.head_dim; ++d) {
        std::memcpy(group + (d * kLanes + 8 * half) * kElement, from + d * 8 * kElement, 8 * kElement);
      }
    }
  }
}

// scores[m][...] of M queries over the groups [g0, g1): a chain over head_dim for each position, then * scale, soft cap.
template <bool Half, int M, int G>
XI void score_groups(const AttentionArgs& a, const RangeView& view, const float* const* q, int first, float* scores) {
  V::F s[M][G];
  for (int m = 0; m < M; ++m) {
    for (int g = 0; g < G; ++g) s[m][g] = V::zero();
  }
  const uint8_t* keys[G];
  for (int g = 0; g < G; ++g) keys[g] = view.keys[first + g];
  const int64_t step = view.key_stride * (Half ? 2 : 4);
  for (int d = 0; d < a.kv.head_dim; ++d) {
    for (int g = 0; g < G; ++g) {
      V::F k = load_kv<Half>(keys[g] + d * step, 0);
      for (int m = 0; m < M; ++m) s[m][g] = V::fma(V::set1(q[m][d]), k, s[m][g]);
    }
  }
  const V::F scale = V::set1(a.scale);
  for (int m = 0; m < M; ++m) {
    for (int g = 0; g < G; ++g) {
      V::F v = V::mul(s[m][g], scale);
      if (a.soft_cap > 0) {
        V::F cap = V::set1(a.soft_cap);
        v = V::mul(cap, tanh(V::div(v, cap)));
      }
      V::store(scores + m * kRange + (first + g) * kLanes, v);
    }
  }
}

template <bool Half, int M>
void scores_of(const AttentionArgs& a, const RangeView& view, const float* const* q, int g0, int g1, float* scores) {
  int g = g0;
  for (; g + V::kUnroll <= g1; g += V::kUnroll) score_groups<Half, M, V::kUnroll>(a, view, q, g, scores);
  for (; g < g1; ++g) score_groups<Half, M, 1>(a, view, q, g, scores);
}

// Scores become e^(s - max) in place; positions outside [lo, hi) become 0. Gives max and sum (16 lanes, then a tree).
XI void softmax_of(float* scores, int lo, int hi, float& max, float& sum) {
  int g0 = lo / kLanes, g1 = (hi + kLanes - 1) / kLanes;
  V::F largest = V::set1(-__builtin_inff());
  for (int g = g0; g < g1; ++g) {
    int from = lo > g * kLanes ? lo - g * kLanes : 0, to = hi - g * kLanes < kLanes ? hi - g * kLanes : kLanes;
    V::F s = V::keep(V::load(scores + g * kLanes), from, to, -__builtin_inff());
    largest = V::max(s, largest);
  }
  max = V::max_of(largest);
  V::F total = V::zero(), shift = V::set1(max);
  for (int g = g0; g < g1; ++g) {
    int from = lo > g * kLanes ? lo - g * kLanes : 0, to = hi - g * kLanes < kLanes ? hi - g * kLanes : kLanes;
    V::F p = V::keep(exp(V::sub(V::load(scores + g * kLanes), shift)), from, to, 0.0f);
    V::store(scores + g * kLanes, p);
    total = V::add(total, p);
  }
  sum = V::sum(total);
}

// acc[m][d] = fma(p[m][t], v[t][d], acc) for t in [lo, hi) ascending, for D vectors of dimensions from `d`.
template <bool Half, int M, int D>
XI void values_of(const AttentionArgs& a, const RangeView& view, const float* p, int lo, int hi, int d,
                  float* const* acc) {
  constexpr int64_t kElement = Half ? 2 : 4;
  V::F o[M][D];
  for (int m = 0; m < M; ++m) {
    for (int j = 0; j < D; ++j) o[m][j] = V::load(acc[m] + d + j * kLanes);
  }
  for (int t = lo; t < hi; ++t) {
    const uint8_t* row = view.values[t / 8] + (t % 8) * a.kv.value_stride * kElement;
    for (int j = 0; j < D; ++j) {
      V::F v = load_kv<Half>(row, d + j * kLanes);
      for (int m = 0; m < M; ++m) o[m][j] = V::fma(V::set1(p[m * kRange + t]), v, o[m][j]);
    }
  }
  for (int m = 0; m < M; ++m) {
    for (int j = 0; j < D; ++j) V::store(acc[m] + d + j * kLanes, o[m][j]);
  }
}

template <bool Half, int M>
void values_all(const AttentionArgs& a, const RangeView& view, const float* p, int lo, int hi, float* const* acc) {
  int d = 0;
  constexpr int kStep = V::kUnroll * kLanes;
  for (; d + kStep <= a.kv.value_stride; d += kStep) values_of<Half, M, V::kUnroll>(a, view, p, lo, hi, d, acc);
  for (; d < a.kv.value_stride; d += kLanes) values_of<Half, M, 1>(a, view, p, lo, hi, d, acc);
}

// What is known of a query so far: largest score, sum, and the unnormalised output.
struct Running {
  float max;
  float sum;
  float unused[kLanes - 2];
};

// M queries over one range.
template <bool Half, int M>
void attend_range(const AttentionArgs& a, const RangeView& view, const float* const* q, const int* lo, const int* hi,
                  Running* const* running, float* const* total, float* scores, float* range_out) {
  const int stride = a.kv.value_stride;
  int low = lo[0], high = hi[0], inner_low = lo[0], inner_high = hi[0];
  for (int m = 1; m < M; ++m) {
    low = lo[m] < low ? lo[m] : low, high = hi[m] > high ? hi[m] : high;
    inner_low = lo[m] > inner_low ? lo[m] : inner_low, inner_high = hi[m] < inner_high ? hi[m] : inner_high;
  }
  scores_of<Half, M>(a, view, q, low / kLanes, (high + kLanes - 1) / kLanes, scores);
  float max[M], sum[M];
  float* acc[M];
  for (int m = 0; m < M; ++m) {
    softmax_of(scores + m * kRange, lo[m], hi[m], max[m], sum[m]);
    acc[m] = range_out + m * stride;
    for (int d = 0; d < stride; d += kLanes) V::store(acc[m] + d, V::zero());
  }
  if (inner_low < inner_high) {
    for (int m = 0; m < M; ++m) {
      if (lo[m] < inner_low) values_all<Half, 1>(a, view, scores + m * kRange, lo[m], inner_low, acc + m);
    }
    values_all<Half, M>(a, view, scores, inner_low, inner_high, acc);
    for (int m = 0; m < M; ++m) {
      if (inner_high < hi[m]) values_all<Half, 1>(a, view, scores + m * kRange, inner_high, hi[m], acc + m);
    }
  } else {
    for (int m = 0; m < M; ++m) values_all<Half, 1>(a, view, scores + m * kRange, lo[m], hi[m], acc + m);
  }
  for (int m = 0; m < M; ++m) {
    if (lo[m] >= hi[m]) continue;
    Running& r = *running[m];
    float larger = max[m] > r.max ? max[m] : r.max;
    float before = exp1(r.max - larger), here = exp1(max[m] - larger);
    float scaled = sum[m] * here;
    r.sum = __builtin_fmaf(r.sum, before, scaled);
    r.max = larger;
    V::F vb = V::set1(before), vh = V::set1(here);
    for (int d = 0; d < stride; d += kLanes) {
      V::store(total[m] + d, V::fma(V::load(total[m] + d), vb, V::mul(V::load(acc[m] + d), vh)));
    }
  }
}

template <bool Half, int M>
void attend_tile(const AttentionArgs& a, const RangeView& view, int query, int32_t first, Running* running,
                 float* totals, float* scores, float* range_out) {
  const float* q[M];
  int lo[M], hi[M];
  Running* r[M];
  float* total[M];
  bool any = false;
  for (int m = 0; m < M; ++m) {
    int row = (query + m) / a.group, head = (query + m) % a.group;
    int32_t position = a.position + row;
    int64_t from = a.window > 0 ? static_cast<int64_t>(position) - a.window + 1 : 0;
    lo[m] = static_cast<int>(from > first ? (from - first < kRange ? from - first : kRange) : 0);
    hi[m] = position - first < kRange ? (position < first ? 0 : position - first + 1) : kRange;
    any = any || lo[m] < hi[m];
    if (lo[m] > hi[m]) lo[m] = hi[m];
    q[m] = a.q + row * a.q_stride + head * a.kv.head_dim;
    r[m] = running + query + m;
    total[m] = totals + static_cast<int64_t>(query + m) * a.kv.value_stride;
  }
  if (any) attend_range<Half, M>(a, view, q, lo, hi, r, total, scores, range_out);
}

template <bool Half>
void attention_of(const AttentionArgs& a) {
  const int queries = a.rows * a.group, stride = a.kv.value_stride;
  float* range_out = a.scratch;
  float* scores = range_out + kQueryTile * stride;
  Running* running = reinterpret_cast<Running*>(scores + kQueryTile * kRange);
  float* totals = reinterpret_cast<float*>(running + queries);
  float* keys = totals + static_cast<int64_t>(queries) * stride;
  for (int i = 0; i < queries; ++i) {
    running[i].max = -__builtin_inff();
    running[i].sum = 0;
  }
  for (int64_t i = 0; i < static_cast<int64_t>(queries) * stride; i += kLanes) V::store(totals + i, V::zero());

  int32_t last = a.position + a.rows - 1;
  int32_t begin = a.window > 0 && a.position >= a.window ? a.position - a.window + 1 : 0;
  for (int32_t first = begin / kRange * kRange; first <= last; first += kRange) {
    RangeView view;
    int32_t from = begin > first ? begin / kLanes * kLanes : first;
    int32_t to = last - first < kRange ? last + 1 : first + kRange;
    view_range<Half>(a, first, from, to, keys, view);
    int query = 0;
    for (; query + kQueryTile <= queries; query += kQueryTile) {
      attend_tile<Half, kQueryTile>(a, view, query, first, running, totals, scores, range_out);
    }
    switch (queries - query) {
      case 3: attend_tile<Half, 3>(a, view, query, first, running, totals, scores, range_out); break;
      case 2: attend_tile<Half, 2>(a, view, query, first, running, totals, scores, range_out); break;
      case 1: attend_tile<Half, 1>(a, view, query, first, running, totals, scores, range_out); break;
      default: break;
    }
  }
  for (int i = 0; i < queries; ++i) {
    V::F inverse = V::set1(1.0f / running[i].sum);
    float* out = a.out + (i / a.group) * a.out_stride + (i % a.group) * a.kv.head_dim;
    for (int d = 0; d < a.kv.head_dim; d += kLanes) {
      int n = a.kv.head_dim - d < kLanes ? a.kv.head_dim - d : kLanes;
      V::storen(out + d, V::mul(V::load(totals + static_cast<int64_t>(i) * stride + d), inverse), n);
    }
  }
}

void attention(const AttentionArgs& a) {
  if (a.kv.is_half) {
    attention_of<true>(a);
  } else {
    attention_of<false>(a);
  }
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_ATTENTION_H_
