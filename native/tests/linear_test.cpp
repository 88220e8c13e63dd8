#include <cmath>

#include "support/harness.h"

namespace xllm::test {
namespace {

constexpr int32_t kTokens = 61;  // tiles of 16, 8, 4 and a rest; more than are taken from packed weights

// Inputs come from a float table, so that a program of EMBED, LINEAR, GATHER shows what LINEAR gives.
struct LinearCase {
  int32_t type;
  int32_t rows;
  int32_t cols;
  bool bias;
  bool float_activations;
};

struct Data {
  std::vector<float> inputs;  // [kTokens, cols]
  std::vector<uint8_t> weights;
  std::vector<float> bias;
};

Data make_data(const LinearCase& c) {
  Random random(c.type * 1000003u + c.rows * 101u + c.cols);
  Data data;
  data.inputs = random.normals(static_cast<size_t>(kTokens) * c.cols);
  for (int32_t k = 0; k < c.cols; ++k) data.inputs[k] = 0;  // a token of zeros
  for (int32_t k = 0; k < c.cols; ++k) data.inputs[c.cols + k] *= 1e-20f * 1e-12f;  // and one too small to quantise
  data.weights = random.weights(c.type, c.rows, c.cols, 1.0f);
  data.bias = random.normals(c.rows);
  return data;
}

// Tokens first .. first + count of the inputs.
std::vector<float> run_linear(const LinearCase& c, const Data& data, int32_t isa, int32_t threads, int32_t first,
                              int32_t count) {
  Device device = make_device(isa, threads);
  WeightHandle table =
      make_weight(device.get(), XLLM_TYPE_F32, XLLM_WEIGHT_TABLE, kTokens, c.cols, bytes_of(data.inputs));
  WeightHandle matrix = make_weight(device.get(), c.type, XLLM_WEIGHT_MATRIX, c.rows, c.cols, data.weights);
  WeightHandle bias = make_vector(device.get(), data.bias);
  ProgramBuilder b;
  b.float_activations = c.float_activations;
  int32_t x = b.tokens_buffer(c.cols), y = b.tokens_buffer(c.rows);
  b.logits = b.outputs_buffer(c.rows);
  int32_t t = b.weight(table), m = b.weight(matrix), v = c.bias ? b.weight(bias) : -1;
  b.ops = {make_op(XLLM_OP_EMBED, {}, x, {t}, {}, {1.0f}), make_op(XLLM_OP_LINEAR, {x}, y, {m, v}),
           make_op(XLLM_OP_GATHER, {y}, b.logits)};
  Program program = b.build(device.get());
  Part part;
  for (int32_t i = 0; i < count; ++i) part.tokens.push_back(first + i);
  return run_step(program, nullptr, {part}, c.rows);
}

std::vector<double> reference(const LinearCase& c, const Data& data) {
  std::vector<float> w = dequantized(c.type, data.weights, static_cast<size_t>(c.rows) * c.cols);
  std::vector<double> out;
  bool ints = !c.float_activations && c.type != XLLM_TYPE_F32 && c.type != XLLM_TYPE_F16 && c.type != XLLM_TYPE_BF16;
  for (int32_t t = 0; t < kTokens; ++t) {
    std::vector<double> x(data.inputs.begin() + t * c.cols, data.inputs.begin() + (t + 1) * c.cols);
    for (int32_t k = 0; ints && k < c.cols; k += 32) {
      float largest = 0;
      for (int32_t i = 0; i < 32; ++i) largest = std::max(largest, std::fabs(static_cast<float>(x[k + i])));
      float scale = largest / 127.0f, inverse = largest < 1e-30f ? 0 : 127.0f / largest;
      for (int32_t i = 0; i < 32; ++i) {
        x[k + i] = std::nearbyint(static_cast<float>(x[k + i]) * inverse) * static_cast<double>(scale);
      }
    }
    for (int32_t r = 0; r < c.rows; ++r) {
      double sum = c.bias ? data.bias[r] : 0;
      for (int32_t k = 0; k < c.cols; ++k) sum += x[k] * w[static_cast<size_t>(r) * c.cols + k];
      out.push_back(sum);
    }
  }
  return out;
}

void check(const LinearCase& c) {
  Data data = make_data(c);
  std::vector<float> whole = run_linear(c, data, XLLM_ISA_SCALAR, 1, 0, kTokens);
  expect_near(whole, reference(c, data), 2e-4 * std::sqrt(static_cast<double>(c.cols)), 1e-5);
  for (int32_t isa : isas()) {
    for (int32_t threads : {1, 2, 3}) {
      expect_same(run_linear(c, data, isa, threads, 0, kTokens), whole, isa_text(isa) + " all tokens");
    }
    for (int32_t count : {1, 2, 3, 7, 8, 16, 19, 32}) {
      int32_t first = kTokens - count;
      std::vector<float> some(whole.begin() + static_cast<size_t>(first) * c.rows, whole.end());
      expect_same(run_linear(c, data, isa, 2, first, count), some,
                  isa_text(isa) + " " + std::to_string(count) + " tokens");
    }
  }
}

class LinearOfType : public testing::TestWithParam<TypeCase> {};

TEST_P(LinearOfType, IsNearTheDoubleReferenceAndTheSameOnEveryPathAndBatch) {
  const TypeCase& type = GetParam();
  for (bool float_activations : {false, true}) {
    for (int32_t rows : {320, 37, 5}) check({type.type, rows, type.block == 256 ? 512 : 160, rows == 37, float_activations});
  }
}

// A fault must not be rounded away on its way through int8: the outputs that read it are not numbers.
TEST_P(LinearOfType, OfANaNOrInfinityGivesNoNumber) {
  const TypeCase& type = GetParam();
  LinearCase c{type.type, 37, type.block == 256 ? 512 : 160, false, false};
  for (float fault : {std::nanf(""), HUGE_VALF}) {
    for (int32_t k : {3, 29, c.cols - 1}) {
      Data data = make_data(c);
      for (int32_t t = 2; t < kTokens; t += 5) data.inputs[static_cast<size_t>(t) * c.cols + k] = fault;
      for (int32_t isa : isas()) {
        std::vector<float> out = run_linear(c, data, isa, 2, 0, kTokens);
        for (int32_t t = 0; t < kTokens; ++t) {
          EXPECT_EQ(t % 5 == 2, !std::isfinite(out[static_cast<size_t>(t) * c.rows + 5])) << isa_text(isa) << " token " << t;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, LinearOfType, testing::ValuesIn(all_types()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Linear, FloatWeightsTakeAnyNumberOfInputs) {
  for (int32_t type : {XLLM_TYPE_F32, XLLM_TYPE_F16, XLLM_TYPE_BF16}) {
    for (int32_t cols : {1, 7, 24, 145}) check({type, 50, cols, true, false});
  }
}

TEST(Linear, AddAddsToWhatIsThere) {
  Random random(5);
  for (int32_t isa : isas()) {
    Device device = make_device(isa, 2);
    std::vector<float> inputs = random.normals(8 * 32), weights = random.normals(32 * 32);
    WeightHandle table = make_weight(device.get(), XLLM_TYPE_F32, XLLM_WEIGHT_TABLE, 8, 32, bytes_of(inputs));
    WeightHandle matrix = make_weight(device.get(), XLLM_TYPE_F32, XLLM_WEIGHT_MATRIX, 32, 32, bytes_of(weights));
    ProgramBuilder b;
    int32_t x = b.tokens_buffer(32), y = b.tokens_buffer(32);
    b.logits = b.outputs_buffer(32);
    int32_t t = b.weight(table), m = b.weight(matrix);
    b.ops = {make_op(XLLM_OP_EMBED, {}, x, {t}, {}, {1.0f}), make_op(XLLM_OP_EMBED, {}, y, {t}, {}, {2.0f}),
             make_op(XLLM_OP_LINEAR, {x}, y, {m}, {}, {}, XLLM_LINEAR_ADD), make_op(XLLM_OP_GATHER, {y}, b.logits)};
    Program program = b.build(device.get());
    std::vector<double> wanted;
    for (int t2 = 0; t2 < 8; ++t2) {
      for (int r = 0; r < 32; ++r) {
        double sum = 2.0 * inputs[t2 * 32 + r];
        for (int k = 0; k < 32; ++k) sum += static_cast<double>(inputs[t2 * 32 + k]) * weights[r * 32 + k];
        wanted.push_back(sum);
      }
    }
    expect_near(run_step(program, nullptr, {{{0, 1, 2, 3, 4, 5, 6, 7}, 0, {}}}, 32), wanted, 1e-4, 1e-5);
  }
}

TEST(Linear, WeightsTakeAsManyBitsAsTheFileOrAFewMore) {
  struct Size {
    int32_t type;
    double bits;  // of a weight in a tile
  };
  Device device = make_device(XLLM_ISA_AUTO, 1);
  Random random(1);
  for (Size size : {Size{XLLM_TYPE_Q4_0, 4.5}, Size{XLLM_TYPE_Q4_1, 5}, Size{XLLM_TYPE_Q5_0, 5.5}, Size{XLLM_TYPE_Q5_1, 6},
                    Size{XLLM_TYPE_Q8_0, 8.5}, Size{XLLM_TYPE_Q4_K, 4.625}, Size{XLLM_TYPE_Q5_K, 5.625},
                    Size{XLLM_TYPE_Q6_K, 6.5625}, Size{XLLM_TYPE_Q3_K, 4.5625}, Size{XLLM_TYPE_Q2_K, 5.125}}) {
    WeightHandle w =
        make_weight(device.get(), size.type, XLLM_WEIGHT_MATRIX, 64, 512, random.weights(size.type, 64, 512, 1));
    EXPECT_EQ(static_cast<uint64_t>(64 * 512 / 8 * size.bits), xllm_weight_bytes(w.get())) << size.type;
  }
}

}  // namespace
}  // namespace xllm::test
