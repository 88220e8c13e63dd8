#include "support/tiny_model.h"

namespace xllm::test {
namespace {

std::vector<int32_t> tokens_of(Random& random, int32_t n, int32_t vocabulary) {
  std::vector<int32_t> tokens(n);
  for (int32_t& token : tokens) token = random.below(vocabulary);
  return tokens;
}

// Logits of `tokens` in steps of `chunk`.
std::vector<float> alone(const TinyModel& model, const std::vector<int32_t>& tokens, int32_t chunk, int32_t first_block) {
  std::vector<float> out;
  int32_t length = static_cast<int32_t>(tokens.size());
  for (int32_t at = 0; at < length; at += chunk) {
    int32_t end = std::min(at + chunk, length);
    Part part{{tokens.begin() + at, tokens.begin() + end}, at, model.blocks(first_block, length)};
    std::vector<float> got = model.step({part});
    out.insert(out.end(), got.begin(), got.end());
  }
  return out;
}

// Two sequences side by side in uneven chunks.
std::pair<std::vector<float>, std::vector<float>> together(const TinyModel& model, const std::vector<int32_t>& a,
                                                           const std::vector<int32_t>& b) {
  std::pair<std::vector<float>, std::vector<float>> out;
  int32_t la = static_cast<int32_t>(a.size()), lb = static_cast<int32_t>(b.size());
  auto blocks_a = model.blocks(3, la), blocks_b = model.blocks(40, lb);
  int32_t at_a = 0, at_b = 0, width = model.shape().vocabulary;
  for (int32_t step = 0; at_a < la || at_b < lb; ++step) {
    int32_t na = std::min(la - at_a, 1 + step * 7 % 23), nb = std::min(lb - at_b, 1 + step * 5 % 11);
    std::vector<Part> parts;
    if (na > 0) parts.push_back({{a.begin() + at_a, a.begin() + at_a + na}, at_a, blocks_a});
    if (nb > 0) parts.push_back({{b.begin() + at_b, b.begin() + at_b + nb}, at_b, blocks_b});
    std::vector<float> got = model.step(parts);
    out.first.insert(out.first.end(), got.begin(), got.begin() + static_cast<size_t>(na) * width);
    out.second.insert(out.second.end(), got.begin() + static_cast<size_t>(na) * width, got.end());
    at_a += na, at_b += nb;
  }
  return out;
}

void check(const TinyShape& shape) {
  Random random(77);
  std::vector<int32_t> a = tokens_of(random, 150, shape.vocabulary), b = tokens_of(random, 61, shape.vocabulary);
  TinyModel scalar(shape, 1, XLLM_ISA_SCALAR, 2);
  std::vector<float> wanted_a = alone(scalar, a, 150, 0), wanted_b = alone(scalar, b, 61, 20);
  for (float x : wanted_a) ASSERT_TRUE(x > -1e4f && x < 1e4f);
  for (int32_t isa : isas()) {
    for (int32_t threads : {1, 2, 3}) {
      TinyModel model(shape, 1, isa, threads);
      std::string what = isa_text(isa) + " " + std::to_string(threads);
      expect_same(alone(model, b, 1, 30), wanted_b, what + " token by token");
      expect_same(alone(model, a, 150, 0), wanted_a, what + " whole, over used blocks");
      expect_same(alone(model, a, 64, 5), wanted_a, what + " in chunks");
      auto [got_a, got_b] = together(model, a, b);
      expect_same(got_a, wanted_a, what + " in a batch");
      expect_same(got_b, wanted_b, what + " in a batch");
    }
  }
}

TEST(Model, LlamaLikeInQ4_1WithQ8_0Head) { check({}); }

TEST(Model, QwenLikeInFloatWithHeadNormsAndBiases) {
  TinyShape shape;
  shape.type = shape.head_type = XLLM_TYPE_BF16;
  shape.hidden = 144, shape.heads = 3, shape.kv_heads = 1, shape.head_dim = 24, shape.intermediate = 200;
  shape.head_norm = shape.biases = true;
  shape.tied = false;
  shape.kv_type = XLLM_TYPE_F32;
  shape.block_tokens = 8;
  check(shape);
}

TEST(Model, MistralLikeInQ4_KWithAWindow) {
  TinyShape shape;
  shape.type = XLLM_TYPE_Q4_K, shape.head_type = XLLM_TYPE_Q6_K, shape.heads = 8;
  shape.window = 48;
  check(shape);
}

TEST(Model, FloatActivationsOverQ5_0) {
  TinyShape shape;
  shape.type = XLLM_TYPE_Q5_0, shape.head_type = XLLM_TYPE_F16;
  shape.float_activations = true;
  shape.hidden = 160, shape.heads = 2, shape.kv_heads = 1, shape.head_dim = 80, shape.intermediate = 96;
  check(shape);
}

TEST(Model, ACopiedBlockGivesTheSameContinuation) {
  TinyShape shape;
  TinyModel model(shape, 1, XLLM_ISA_AUTO, 2);
  Random random(3);
  std::vector<int32_t> tokens = tokens_of(random, 20, shape.vocabulary);
  std::vector<float> wanted = alone(model, tokens, 19, 0);
  std::vector<int32_t> blocks = model.blocks(0, 20);
  XLLM_OK_OR_FAIL(xllm_kv_copy_block(model.kv().get(), blocks[1], 50));
  std::vector<float> got = model.step({{{tokens[19]}, 19, {blocks[0], 50}}});
  expect_same(got, {wanted.end() - shape.vocabulary, wanted.end()}, "copy");
}

TEST(Model, ACancelledStepSaysSoAndTheNextOneIsRight) {
  TinyShape shape;
  TinyModel model(shape, 1, XLLM_ISA_AUTO, 2);
  Random random(4);
  std::vector<int32_t> tokens = tokens_of(random, 12, shape.vocabulary);
  std::vector<float> wanted = alone(model, tokens, 12, 0);
  std::vector<int32_t> positions(12), blocks = model.blocks(0, 12);
  for (int32_t t = 0; t < 12; ++t) positions[t] = t;
  xllm_sequence sequence = {0, 12, 0, static_cast<int32_t>(blocks.size()), blocks.data()};
  int32_t cancel = 1;
  xllm_step step{};
  step.size = sizeof(step);
  step.token_count = 12;
  step.sequence_count = 1;
  step.tokens = tokens.data();
  step.positions = positions.data();
  step.sequences = &sequence;
  step.cancel = &cancel;
  EXPECT_EQ(XLLM_CANCELLED, xllm_program_run(model.program().get(), model.kv().get(), &step));
  cancel = 0;
  EXPECT_EQ(XLLM_OK, xllm_program_run(model.program().get(), model.kv().get(), &step));
  expect_same(alone(model, tokens, 12, 0), wanted, "after a cancel");
}

}  // namespace
}  // namespace xllm::test
