#include <algorithm>
#include <cmath>

#include "core/half.h"
#include "support/harness.h"

namespace xllm::test {
namespace {

struct AttentionCase {
  int32_t heads = 4;
  int32_t kv_heads = 2;
  int32_t dim = 32;
  int32_t kv_type = XLLM_TYPE_F32;
  int32_t block_tokens = 16;
  int32_t window = 0;
  float soft_cap = 0;
};

constexpr int32_t kLength = 600;  // three ranges

// q, k and v of a sequence of kLength tokens.
struct Data {
  explicit Data(const AttentionCase& c) {
    Random random(c.heads * 7919u + c.dim);
    q = random.normals(static_cast<size_t>(kLength) * c.heads * c.dim);
    k = random.normals(static_cast<size_t>(kLength) * c.kv_heads * c.dim);
    v = random.normals(static_cast<size_t>(kLength) * c.kv_heads * c.dim);
  }
  std::vector<float> q, k, v;
};

// What a Q8_0 pool makes of rows: int8 with a float16 scale for each 32 dimensions.
void round_rows(std::vector<float>& rows, int32_t dim) {
  for (size_t at = 0; at < rows.size(); at += dim) {
    for (int32_t begin = 0; begin < dim; begin += 32) {
      int32_t end = std::min(begin + 32, dim);
      float max = 0;
      for (int32_t d = begin; d < end; ++d) max = std::max(max, std::fabs(rows[at + d]));
      float scale = half_to_float(float_to_half(max / 127));
      for (int32_t d = begin; d < end; ++d) rows[at + d] = std::nearbyint(rows[at + d] * (1 / scale)) * scale;
    }
  }
}

std::vector<double> reference(const AttentionCase& c, Data data) {
  if (c.kv_type == XLLM_TYPE_Q8_0) {
    round_rows(data.k, c.dim);
    round_rows(data.v, c.dim);
  }
  if (c.kv_type == XLLM_TYPE_F16) {
    for (float& x : data.k) x = half_to_float(float_to_half(x));
    for (float& x : data.v) x = half_to_float(float_to_half(x));
  }
  std::vector<double> out(data.q.size());
  double scale = 1 / std::sqrt(static_cast<double>(c.dim));
  for (int32_t t = 0; t < kLength; ++t) {
    for (int32_t h = 0; h < c.heads; ++h) {
      int32_t kv_head = h / (c.heads / c.kv_heads);
      const float* q = &data.q[(t * c.heads + h) * c.dim];
      double* o = &out[(t * c.heads + h) * c.dim];
      int32_t from = c.window > 0 ? std::max(0, t - c.window + 1) : 0;
      std::vector<double> p;
      double max = -1e300, sum = 0;
      for (int32_t s = from; s <= t; ++s) {
        double dot = 0;
        for (int32_t d = 0; d < c.dim; ++d) dot += static_cast<double>(q[d]) * data.k[(s * c.kv_heads + kv_head) * c.dim + d];
        dot *= scale;
        if (c.soft_cap > 0) dot = c.soft_cap * std::tanh(dot / c.soft_cap);
        p.push_back(dot);
        max = std::max(max, dot);
      }
      for (double& x : p) sum += x = std::exp(x - max);
      for (int32_t s = from; s <= t; ++s) {
        for (int32_t d = 0; d < c.dim; ++d) o[d] += p[s - from] / sum * data.v[(s * c.kv_heads + kv_head) * c.dim + d];
      }
    }
  }
  return out;
}

// The sequence in steps of the given sizes (the last repeats), beside `others` copies of itself in the same steps.
std::vector<float> run_chunks(const AttentionCase& c, const Data& data, int32_t isa, int32_t threads,
                              const std::vector<int32_t>& chunks, int32_t others) {
  Device device = make_device(isa, threads);
  int32_t q_width = c.heads * c.dim, kv_width = c.kv_heads * c.dim;
  WeightHandle q = make_weight(device.get(), XLLM_TYPE_F32, XLLM_WEIGHT_TABLE, kLength, q_width, bytes_of(data.q));
  WeightHandle k = make_weight(device.get(), XLLM_TYPE_F32, XLLM_WEIGHT_TABLE, kLength, kv_width, bytes_of(data.k));
  WeightHandle v = make_weight(device.get(), XLLM_TYPE_F32, XLLM_WEIGHT_TABLE, kLength, kv_width, bytes_of(data.v));
  ProgramBuilder b;
  b.max_tokens = b.max_outputs = kLength * (others + 1);
  b.tokens_buffer(q_width), b.tokens_buffer(kv_width), b.tokens_buffer(kv_width), b.tokens_buffer(q_width);
  b.logits = b.outputs_buffer(q_width);
  b.weight(q), b.weight(k), b.weight(v);
  b.ops = {make_op(XLLM_OP_EMBED, {}, 0, {0}, {}, {1.0f}), make_op(XLLM_OP_EMBED, {}, 1, {1}, {}, {1.0f}),
           make_op(XLLM_OP_EMBED, {}, 2, {2}, {}, {1.0f}),
           make_op(XLLM_OP_ATTENTION, {0, 1, 2}, 3, {}, {0, c.heads, c.kv_heads, c.dim, c.window},
                   {1.0f / std::sqrt(static_cast<float>(c.dim)), c.soft_cap}),
           make_op(XLLM_OP_GATHER, {3}, b.logits)};
  Program program = b.build(device.get());
  int32_t per_sequence = (kLength + c.block_tokens - 1) / c.block_tokens;
  xllm_kv_desc desc{};
  desc.size = sizeof(desc);
  desc.type = c.kv_type;
  desc.layers = 1;
  desc.kv_heads = c.kv_heads;
  desc.head_dim = c.dim;
  desc.block_tokens = c.block_tokens;
  desc.blocks = per_sequence * (others + 1);
  xllm_kv* raw = nullptr;
  require(xllm_kv_create(device.get(), &desc, &raw));
  Kv kv(raw);
  std::vector<float> out;
  int32_t context = 0;
  for (size_t i = 0; context < kLength; ++i) {
    int32_t rows = std::min(chunks[std::min(i, chunks.size() - 1)], kLength - context);
    std::vector<Part> parts(others + 1);
    for (int32_t s = 0; s <= others; ++s) {
      parts[s].context = context;
      for (int32_t t = 0; t < rows; ++t) parts[s].tokens.push_back(context + t);
      for (int32_t block = 0; block < per_sequence; ++block) parts[s].blocks.push_back(block * (others + 1) + s);
    }
    std::vector<float> got = run_step(program, kv, parts, q_width);
    size_t mine = static_cast<size_t>(rows) * q_width;
    out.insert(out.end(), got.end() - mine, got.end());
    context += rows;
  }
  return out;
}

void check(const AttentionCase& c) {
  Data data(c);
  std::vector<float> whole = run_chunks(c, data, isas().back(), 2, {kLength}, 0);
  // Queries and weights are rounded to 15 bits when KV is int8.
  double tolerance = c.kv_type == XLLM_TYPE_Q8_0 ? 2e-4 : 1e-5;
  expect_near(whole, reference(c, data), tolerance, tolerance);
  for (int32_t isa : isas()) {
    expect_same(run_chunks(c, data, isa, 1, {kLength}, 0), whole, isa_text(isa) + " whole");
    expect_same(run_chunks(c, data, isa, 3, {1, 5, 250, 17, 64}, 1), whole, isa_text(isa) + " in chunks of a batch");
  }
  for (int32_t block_tokens : {8, 128}) {
    AttentionCase other = c;
    other.block_tokens = block_tokens;
    expect_same(run_chunks(other, data, isas().back(), 2, {333}, 0), whole, "blocks of " + std::to_string(block_tokens));
  }
}

TEST(Attention, HeadDimensionsAndGroups) {
  for (auto [dim, heads, kv_heads] : std::initializer_list<std::tuple<int, int, int>>{
           {16, 2, 2}, {24, 3, 1}, {32, 5, 1}, {64, 3, 1}, {80, 2, 1}, {128, 2, 1}}) {
    AttentionCase c;
    c.dim = dim, c.heads = heads, c.kv_heads = kv_heads;
    SCOPED_TRACE(dim);
    check(c);
  }
}

TEST(Attention, HalfKv) {
  AttentionCase c;
  c.kv_type = XLLM_TYPE_F16;
  check(c);
  c.dim = 24;
  check(c);
}

TEST(Attention, Int8Kv) {
  AttentionCase c;
  c.kv_type = XLLM_TYPE_Q8_0;
  check(c);
  c.dim = 24, c.heads = 3, c.kv_heads = 1;
  check(c);
  c.dim = 17;
  check(c);
  c.dim = 64, c.heads = 9, c.kv_heads = 3;
  check(c);
}

TEST(Attention, Int8KvOfZerosGivesZeros) {
  AttentionCase c;
  c.kv_type = XLLM_TYPE_Q8_0;
  Data data(c);
  std::fill(data.k.begin(), data.k.end(), 0.0f);
  std::fill(data.v.begin(), data.v.end(), 0.0f);
  for (int32_t isa : isas()) {
    for (float x : run_chunks(c, data, isa, 1, {kLength}, 0)) ASSERT_EQ(0.0f, x);
  }
}

TEST(Attention, SlidingWindows) {
  for (int32_t kv_type : {XLLM_TYPE_F32, XLLM_TYPE_Q8_0}) {
    for (int32_t window : {1, 5, 100, 256, 300}) {
      AttentionCase c;
      c.dim = 16, c.heads = 3, c.kv_heads = 1, c.window = window, c.kv_type = kv_type;
      SCOPED_TRACE(window);
      check(c);
    }
  }
}

TEST(Attention, LongItemsAreDividedAmongThreads) {
  for (int32_t kv_type : {XLLM_TYPE_F32, XLLM_TYPE_F16, XLLM_TYPE_Q8_0}) {
    for (int32_t window : {0, 290}) {
      AttentionCase c;
      c.heads = 3, c.kv_heads = 1, c.dim = 32, c.kv_type = kv_type, c.window = window;
      Data data(c);
      std::vector<float> whole = run_chunks(c, data, isas().back(), 1, {kLength}, 0);
      for (int32_t isa : isas()) {
        for (int32_t threads : {2, 5}) {
          // Contexts beyond a range: rows 513 to 515 one by one, then seven together, then the rest.
          expect_same(run_chunks(c, data, isa, threads, {513, 1, 1, 1, 7, 77}, 0), whole,
                      isa_text(isa) + " on " + std::to_string(threads) + " threads");
        }
      }
    }
  }
}

TEST(Attention, SoftCap) {
  AttentionCase c;
  c.soft_cap = 2.5f;
  c.dim = 16;
  check(c);
  c.kv_type = XLLM_TYPE_Q8_0;
  check(c);
}

TEST(Attention, DecodeTokenByTokenIsThePrefill) {
  AttentionCase c;
  c.heads = 3, c.kv_heads = 1, c.dim = 16, c.window = 40;
  for (int32_t kv_type : {XLLM_TYPE_F16, XLLM_TYPE_Q8_0}) {
    c.kv_type = kv_type;
    Data data(c);
    std::vector<float> whole = run_chunks(c, data, isas().back(), 2, {kLength}, 0);
    for (int32_t isa : isas()) expect_same(run_chunks(c, data, isa, 2, {1}, 0), whole, isa_text(isa));
  }
}

TEST(Attention, ManyQueryHeadsOfOneKvHead) {
  AttentionCase c;
  c.heads = 80, c.kv_heads = 1, c.dim = 16;
  check(c);
}

}  // namespace
}  // namespace xllm::test
