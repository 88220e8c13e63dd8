#include <cmath>

#include "support/harness.h"

namespace xllm::test {
namespace {

// EMBED of two tables, some ops, GATHER of `result`: what the ops give for every token.
class RowOps {
 public:
  RowOps(int32_t width, int32_t tokens, uint64_t seed) : width(width), tokens(tokens) {
    Random random(seed);
    first = random.normals(static_cast<size_t>(tokens) * width, 2.0f);
    second = random.normals(static_cast<size_t>(tokens) * width, 2.0f);
    vector = random.normals(width);
  }

  // Buffers: 0 = first, 1 = second, 2 = out. Weight 2 = the vector's first `vector_size` values.
  std::vector<float> run(int32_t isa, int32_t threads, std::vector<xllm_op> ops, int32_t vector_size,
                         const std::vector<int32_t>& which) const {
    Device device = make_device(isa, threads);
    WeightHandle a = make_weight(device.get(), XLLM_TYPE_F32, XLLM_WEIGHT_TABLE, tokens, width, bytes_of(first));
    WeightHandle b = make_weight(device.get(), XLLM_TYPE_F32, XLLM_WEIGHT_TABLE, tokens, width, bytes_of(second));
    WeightHandle v = make_vector(device.get(), {vector.begin(), vector.begin() + vector_size});
    ProgramBuilder p;
    p.tokens_buffer(width), p.tokens_buffer(width), p.tokens_buffer(width);
    p.logits = p.outputs_buffer(width);
    p.weight(a), p.weight(b), p.weight(v);
    p.frequencies = frequencies;
    p.rope_scales.assign(frequencies.size(), 1.25f);
    p.ops = {make_op(XLLM_OP_EMBED, {}, 0, {0}, {}, {1.0f}), make_op(XLLM_OP_EMBED, {}, 1, {1}, {}, {1.0f})};
    p.ops.insert(p.ops.end(), ops.begin(), ops.end());
    p.ops.push_back(make_op(XLLM_OP_GATHER, {2}, p.logits));
    Program program = p.build(device.get());
    return run_step(program, nullptr, {{which, 0, {}}}, width);
  }

  // Near `wanted`, and the same on every path, thread count and when tokens run alone.
  void check(const std::vector<xllm_op>& ops, int32_t vector_size, const std::vector<double>& wanted, double absolute,
             double relative) const {
    std::vector<int32_t> all;
    for (int32_t t = 0; t < tokens; ++t) all.push_back(t);
    std::vector<float> scalar = run(XLLM_ISA_SCALAR, 1, ops, vector_size, all);
    expect_near(scalar, wanted, absolute, relative);
    for (int32_t isa : isas()) {
      for (int32_t threads : {1, 2, 3}) {
        expect_same(run(isa, threads, ops, vector_size, all), scalar, isa_text(isa));
      }
    }
  }

