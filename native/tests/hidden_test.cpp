#include <cmath>
#include <cstring>

#include "support/step_arrays.h"
#include "support/tiny_model.h"

namespace xllm::test {
namespace {

std::vector<int32_t> tokens_of(uint64_t seed, int32_t n) {
  Random random(seed);
  std::vector<int32_t> tokens(n);
  for (int32_t& token : tokens) token = random.below(320);
  return tokens;
}

// Asks a step for the hidden states of its rows [first, token_count).
std::vector<float> hidden_of(const TinyModel& model, StepArrays& arrays, int32_t first) {
  std::vector<int32_t> rows;
  for (int32_t r = first; r < arrays.step.token_count; ++r) rows.push_back(r);
  std::vector<float> hidden(rows.size() * model.shape().hidden, -7.0f);
  arrays.step.hidden_count = static_cast<int32_t>(rows.size());
  arrays.step.hidden_rows = rows.data();
  arrays.step.hidden = hidden.data();
  require(xllm_program_run(model.program().get(), model.kv().get(), &arrays.step));
  arrays.step.hidden_count = 0;
  return hidden;
}

// In chunks, beside another sequence that wants logits of its last row.
std::vector<float> chunked(const TinyModel& model, const std::vector<int32_t>& tokens, int32_t chunk, int32_t mode) {
  std::vector<float> all;
  std::vector<int32_t> other = tokens_of(9, 5);
  int32_t length = static_cast<int32_t>(tokens.size());
  for (int32_t at = 0; at < length; at += chunk) {
    int32_t end = std::min(at + chunk, length);
    StepArrays arrays({{other, 0, model.blocks(50, 5)},
                       {{tokens.begin() + at, tokens.begin() + end}, at, model.blocks(3, length)}},
                      1, model.shape().vocabulary, mode);
    std::vector<float> some = hidden_of(model, arrays, 5);
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

TEST(Hidden, TheOutputMatrixTimesAHiddenStateIsItsRowOfLogitsToTheBit) {
  TinyShape shape;
  shape.head_type = XLLM_TYPE_BF16;
  TinyModel model(shape, 5, XLLM_ISA_AUTO, 2);
  std::vector<int32_t> tokens = tokens_of(1, 70);
  StepArrays arrays({{tokens, 0, model.blocks(0, 70)}}, StepArrays::kAllRows, shape.vocabulary);
  std::vector<float> hidden = hidden_of(model, arrays, 0);
  std::vector<float> logits(arrays.logits.size());
  for (int32_t r = 0; r < 70; ++r) {
    for (int32_t v = 0; v < shape.vocabulary; ++v) {
      float sum = 0;
      for (int32_t k = 0; k < shape.hidden; ++k) {
        sum = std::fma(model.head()[static_cast<size_t>(v) * shape.hidden + k], hidden[static_cast<size_t>(r) * shape.hidden + k], sum);
      }
      logits[static_cast<size_t>(r) * shape.vocabulary + v] = sum;
    }
  }
  expect_same(logits, arrays.logits, "head x hidden");
}

TEST(Hidden, AreTheSameForEveryPathThreadChunkModeAndBatch) {
  TinyShape shape;
  std::vector<int32_t> tokens = tokens_of(2, 90);
  TinyModel scalar(shape, 1, XLLM_ISA_SCALAR, 1);
  StepArrays whole({{tokens, 0, scalar.blocks(0, 90)}}, 0, shape.vocabulary);
  std::vector<float> wanted = hidden_of(scalar, whole, 0);
  for (int32_t isa : isas()) {
    for (int32_t threads : {1, 3}) {
      TinyModel model(shape, 1, isa, threads);
      std::string what = isa_text(isa) + " " + std::to_string(threads);
      expect_same(chunked(model, tokens, 90, XLLM_MODE_AUTO), wanted, what + " whole");
      expect_same(chunked(model, tokens, 64, XLLM_MODE_EAGER), wanted, what + " eager");
      expect_same(chunked(model, tokens, 17, XLLM_MODE_PIECEWISE), wanted, what + " in chunks");
      expect_same(chunked(model, tokens, 1, XLLM_MODE_AUTO), wanted, what + " token by token");
    }
  }
}

TEST(Hidden, AskingForThemChangesNoLogit) {
  TinyShape shape;
  TinyModel model(shape, 1, XLLM_ISA_AUTO, 2);
  std::vector<int32_t> tokens = tokens_of(3, 40);
  StepArrays plain({{tokens, 0, model.blocks(0, 40)}}, 1, shape.vocabulary);
  require(xllm_program_run(model.program().get(), model.kv().get(), &plain.step));
  StepArrays both({{tokens, 0, model.blocks(0, 40)}}, 1, shape.vocabulary);
  hidden_of(model, both, 39);
  expect_same(both.logits, plain.logits, "logits");
}

TEST(Hidden, AStepThatAsksWronglyIsRefused) {
  TinyShape shape;
  TinyModel model(shape, 1, XLLM_ISA_AUTO, 1);
  StepArrays arrays({{tokens_of(4, 4), 0, model.blocks(0, 4)}}, 1, shape.vocabulary);
  std::vector<float> hidden(8 * shape.hidden);
  auto refused = [&](int32_t count, const int32_t* rows, float* out, const char* word) {
    arrays.step.hidden_count = count, arrays.step.hidden_rows = rows, arrays.step.hidden = out;
    EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_program_run(model.program().get(), model.kv().get(), &arrays.step));
    EXPECT_NE(nullptr, std::strstr(xllm_last_error(), word)) << xllm_last_error();
  };
  const int32_t good[] = {0, 3}, twice[] = {2, 2}, far[] = {1, 4}, below[] = {-1, 0};
  refused(-1, good, hidden.data(), "hidden");
  refused(5, good, hidden.data(), "hidden");
  refused(2, twice, hidden.data(), "ascending");
  refused(2, far, hidden.data(), "ascending");
  refused(2, below, hidden.data(), "ascending");
  refused(2, nullptr, hidden.data(), "NULL");
  refused(2, good, nullptr, "NULL");
}

TEST(Hidden, AProgramThatDescribesThemWronglyIsRefused) {
  Device device = make_device(XLLM_ISA_AUTO, 1);
  WeightHandle table = make_weight(device.get(), XLLM_TYPE_F32, XLLM_WEIGHT_TABLE, 4, 32, bytes_of(std::vector<float>(4 * 32, 1.0f)));
  WeightHandle norm = make_vector(device.get(), std::vector<float>(32, 1.0f));
  WeightHandle narrow = make_vector(device.get(), std::vector<float>(16, 1.0f));
  ProgramBuilder good;
  int32_t x = good.tokens_buffer(32);
  good.logits = good.outputs_buffer(32);
  int32_t t = good.weight(table), n = good.weight(norm), wrong = good.weight(narrow);
  good.ops = {make_op(XLLM_OP_EMBED, {}, x, {t}, {}, {1.0f}), make_op(XLLM_OP_GATHER, {x}, good.logits)};
  good.hidden = x, good.hidden_norm = n, good.hidden_epsilon = 1e-5f;
  XLLM_OK_OR_FAIL([&] {
    xllm_program* program = nullptr;
    xllm_status status = good.try_build(device.get(), &program);
    xllm_program_destroy(program);
    return status;
  }());
  auto refused = [&](auto change) {
    ProgramBuilder builder = good;
    change(builder);
    xllm_program* program = nullptr;
    EXPECT_EQ(XLLM_INVALID_ARGUMENT, builder.try_build(device.get(), &program));
    EXPECT_EQ(nullptr, program);
  };
  refused([&](auto& b) { b.hidden = b.logits; });
  refused([&](auto& b) { b.hidden = 2; });
  refused([&](auto& b) { b.hidden = -2; });
  refused([&](auto& b) { b.hidden = -1; });
  refused([&](auto& b) { b.hidden_norm = t; });
  refused([&](auto& b) { b.hidden_norm = wrong; });
  refused([&](auto& b) { b.hidden_norm = 3; });
  refused([&](auto& b) { b.hidden_epsilon = -1; });
  refused([&](auto& b) { b.hidden_epsilon = NAN; });
}

}  // namespace
}  // namespace xllm::test
