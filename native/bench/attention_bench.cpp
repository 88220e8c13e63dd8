// Times attention alone, in the shape of SmolLM2-135M unless told otherwise: a program of `layers` attentions over one q, k and v.
//   xllm_attention_bench [--isa scalar|avx2|avx512] [--threads N] [--kv f16|f32|q8_0] [--block N] [--layers N] [--rounds N]
//                        [--heads N] [--kv-heads N] [--dim N] [--prompt N] [--streams N --context N]
// Prefill points (a whole prompt in one step) are in GFLOP/s over causal pairs only; decode points in GB/s of KV read once.
// Without --prompt and --streams it goes through the usual points.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>

#include "options.h"
#include "support/harness.h"

namespace {

using namespace xllm::test;

struct Shape {
  int32_t isa = XLLM_ISA_AUTO, threads = 1, kv_type = XLLM_TYPE_F16, block = 16, layers = 30, rounds = 5;
  int32_t heads = 9, kv_heads = 3, dim = 64;
};

// `streams` sequences with `context` tokens each take `rows` more.
class Point {
 public:
  Point(const Shape& shape, int32_t streams, int32_t context, int32_t rows)
      : shape_(shape), streams_(streams), context_(context), rows_(rows), device_(make_device(shape.isa, shape.threads)) {
    int32_t total = streams * rows, q_width = shape.heads * shape.dim, kv_width = shape.kv_heads * shape.dim;
    Random random(7);
    for (int32_t width : {q_width, kv_width, kv_width}) {
      tables_.push_back(make_weight(device_.get(), XLLM_TYPE_F32, XLLM_WEIGHT_TABLE, 64, width,
                                    bytes_of(random.normals(64 * static_cast<size_t>(width)))));
    }
    ProgramBuilder b;
    b.max_tokens = std::max(total, 512), b.max_outputs = 1;
    for (int32_t width : {q_width, kv_width, kv_width, q_width}) b.tokens_buffer(width);
    b.logits = b.outputs_buffer(q_width);
    for (int32_t i = 0; i < 3; ++i) {
      b.weight(tables_[i]);
      b.ops.push_back(make_op(XLLM_OP_EMBED, {}, i, {i}, {}, {1.0f}));
    }
    for (int32_t layer = 0; layer < shape.layers; ++layer) {
      b.ops.push_back(make_op(XLLM_OP_ATTENTION, {0, 1, 2}, 3, {}, {layer, shape.heads, shape.kv_heads, shape.dim, 0},
                              {1.0f / std::sqrt(static_cast<float>(shape.dim)), 0.0f}));
    }
    b.ops.push_back(make_op(XLLM_OP_GATHER, {3}, b.logits));
    program_ = b.build(device_.get());
    per_stream_ = (context + rows + shape.block - 1) / shape.block;
    xllm_kv_desc desc{};
    desc.size = sizeof(desc);
    desc.type = shape.kv_type, desc.layers = shape.layers, desc.kv_heads = shape.kv_heads, desc.head_dim = shape.dim;
    desc.block_tokens = shape.block, desc.blocks = per_stream_ * streams;
    xllm_kv* raw = nullptr;
    require(xllm_kv_create(device_.get(), &desc, &raw));
    kv_.reset(raw);
    pool_bytes_ = static_cast<double>(xllm_kv_bytes(kv_.get()));
    for (int32_t at = 0; at < context; at += 512 / streams_) step(at, std::min(512 / streams_, context - at));
  }

