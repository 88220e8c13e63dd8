// Paged attention. For each query, ranges of kRange positions (from position 0 of the sequence) are summed alone and merged
// in ascending order, so that batch, chunks, prefix hits, block size and threads cannot change a bit.
#ifndef XLLM_CPU_KERNELS_ATTENTION_H_
#define XLLM_CPU_KERNELS_ATTENTION_H_

namespace xllm::cpu {
namespace {

// An item's state, in its scratch. Queries are (row, head of the group), heads fastest.
template <class K>
struct Item {
  const AttentionArgs& a;
  int queries;
  int units;  // operands of a key
  float* max = nullptr;      // [queries + 16] of the ranges so far
  float* sum = nullptr;      // [queries + 16]
  float* totals = nullptr;   // [queries, stride], not normalised
  float* q_scale = nullptr;  // [queries + 16]
  float* scores = nullptr;   // [kMaxTileQueries, kRange]
  float* sums = nullptr;     // [kMaxTileQueries, stride] of a range
  int16_t* words = nullptr;  // [2, kMaxTileQueries, kRange], int8 only
  float* scales = nullptr;   // [2, kRange] of values, int8 only
  float* view = nullptr;
  int16_t* words_q = nullptr;        // [queries, units * 2] of all queries, int8 only
  typename K::Factor* q = nullptr;  // [kMaxTileQueries, kQueryStride]
};

template <class K>
XI Item<K> make_item(const AttentionArgs& a) {
  const int queries = a.rows * a.group, stride = a.kv.value_stride;
  float* at = a.scratch;
  auto take = [&at](int64_t floats) {
    float* from = at;
    at += floats;
    return from;
  };
  Item<K> item{a, queries, (a.kv.head_dim + K::kStep - 1) / K::kStep};
  item.max = take(queries + kLanes);
  item.sum = take(queries + kLanes);
  item.q_scale = take(queries + kLanes);
  item.totals = take(static_cast<int64_t>(queries) * stride);
  item.scores = take(kMaxTileQueries * kRange);
  item.sums = take(static_cast<int64_t>(kMaxTileQueries) * stride);
  item.words = reinterpret_cast<int16_t*>(take(kMaxTileQueries * kRange));
  item.scales = take(2 * kRange);
  item.view = take(view_floats(a.kv.head_dim));
  item.q = reinterpret_cast<typename K::Factor*>(take(kMaxTileQueries * kQueryStride));
  item.words_q = reinterpret_cast<int16_t*>(take(0));
  return item;
}

// Calls body<M>(query) for tiles of M queries, the largest first.
template <class Body>
XI void for_tiles(int queries, Body&& body) {
  for (int query = 0; query < queries;) {
    int left = queries - query;
    if constexpr (Pairs::kQueries >= 12) {
      if (left >= 12) {
        body.template operator()<12>(query), query += 12;
        continue;
      }
      if (left >= 8) {
        body.template operator()<8>(query), query += 8;
        continue;
      }
    }
    if constexpr (Pairs::kQueries >= 6) {
      if (left >= 6) {
        body.template operator()<6>(query), query += 6;
        continue;
      }
    }
    switch (left) {
      case 1: body.template operator()<1>(query), query += 1; break;
      case 2: body.template operator()<2>(query), query += 2; break;
      case 3: body.template operator()<3>(query), query += 3; break;
      default: body.template operator()<4>(query), query += 4; break;
    }
  }
}

XI const float* query_of(const AttentionArgs& a, int query) {
  return a.q + query / a.group * a.q_stride + query % a.group * a.kv.head_dim;
}

// A query as int16: of 1 / 32767 of its largest, so that sums over 32 dimensions fit int32.
XI float quantize_query(const float* q, int n, int16_t* out) {
  V::F largest = V::zero();
  for (int d = 0; d < n; d += kLanes) {
    largest = V::max(V::abs(V::loadn(q + d, n - d < kLanes ? n - d : kLanes)), largest);
  }
  float max = V::max_of(largest);
  bool zero = !(max >= 1e-30f);
  const V::F inverse = V::set1(zero ? 0.0f : 32767.0f / max), low = V::set1(-32767.0f), high = V::set1(32767.0f);
  for (int d = 0; d < n; d += kLanes) {
    V::F y = V::mul(V::loadn(q + d, n - d < kLanes ? n - d : kLanes), inverse);
    Pairs::store_words(out + d, V::to_int(V::min(V::max(y, low), high)));
  }
  return zero ? 0.0f : max / 32767.0f;
}

// Int8 KV: queries as int16, once for an item.
XI void quantize_queries(const Item<Q8Kv>& item) {
  const int dim = item.a.kv.head_dim, width = 2 * item.units;
  for (int i = 0; i < item.queries; ++i) {
    int16_t words[kMaxHeadDim + kLanes];
    item.q_scale[i] = quantize_query(query_of(item.a, i), dim, words);
    std::memcpy(item.words_q + static_cast<int64_t>(i) * width, words, sizeof(int16_t) * width);
  }
}

// A tile's queries where score_groups() finds them.
template <class K, int M>
XI void place_queries(const Item<K>& item, int query) {
  for (int m = 0; m < M; ++m) {
    typename K::Factor* to = item.q + m * kQueryStride;
    if constexpr (K::kStep == 2) {
      const int64_t width = 2 * item.units;
      std::memcpy(to, item.words_q + (query + m) * width, sizeof(int16_t) * width);
    } else {
      const float* q = query_of(item.a, query + m);
      int d = 0;
      for (; d + kLanes <= item.units; d += kLanes) V::store(to + d, V::load(q + d));
      for (; d < item.units; ++d) to[d] = q[d];
    }
  }
}

// Merges ranges' results into running ones: largest score and sum here, and the factors for what was before and what is new.
// Queries whose range is empty keep theirs.
XI void merge_factors(int n, const bool* any, const float* max, const float* sum, float* run_max, float* run_sum,
                      float* before, float* here) {
  V::F m = V::loadn(max, n), r = V::loadn(run_max, n);
  V::F larger = V::max(m, r);
  V::F b = exp2(V::sub(r, larger)), h = exp2(V::sub(m, larger));
  V::F total = V::fma(V::loadn(run_sum, n), b, V::mul(V::loadn(sum, n), h));
  float new_max[kLanes], new_sum[kLanes];
  V::store(new_max, larger), V::store(new_sum, total), V::store(before, b), V::store(here, h);
  for (int i = 0; i < n; ++i) {
    if (any[i]) run_max[i] = new_max[i], run_sum[i] = new_sum[i];
  }
}

XI void merge_values(float* total, const float* sums, int stride, float before, float here) {
  const V::F b = V::set1(before), h = V::set1(here);
  for (int d = 0; d < stride; d += kLanes) {
    V::store(total + d, V::fma(V::load(total + d), b, V::mul(V::load(sums + d), h)));
  }
}

// Visible positions of M queries within a range.
template <int M>
struct Bounds {
  int lo[M], hi[M];
  bool any[M];
  int low = kRange, high = 0, inner_low = 0, inner_high = kRange;
};

template <int M>
XI Bounds<M> bounds_of(const AttentionArgs& a, int query, int32_t first) {
  Bounds<M> b;
  for (int m = 0; m < M; ++m) {
    int32_t position = a.position + (query + m) / a.group;
    int64_t from = a.window > 0 ? static_cast<int64_t>(position) - a.window + 1 : 0;
    int lo = static_cast<int>(from > first ? (from - first < kRange ? from - first : kRange) : 0);
    int hi = position - first < kRange ? (position < first ? 0 : position - first + 1) : kRange;
    if (lo > hi) lo = hi;
    b.lo[m] = lo, b.hi[m] = hi, b.any[m] = lo < hi;
    if (lo < hi) {
      b.low = lo < b.low ? lo : b.low;
      b.high = hi > b.high ? hi : b.high;
    }
    b.inner_low = lo > b.inner_low ? lo : b.inner_low;
    b.inner_high = hi < b.inner_high ? hi : b.inner_high;
  }
  return b;
}

// Softmax of M queries. Step by step for all of them, so that no query waits for another's tree of lanes.
template <class K, int M>
void tile_softmax(const Item<K>& item, const Bounds<M>& b, int query, float* max, float* sum) {
  const AttentionArgs& a = item.a;
  float factor[M], largest[M];
  float lanes[M][kLanes];
  for (int m = 0; m < M; ++m) {
    float* p = item.scores + m * kRange;
    float scale = K::kStep == 2 ? a.scale * item.q_scale[query + m] : a.scale;
    if (a.soft_cap > 0) cap_scores(p, b.lo[m], b.hi[m], scale, a.soft_cap);
    factor[m] = a.soft_cap > 0 ? kLog2E : scale * kLog2E;
    V::store(lanes[m], max_score(p, b.lo[m], b.hi[m]));
  }
  for (int m = 0; m < M; ++m) {
    largest[m] = V::max_of(V::load(lanes[m]));
    max[m] = largest[m] * factor[m];
  }
  for (int m = 0; m < M; ++m) {
    V::store(lanes[m], exponentials(item.scores + m * kRange, b.lo[m], b.hi[m], factor[m], largest[m]));
  }
  for (int m = 0; m < M; ++m) sum[m] = V::sum(V::load(lanes[m]));
}

// Int8: the weights of B blocks of 32 dimensions as int16 [B][kMaxTileQueries][kRange], and what one of them is worth
// [B][kMaxTileQueries].
template <int M, int B>
void tile_words(const Item<Q8Kv>& item, const RangeView& view, const Bounds<M>& b, int block, float* worth) {
  for (int g = b.low / kLanes; g * kLanes < b.high; ++g) {
    for (int i = 0; i < B; ++i) {
      V::store(item.scales + i * kRange + g * kLanes, V::load_half(view.value_scales[g] + (block + i) * view.scale_step));
    }
  }
  float lanes[B][M][kLanes];
  for (int m = 0; m < M; ++m) {
    V::F largest[B];
    max_weights<B>(item.scores + m * kRange, item.scales, b.lo[m], b.hi[m], largest);
    for (int i = 0; i < B; ++i) V::store(lanes[i][m], largest[i]);
  }
  for (int i = 0; i < B; ++i) {
    for (int m = 0; m < M; ++m) worth[i * kMaxTileQueries + m] = V::max_of(V::load(lanes[i][m]));
  }
  for (int i = 0; i < B; ++i) {
    for (int m = 0; m < M; ++m) {
      float& w = worth[i * kMaxTileQueries + m];
      w = quantize_weights(item.scores + m * kRange, item.scales + i * kRange, w, b.lo[m], b.hi[m], b.low, b.high,
                           item.words + i * kBlockWords + m * kRange);
    }
  }
}

// Exact sums of integers: positions that a query does not see weigh 0.
template <int M>
void tile_int8_values(const Item<Q8Kv>& item, const RangeView& view, const Bounds<M>& b) {
  const KvLayer& kv = item.a.kv;
  constexpr int kBlocks = word_blocks<M>(), kDims = kBlocks * kBlock;
  const int lo = b.low / 2 * 2, hi = (b.high + 1) / 2 * 2;
  float worth[kBlocks * kMaxTileQueries];
  for (int d = 0; d < kv.value_stride; d += kDims) {
    const int end = d + kDims < kv.value_stride ? d + kDims : kv.value_stride;
    if (end - d > kDims - kBlock) tile_words<M, kBlocks>(item, view, b, d / kBlock, worth);
    else tile_words<M, 1>(item, view, b, d / kBlock, worth);
    values_of<Q8Kv, M, true>(view, kv.value_stride, kv.block_tokens, item.words, lo, hi, item.sums, d, end, worth);
  }
}

// Float chains take visible positions only, ascending: what all M see together, the rest one by one.
template <class K, int M>
void tile_values(const Item<K>& item, const RangeView& view, const Bounds<M>& b, const float* p) {
  const int stride = item.a.kv.value_stride, run = item.a.kv.block_tokens;
  if (b.inner_low >= b.inner_high) {
    for (int m = 0; m < M; ++m) {
      values_of<K, 1, true>(view, stride, run, p + m * kRange, b.lo[m], b.hi[m], item.sums + m * stride, 0, stride, nullptr);
    }
    return;
  }
  if (b.low < b.inner_low) {
    for (int m = 0; m < M; ++m) {
      values_of<K, 1, true>(view, stride, run, p + m * kRange, b.lo[m], b.inner_low, item.sums + m * stride, 0, stride, nullptr);
    }
    values_of<K, M, false>(view, stride, run, p, b.inner_low, b.inner_high, item.sums, 0, stride, nullptr);
  } else {
    values_of<K, M, true>(view, stride, run, p, b.inner_low, b.inner_high, item.sums, 0, stride, nullptr);
  }
  for (int m = 0; m < M && b.inner_high < b.high; ++m) {
    if (b.inner_high < b.hi[m]) {
      values_of<K, 1, false>(view, stride, run, p + m * kRange, b.inner_high, b.hi[m], item.sums + m * stride, 0, stride, nullptr);
    }
  }
}

// M queries over one range.
template <class K, int M>
void attend_tile(const Item<K>& item, const RangeView& view, int query, int32_t first) {
  const AttentionArgs& a = item.a;
  const int stride = a.kv.value_stride;
  Bounds<M> b = bounds_of<M>(a, query, first);
  float max[kLanes] = {}, sum[kLanes] = {};
  if (b.low < b.high) {
    place_queries<K, M>(item, query);
    scores_of<K, M>(item.q, view, item.units, b.low / kLanes, (b.high + kLanes - 1) / kLanes, item.scores);
    tile_softmax<K, M>(item, b, query, max, sum);
    if constexpr (K::kStep == 2) {
      tile_int8_values<M>(item, view, b);
    } else {
      tile_values<K, M>(item, view, b, item.scores);
    }
  }
  if (a.partial != nullptr) {
    float* partial = a.partial + (static_cast<int64_t>(first / kRange) * item.queries + query) * partial_floats(stride);
    for (int m = 0; m < M; ++m, partial += partial_floats(stride)) {
      partial[stride] = b.any[m] ? max[m] : 0.0f;
      partial[stride + 1] = b.any[m] ? sum[m] : 0.0f;
      partial[stride + 2] = b.any[m] ? 1.0f : 0.0f;
      if (b.any[m]) std::memcpy(partial, item.sums + m * stride, sizeof(float) * static_cast<size_t>(stride));
    }
  } else if (b.low < b.high) {
    float before[kLanes], here[kLanes];
    merge_factors(M, b.any, max, sum, item.max + query, item.sum + query, before, here);
    for (int m = 0; m < M; ++m) {
      if (b.any[m]) {
        float* total = item.totals + static_cast<int64_t>(query + m) * stride;
        merge_values(total, item.sums + m * stride, stride, before[m], here[m]);
      }
    }
  }
}

XI void clear_running(int queries, int stride, float* max, float* sum, float* totals) {
  for (int i = 0; i < queries; ++i) max[i] = -__builtin_inff(), sum[i] = 0;
  for (int64_t i = 0; i < static_cast<int64_t>(queries) * stride; i += kLanes) V::store(totals + i, V::zero());
}

XI void write_out(const AttentionArgs& a, int query, const float* total, float sum) {
  const V::F inverse = V::set1(1.0f / sum);
  float* out = a.out + query / a.group * a.out_stride + query % a.group * a.kv.head_dim;
  for (int d = 0; d < a.kv.head_dim; d += kLanes) {
    int n = a.kv.head_dim - d < kLanes ? a.kv.head_dim - d : kLanes;
    V::storen(out + d, V::mul(V::load(total + d), inverse), n);
  }
}

// The first position that any query of the item sees.
XI int32_t first_visible(const AttentionArgs& a) {
  return a.window > 0 && a.position >= a.window ? a.position - a.window + 1 : 0;
}

template <class K>
void attention_of(const AttentionArgs& a) {
  Item<K> item = make_item<K>(a);
  if (a.partial == nullptr) clear_running(item.queries, a.kv.value_stride, item.max, item.sum, item.totals);
  if constexpr (K::kStep == 2) quantize_queries(item);
  const int32_t last = a.position + a.rows - 1, begin = first_visible(a);
  int32_t range = begin / kRange > a.range_begin ? begin / kRange : a.range_begin;
  for (; range < a.range_end && range <= last / kRange; ++range) {
    RangeView view;
    int32_t first = range * kRange;
    int32_t from = begin > first ? begin / kLanes * kLanes : first;
    int32_t to = last - first < kRange ? last + 1 : first + kRange;
    view_range<K>(a, first, from, to, item.view, view);
    for_tiles(item.queries, [&]<int M>(int query) { attend_tile<K, M>(item, view, query, first); });
  }
  for (int i = 0; i < item.queries && a.partial == nullptr; ++i) {
    write_out(a, i, item.totals + static_cast<int64_t>(i) * a.kv.value_stride, item.sum[i]);
  }
}

void attention(const AttentionArgs& a) {
  switch (a.kv.type) {
    case XLLM_TYPE_F32: return attention_of<F32Kv>(a);
    case XLLM_TYPE_F16: return attention_of<F16Kv>(a);
    default: return attention_of<Q8Kv>(a);
  }
}

// The ranges' partial results of an item, merged in ascending order.
void merge_attention(const AttentionArgs& a) {
  const int queries = a.rows * a.group, stride = a.kv.value_stride;
  const int32_t last = a.position + a.rows - 1;
  for (int i = 0; i < queries; ++i) {
    float max[kLanes] = {}, sum[kLanes] = {}, *total = a.scratch;
    clear_running(1, stride, max, sum, total);
    for (int32_t range = first_visible(a) / kRange; range <= last / kRange; ++range) {
      const float* partial = a.partial + (static_cast<int64_t>(range) * queries + i) * partial_floats(stride);
      const bool any = partial[stride + 2] != 0;
      if (!any) continue;
      float before[kLanes], here[kLanes];
      merge_factors(1, &any, partial + stride, partial + stride + 1, max, sum, before, here);
      merge_values(total, partial, stride, before[0], here[0]);
    }
    write_out(a, i, total, sum[0]);
  }
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_ATTENTION_H_