  int32_t width, tokens;
  std::vector<float> first, second, vector;
  std::vector<std::vector<float>> frequencies;
};

TEST(Rows, RmsNormOfRowsAndOfHeads) {
  for (auto [width, group] : std::initializer_list<std::pair<int, int>>{{64, 0}, {576, 0}, {144, 24}, {160, 80}, {7, 0}}) {
    RowOps rows(width, 5, width);
    int32_t n = group == 0 ? width : group;
    std::vector<double> wanted;
    for (int32_t i = 0; i < 5 * width; i += n) {
      double squares = 0;
      for (int32_t k = 0; k < n; ++k) squares += static_cast<double>(rows.first[i + k]) * rows.first[i + k];
      for (int32_t k = 0; k < n; ++k) wanted.push_back(rows.first[i + k] / std::sqrt(squares / n + 1e-5) * rows.vector[k]);
    }
    rows.check({make_op(XLLM_OP_RMS_NORM, {0}, 2, {2}, {group}, {1e-5f})}, n, wanted, 1e-5, 1e-5);
  }
}

TEST(Rows, RmsNormInPlaceIsTheSame) {
  RowOps rows(96, 3, 9);
  std::vector<int32_t> all = {0, 1, 2};
  auto apart = rows.run(XLLM_ISA_AUTO, 2, {make_op(XLLM_OP_RMS_NORM, {0}, 2, {2}, {32}, {1e-6f})}, 32, all);
  auto within = rows.run(XLLM_ISA_AUTO, 2,
                         {make_op(XLLM_OP_ADD, {0, 2}, 2), make_op(XLLM_OP_RMS_NORM, {2}, 2, {2}, {32}, {1e-6f})}, 32, all);
  expect_same(within, apart, "in place");
}

TEST(Rows, SwigluOverTheWholeRangeOfInputs) {
  RowOps rows(50, 40, 3);
  for (size_t i = 0; i < rows.first.size(); ++i) rows.first[i] = -120.0f + 240.0f * i / rows.first.size();
  std::vector<double> wanted;
  for (size_t i = 0; i < rows.first.size(); ++i) {
    double g = rows.first[i];
    wanted.push_back(g / (1 + std::exp(-g)) * rows.second[i]);
  }
  rows.check({make_op(XLLM_OP_SWIGLU, {0, 1}, 2)}, 50, wanted, 1e-30, 5e-7);
}

TEST(Rows, AddAndBias) {
  RowOps rows(33, 4, 4);
  std::vector<double> sums, biased;
  for (size_t i = 0; i < rows.first.size(); ++i) {
    sums.push_back(rows.first[i] + rows.second[i]);
    biased.push_back(rows.first[i] + rows.vector[i % 33]);
  }
  rows.check({make_op(XLLM_OP_ADD, {0, 1}, 2)}, 33, sums, 0, 0);
  rows.check({make_op(XLLM_OP_BIAS, {0}, 2, {2})}, 33, biased, 0, 0);
}

TEST(Rows, RopeTurnsHalvesAndPairsAndLeavesTheRest) {
  for (int32_t form : {0, 1}) {
    RowOps rows(48, 20, 6);  // two heads of 24, 16 dimensions turned
    std::vector<float> frequencies;
    for (int p = 0; p < 8; ++p) frequencies.push_back(std::pow(10000.0f, -p / 8.0f));
    rows.frequencies = {frequencies};
    std::vector<double> wanted(rows.first.begin(), rows.first.end());
    for (int t = 0; t < 20; ++t) {
      for (int h = 0; h < 2; ++h) {
        for (int p = 0; p < 8; ++p) {
          size_t a = t * 48 + h * 24 + (form == 0 ? p : 2 * p), b = a + (form == 0 ? 8 : 1);
          double angle = static_cast<float>(t) * frequencies[p], c = 1.25 * std::cos(angle), s = 1.25 * std::sin(angle);
          wanted[a] = rows.first[a] * c - rows.first[b] * s;
          wanted[b] = rows.first[b] * c + rows.first[a] * s;
        }
      }
    }
    rows.check({make_op(XLLM_OP_ADD, {0, 2}, 2), make_op(XLLM_OP_ROPE, {}, 2, {}, {2, 24, 16, form, 0})}, 48, wanted,
               2e-6, 1e-6);
  }
}

TEST(Rows, EmbedReadsTheRowsOfEveryTypeExactly) {
  for (const TypeCase& type : all_types()) {
    int32_t cols = type.block == 256 ? 256 : 96, vocabulary = 37;
    Random random(type.type + 1);
    std::vector<uint8_t> bytes = random.weights(type.type, vocabulary, cols, 1.0f);
    std::vector<float> values = dequantized(type.type, bytes, static_cast<size_t>(vocabulary) * cols);
    Device device = make_device(XLLM_ISA_AUTO, 2);
    WeightHandle table =
        make_weight(device.get(), type.type, XLLM_WEIGHT_TABLE | XLLM_WEIGHT_MATRIX, vocabulary, cols, bytes);
    ProgramBuilder b;
    int32_t x = b.tokens_buffer(cols);
    b.logits = b.outputs_buffer(cols);
    b.ops = {make_op(XLLM_OP_EMBED, {}, x, {b.weight(table)}, {}, {3.0f}), make_op(XLLM_OP_GATHER, {x}, b.logits)};
    Program program = b.build(device.get());
    std::vector<int32_t> tokens = {36, 0, 15, 16, 31, 32};
    std::vector<float> wanted;
    for (int32_t token : tokens) {
      for (int32_t k = 0; k < cols; ++k) wanted.push_back(values[token * cols + k] * 3.0f);
    }
    expect_same(run_step(program, nullptr, {{tokens, 0, {}}}, cols), wanted, type.name);
  }
}

}  // namespace
}  // namespace xllm::test