  void run(const char* what, bool prefill) {
    std::vector<double> wall, cpu;
    step(context_, rows_);
    for (int32_t r = 0; r < shape_.rounds; ++r) {
      auto start = std::chrono::steady_clock::now();
      std::clock_t cpu_start = std::clock();
      int32_t times = prefill ? 1 : 4;
      for (int32_t i = 0; i < times; ++i) step(context_, rows_);
      wall.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / times);
      cpu.push_back(static_cast<double>(std::clock() - cpu_start) / CLOCKS_PER_SEC / times);
    }
    std::sort(wall.begin(), wall.end()), std::sort(cpu.begin(), cpu.end());
    double pairs = 0;
    for (int32_t r = 0; r < rows_; ++r) pairs += context_ + r + 1;
    pairs *= static_cast<double>(streams_) * shape_.heads * shape_.layers;
    double gflop = pairs * 4 * shape_.dim / 1e9;
    double read = pool_bytes_ / (per_stream_ * shape_.block) * (context_ + rows_) / 1e9;
    double median = wall[wall.size() / 2], busy = cpu[0];
    std::printf("%-24s %9.3f ms  %7.1f GFLOP/s  %6.2f GB/s   best CPU second: %7.1f GFLOP %6.2f GB\n", what, median * 1e3,
                gflop / median, read / median, gflop / busy, read / busy);
    std::fflush(stdout);
  }

 private:
  void step(int32_t context, int32_t rows) {
    std::vector<int32_t> tokens, positions, blocks(static_cast<size_t>(per_stream_) * streams_);
    std::vector<xllm_sequence> sequences;
    for (int32_t s = 0; s < streams_; ++s) {
      // Blocks of a sequence lie apart, as after a while of serving.
      for (int32_t i = 0; i < per_stream_; ++i) blocks[s * per_stream_ + i] = i * streams_ + s;
      sequences.push_back({static_cast<int32_t>(tokens.size()), rows, context, per_stream_, &blocks[s * per_stream_]});
      for (int32_t t = 0; t < rows; ++t) {
        tokens.push_back((context + t + s) % 64);
        positions.push_back(context + t);
      }
    }
    int32_t row = 0;
    std::vector<float> out(static_cast<size_t>(shape_.heads) * shape_.dim);
    xllm_step s{};
    s.size = sizeof(s);
    s.token_count = static_cast<int32_t>(tokens.size()), s.sequence_count = streams_, s.output_count = 1;
    s.tokens = tokens.data(), s.positions = positions.data(), s.sequences = sequences.data(), s.output_rows = &row;
    s.logits = out.data();
    require(xllm_program_run(program_.get(), kv_.get(), &s));
  }

  Shape shape_;
  int32_t streams_, context_, rows_, per_stream_ = 0;
  Device device_;
  std::vector<WeightHandle> tables_;
  Program program_;
  Kv kv_;
  double pool_bytes_ = 0;
};

void prefill(const Shape& shape, int32_t prompt) {
  Point(shape, 1, 0, prompt).run(("prefill " + std::to_string(prompt)).c_str(), true);
}

void decode(const Shape& shape, int32_t streams, int32_t context) {
  std::string what = "decode " + std::to_string(streams) + " x " + std::to_string(context);
  Point(shape, streams, context - 1, 1).run(what.c_str(), false);
}

}  // namespace

int main(int argc, char** argv) {
  const xllm::bench::Options options{argc, argv};
  Shape shape;
  shape.isa = options.isa(XLLM_ISA_AUTO), shape.kv_type = options.kv_type();
  shape.threads = options.number("--threads", 1), shape.block = options.number("--block", 16);
  shape.layers = options.number("--layers", 30), shape.rounds = options.number("--rounds", 5);
  shape.heads = options.number("--heads", 9), shape.kv_heads = options.number("--kv-heads", 3);
  shape.dim = options.number("--dim", 64);
  int prompt = options.number("--prompt", 0), streams = options.number("--streams", 0);
  if (prompt > 0) prefill(shape, prompt);
  if (streams > 0) decode(shape, streams, options.number("--context", 512));
  if (prompt > 0 || streams > 0) return 0;
  for (int32_t tokens : {128, 512, 2048}) prefill(shape, tokens);
  for (auto [n, context] : std::initializer_list<std::pair<int, int>>{
           {1, 128}, {1, 2048}, {4, 512}, {16, 128}, {16, 512}, {16, 2048}, {32, 512}}) {
    decode(shape, n, context);
  }
  return 0;
}
