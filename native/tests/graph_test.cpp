#include <cstring>

#include "support/step_arrays.h"
#include "support/tiny_model.h"

namespace xllm::test {
namespace {

xllm_program_info info_of(const TinyModel& model) {
  xllm_program_info info{};
  info.size = sizeof(info);
  require(xllm_program_describe(model.program().get(), &info));
  return info;
}

// All logits of a session: prompts in chunks, then decode with more and more streams, then with fewer outputs.
std::vector<float> session(const TinyModel& model, int32_t mode) {
  std::vector<float> out;
  int32_t width = model.shape().vocabulary;
  Random random(5);
  auto run = [&](const std::vector<Part>& parts, int32_t outputs, bool decode) {
    StepArrays arrays(parts, outputs, width, mode == XLLM_MODE_FULL && !decode ? XLLM_MODE_PIECEWISE : mode);
    require(xllm_program_run(model.program().get(), model.kv().get(), &arrays.step));
    out.insert(out.end(), arrays.logits.begin(), arrays.logits.end());
  };
  std::vector<Part> streams;
  for (int32_t s = 0; s < 20; ++s) {
    std::vector<int32_t> prompt(1 + s * 13 % 70);
    for (int32_t& token : prompt) token = random.below(width);
    Part part{prompt, 0, model.blocks(s * 10, 160)};
    run({part}, s % 3, false);
    streams.push_back({{random.below(width)}, static_cast<int32_t>(prompt.size()), part.blocks});
    run(streams, 1, true);
    for (Part& stream : streams) ++stream.context, stream.tokens[0] = random.below(width);
  }
  streams.resize(7);
  run(streams, 0, true);
  for (Part& stream : streams) ++stream.context, stream.tokens = {1, 2, 3};
  run(streams, 2, false);
  return out;
}

void check(TinyShape shape) {
  shape.kv_blocks = 20 * 10;
  std::vector<float> wanted = session(TinyModel(shape, 1, XLLM_ISA_AUTO, 2), XLLM_MODE_EAGER);
  ASSERT_FALSE(wanted.empty());
  for (int32_t mode : {XLLM_MODE_AUTO, XLLM_MODE_PIECEWISE, XLLM_MODE_FULL}) {
    for (int32_t threads : {1, 2, 5}) {
      TinyModel model(shape, 1, XLLM_ISA_AUTO, threads);
      std::string what = "mode " + std::to_string(mode) + ", " + std::to_string(threads) + " threads";
      expect_same(session(model, mode), wanted, what);
      expect_same(session(model, mode), wanted, what + ", from recorded graphs");
    }
  }
  TinyModel scalar(shape, 1, XLLM_ISA_SCALAR, 1);
  expect_same(session(scalar, XLLM_MODE_AUTO), wanted, "scalar");
}

TEST(Graph, ModesGiveTheSameBitsForQuantisedWeights) { check({}); }

TEST(Graph, ModesGiveTheSameBitsForFloatWeightsHeadNormsAndBiases) {
  TinyShape shape;
  shape.type = shape.head_type = XLLM_TYPE_BF16;
  shape.hidden = 144, shape.heads = 3, shape.kv_heads = 1, shape.head_dim = 24, shape.intermediate = 200;
  shape.head_norm = shape.biases = true;
  shape.tied = false;
  shape.vocabulary = 517;  // no multiple of a tile: logits pass through their buffer
  check(shape);
}

TEST(Graph, ModesGiveTheSameBitsForFloatActivations) {
  TinyShape shape;
  shape.type = XLLM_TYPE_Q5_0, shape.head_type = XLLM_TYPE_F16;
  shape.float_activations = true;
  shape.hidden = 160, shape.heads = 2, shape.kv_heads = 1, shape.head_dim = 80, shape.intermediate = 96;
  check(shape);
}

TEST(Graph, FullStepsAgreeWhenContextsGrowIntoANewRange) {
  TinyShape shape;
  auto decode = [&](int32_t mode, int32_t threads) {
    TinyModel model(shape, 1, XLLM_ISA_AUTO, threads);
    std::vector<float> out;
    auto run = [&](const std::vector<Part>& parts, int32_t outputs, int32_t step_mode) {
      StepArrays arrays(parts, outputs, shape.vocabulary, step_mode);
      require(xllm_program_run(model.program().get(), model.kv().get(), &arrays.step));
      out.insert(out.end(), arrays.logits.begin(), arrays.logits.end());
    };
    std::vector<Part> streams = {{{1}, 250, model.blocks(0, 280)}, {{2}, 90, model.blocks(20, 120)}};
    for (const Part& stream : streams) {
      std::vector<int32_t> prompt(stream.context);
      for (int32_t t = 0; t < stream.context; ++t) prompt[t] = (t * 31 + 7) % shape.vocabulary;
      run({{prompt, 0, stream.blocks}}, 1, XLLM_MODE_AUTO);
    }
    for (int32_t step = 0; step < 12; ++step) {
      run(streams, 1, mode);
      for (Part& stream : streams) ++stream.context;
    }
    return out;
  };
  std::vector<float> wanted = decode(XLLM_MODE_EAGER, 1);
  for (int32_t threads : {1, 2, 3}) {
    expect_same(decode(XLLM_MODE_FULL, threads), wanted, "full");
    expect_same(decode(XLLM_MODE_PIECEWISE, threads), wanted, "piecewise");
  }
}

TEST(Graph, APromptsUnwantedRowsEndAtTheLastAttention) {
  TinyShape shape;
  TinyModel model(shape, 1, XLLM_ISA_AUTO, 2);
  std::vector<int32_t> prompt(40, 3);
  StepArrays all({{prompt, 0, model.blocks(0, 41)}}, 40, shape.vocabulary, XLLM_MODE_EAGER);
  XLLM_OK_OR_FAIL(xllm_program_run(model.program().get(), model.kv().get(), &all.step));
  for (int32_t outputs : {0, 1, 3, 20, 39}) {
    StepArrays few({{prompt, 0, model.blocks(10, 41)}}, outputs, shape.vocabulary, XLLM_MODE_AUTO);
    XLLM_OK_OR_FAIL(xllm_program_run(model.program().get(), model.kv().get(), &few.step));
    expect_same(few.logits, {all.logits.end() - outputs * shape.vocabulary, all.logits.end()}, std::to_string(outputs));
    // What a step without outputs leaves in KV is whole.
    StepArrays next({{{5}, 40, model.blocks(10, 41)}}, 1, shape.vocabulary, XLLM_MODE_AUTO);
    StepArrays wanted({{{5}, 40, model.blocks(0, 41)}}, 1, shape.vocabulary, XLLM_MODE_EAGER);
    XLLM_OK_OR_FAIL(xllm_program_run(model.program().get(), model.kv().get(), &next.step));
    XLLM_OK_OR_FAIL(xllm_program_run(model.program().get(), model.kv().get(), &wanted.step));
    expect_same(next.logits, wanted.logits, "after " + std::to_string(outputs));
  }
}

TEST(Graph, AStepHasFiveBarriersALayerForOneStream) {
  TinyShape shape;
  shape.layers = 4;
  TinyModel model(shape, 1, XLLM_ISA_AUTO, 2);
  StepArrays arrays({{{1}, 0, model.blocks(0, 1)}}, 1, shape.vocabulary, XLLM_MODE_AUTO);
  XLLM_OK_OR_FAIL(xllm_program_run(model.program().get(), model.kv().get(), &arrays.step));
  EXPECT_EQ(1, info_of(model).full_steps);
  EXPECT_LE(info_of(model).barriers, 5 * shape.layers + 1);  // and one before the head
}

TEST(Graph, OneGraphServesABucketOfRowsAndTheirNumberIsBounded) {
  TinyShape shape;
  TinyModel model(shape, 1, XLLM_ISA_AUTO, 2);
  auto run = [&](int32_t streams, int32_t rows, int32_t outputs, int32_t mode) {
    std::vector<Part> parts;
    for (int32_t s = 0; s < streams; ++s) parts.push_back({std::vector<int32_t>(rows, s), 0, {s, s + 20, s + 40}});
    StepArrays arrays(parts, outputs, shape.vocabulary, mode);
    require(xllm_program_run(model.program().get(), model.kv().get(), &arrays.step));
  };
  for (int32_t streams : {5, 6, 7, 8, 5}) run(streams, 1, 1, XLLM_MODE_AUTO);
  EXPECT_EQ(1, info_of(model).records);
  EXPECT_EQ(5, info_of(model).full_steps);
  run(9, 1, 1, XLLM_MODE_AUTO);
  EXPECT_EQ(2, info_of(model).records);
  run(2, 20, 1, XLLM_MODE_AUTO);
  EXPECT_EQ(1, info_of(model).piecewise_steps);
  EXPECT_EQ(3, info_of(model).records);
  run(2, 20, 1, XLLM_MODE_EAGER);
  EXPECT_EQ(1, info_of(model).eager_steps);
  EXPECT_EQ(3, info_of(model).records);
  for (int32_t round = 0; round < 2; ++round) {
    for (int32_t streams : {1, 2, 4, 8, 16}) {
      for (int32_t rows : {1, 2, 4, 8}) {
        for (int32_t outputs : {0, 1}) run(streams, rows, outputs, XLLM_MODE_PIECEWISE);
      }
    }
  }
  EXPECT_EQ(info_of(model).graphs, info_of(model).records - info_of(model).evictions);
  EXPECT_LE(info_of(model).graphs, 32);
}

TEST(Graph, OpsRunOneByOneGiveTheStepsLogits) {
  TinyShape shape;
  TinyModel model(shape, 1, XLLM_ISA_AUTO, 2);
  std::vector<Part> parts = {{{5, 6, 7}, 0, model.blocks(0, 3)}, {{8}, 0, model.blocks(9, 1)}};
  StepArrays whole(parts, 1, shape.vocabulary, XLLM_MODE_AUTO), pieces(parts, 1, shape.vocabulary, XLLM_MODE_AUTO);
  XLLM_OK_OR_FAIL(xllm_program_run(model.program().get(), model.kv().get(), &whole.step));
  int32_t ops = info_of(model).ops;
  for (int32_t op = 0; op < ops; ++op) {
    XLLM_OK_OR_FAIL(xllm_program_run_ops(model.program().get(), model.kv().get(), &pieces.step, op, 1));
  }
  expect_same(pieces.logits, whole.logits, "op by op");
  EXPECT_EQ(1, info_of(model).eager_steps);
}

TEST(Graph, WrongModesAndOpRangesAreRefused) {
  TinyShape shape;
  TinyModel model(shape, 1, XLLM_ISA_AUTO, 1);
  StepArrays prompt({{{1, 2}, 0, model.blocks(0, 2)}}, 1, shape.vocabulary, XLLM_MODE_FULL);
  xllm_program* program = model.program().get();
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_program_run(program, model.kv().get(), &prompt.step));
  EXPECT_NE(nullptr, std::strstr(xllm_last_error(), "2 rows of 1 sequences"));
  prompt.step.mode = 4;
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_program_run(program, model.kv().get(), &prompt.step));
  prompt.step.mode = XLLM_MODE_AUTO;
  int32_t ops = info_of(model).ops;
  for (auto [first, count] : std::initializer_list<std::pair<int32_t, int32_t>>{{-1, 1}, {0, 0}, {0, ops + 1}, {ops, 1}, {1, INT32_MAX}}) {
    EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_program_run_ops(program, model.kv().get(), &prompt.step, first, count));
  }
}

}  // namespace
}  // namespace xllm::test
