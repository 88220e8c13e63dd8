#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "support/tiny_model.h"

namespace xllm::test {
namespace {

// The status is `wanted` and the text has `word`.
#define EXPECT_REFUSED(wanted, call, word)                                      \
  do {                                                                          \
    EXPECT_EQ(wanted, (call));                                                  \
    EXPECT_NE(nullptr, std::strstr(xllm_last_error(), word)) << xllm_last_error(); \
  } while (0)

TEST(Hostile, DestroyAndBytesTakeNull) {
  xllm_device_destroy(nullptr);
  xllm_weight_destroy(nullptr);
  xllm_kv_destroy(nullptr);
  xllm_program_destroy(nullptr);
  EXPECT_EQ(0u, xllm_weight_bytes(nullptr));
  EXPECT_EQ(0u, xllm_kv_bytes(nullptr));
}

TEST(Hostile, DeviceOptions) {
  xllm_device* device = nullptr;
  xllm_device_options good{};
  good.size = sizeof(good);
  EXPECT_REFUSED(XLLM_INVALID_ARGUMENT, xllm_device_create(nullptr, &device), "NULL");
  EXPECT_REFUSED(XLLM_INVALID_ARGUMENT, xllm_device_create(&good, nullptr), "NULL");
  auto refused = [&](auto change, xllm_status status, const char* word) {
    xllm_device_options options = good;
    change(options);
    EXPECT_REFUSED(status, xllm_device_create(&options, &device), word);
    EXPECT_EQ(nullptr, device);
  };
  refused([](auto& o) { o.size = sizeof(o) + 4; }, XLLM_INVALID_ARGUMENT, "size");
  refused([](auto& o) { o.size = 0; }, XLLM_INVALID_ARGUMENT, "size");
  refused([](auto& o) { o.threads = 257; }, XLLM_INVALID_ARGUMENT, "threads");
  refused([](auto& o) { o.threads = -1; }, XLLM_INVALID_ARGUMENT, "threads");
  refused([](auto& o) { o.isa = 9; }, XLLM_INVALID_ARGUMENT, "isa");
  refused([](auto& o) { o.backend = 7; }, XLLM_INVALID_ARGUMENT, "backend");
  int32_t supported;
  EXPECT_REFUSED(XLLM_INVALID_ARGUMENT, xllm_isa_supported(-1, &supported), "isa");
}

TEST(Hostile, AnOlderCallersSmallerStructReadsAsZeros) {
  xllm_device_options options;
  std::memset(&options, 0x7f, sizeof(options));
  options.size = offsetof(xllm_device_options, isa);
  options.backend = XLLM_BACKEND_CPU;
  xllm_device* device = nullptr;
  XLLM_OK_OR_FAIL(xllm_device_create(&options, &device));
  xllm_device_destroy(device);
}

TEST(Hostile, Weights) {
  Device device = make_device(XLLM_ISA_AUTO, 1);
  uint8_t data[18 * 4] = {};
  xllm_weight_desc good{};
  good.size = sizeof(good);
  good.type = XLLM_TYPE_Q4_0;
  good.usage = XLLM_WEIGHT_MATRIX;
  good.rows = 2;
  good.cols = 64;
  good.data = data;
  good.data_bytes = sizeof(data);
  xllm_weight* weight = nullptr;
  auto refused = [&](auto change, xllm_status status, const char* word) {
    xllm_weight_desc desc = good;
    change(desc);
    EXPECT_REFUSED(status, xllm_weight_create(device.get(), &desc, &weight), word);
    EXPECT_EQ(nullptr, weight);
  };
  refused([](auto& d) { d.rows = 0; }, XLLM_INVALID_ARGUMENT, "rows");
  refused([](auto& d) { d.rows = -1; }, XLLM_INVALID_ARGUMENT, "rows");
  refused([](auto& d) { d.rows = std::numeric_limits<int64_t>::max(); }, XLLM_INVALID_ARGUMENT, "rows");
  refused([](auto& d) { d.cols = 33; }, XLLM_INVALID_ARGUMENT, "block");
  refused([](auto& d) { d.cols = int64_t{1} << 60; }, XLLM_INVALID_ARGUMENT, "columns");
  refused([](auto& d) { d.data_bytes -= 1; }, XLLM_INVALID_ARGUMENT, "bytes");
  refused([](auto& d) { d.data_bytes = ~0ull; }, XLLM_INVALID_ARGUMENT, "bytes");
  refused([](auto& d) { d.data = nullptr; }, XLLM_INVALID_ARGUMENT, "NULL");
  refused([](auto& d) { d.usage = 0; }, XLLM_INVALID_ARGUMENT, "usage");
  refused([](auto& d) { d.usage = XLLM_WEIGHT_VECTOR | XLLM_WEIGHT_MATRIX; }, XLLM_INVALID_ARGUMENT, "usage");
  refused([](auto& d) { d.usage = XLLM_WEIGHT_VECTOR; }, XLLM_INVALID_ARGUMENT, "vector");
  refused([](auto& d) { d.type = 99; }, XLLM_UNSUPPORTED, "99");
  EXPECT_REFUSED(XLLM_INVALID_ARGUMENT, xllm_weight_create(nullptr, &good, &weight), "NULL");
}

TEST(Hostile, KvPools) {
  Device device = make_device(XLLM_ISA_AUTO, 1);
  xllm_kv_desc good{};
  good.size = sizeof(good);
  good.type = XLLM_TYPE_F16;
  good.layers = 2, good.kv_heads = 2, good.head_dim = 16, good.block_tokens = 16, good.blocks = 4;
  xllm_kv* kv = nullptr;
  auto refused = [&](auto change, xllm_status status, const char* word) {
    xllm_kv_desc desc = good;
    change(desc);
    EXPECT_REFUSED(status, xllm_kv_create(device.get(), &desc, &kv), word);
    EXPECT_EQ(nullptr, kv);
  };
  refused([](auto& d) { d.type = XLLM_TYPE_Q4_0; }, XLLM_INVALID_ARGUMENT, "type");
  refused([](auto& d) { d.layers = 0; }, XLLM_INVALID_ARGUMENT, "layers");
  refused([](auto& d) { d.kv_heads = -3; }, XLLM_INVALID_ARGUMENT, "kv_heads");
  refused([](auto& d) { d.head_dim = 2000; }, XLLM_INVALID_ARGUMENT, "head_dim");
  refused([](auto& d) { d.block_tokens = 24; }, XLLM_INVALID_ARGUMENT, "block_tokens");
  refused([](auto& d) { d.blocks = 0; }, XLLM_INVALID_ARGUMENT, "blocks");
  refused(
      [](auto& d) {
        d.layers = d.kv_heads = 65536;
        d.head_dim = 1024;
        d.block_tokens = 128;
        d.blocks = INT32_MAX;
      },
      XLLM_INVALID_ARGUMENT, "KV pool");
  refused(
      [](auto& d) {
        d.layers = 65536;
        d.kv_heads = 1024;
        d.head_dim = 1024;
        d.blocks = 1 << 20;
      },
      XLLM_OUT_OF_MEMORY, "bytes");
  XLLM_OK_OR_FAIL(xllm_kv_create(device.get(), &good, &kv));
  EXPECT_REFUSED(XLLM_INVALID_ARGUMENT, xllm_kv_copy_block(kv, 0, 4), "blocks");
  EXPECT_REFUSED(XLLM_INVALID_ARGUMENT, xllm_kv_copy_block(kv, -1, 0), "blocks");
  EXPECT_EQ(XLLM_OK, xllm_kv_copy_block(kv, 1, 1));
  xllm_kv_destroy(kv);
}

// A small right program that each case spoils in one place.
struct SmallProgram {
  SmallProgram() : device(make_device(XLLM_ISA_AUTO, 1)) {
    Random random(1);
    table = make_weight(device.get(), XLLM_TYPE_F32, XLLM_WEIGHT_TABLE, 10, 32, bytes_of(random.normals(320)));
    matrix = make_weight(device.get(), XLLM_TYPE_F32, XLLM_WEIGHT_MATRIX, 32, 32, bytes_of(random.normals(1024)));
    vector = make_vector(device.get(), random.normals(32));
    for (int i = 0; i < 5; ++i) builder.tokens_buffer(32);
    builder.logits = builder.outputs_buffer(32);
    builder.weight(table), builder.weight(matrix), builder.weight(vector);
    builder.frequencies = {std::vector<float>(8, 1.0f)};
    builder.rope_scales = {1.0f};
    builder.max_tokens = builder.max_outputs = 8;
    builder.ops = {make_op(XLLM_OP_EMBED, {}, 0, {0}, {}, {1.0f}),
                   make_op(XLLM_OP_RMS_NORM, {0}, 1, {2}, {0}, {1e-5f}),
                   make_op(XLLM_OP_LINEAR, {1}, 2, {1, 2}),
                   make_op(XLLM_OP_ROPE, {}, 2, {}, {2, 16, 16, 0, 0}),
                   make_op(XLLM_OP_ATTENTION, {2, 1, 1}, 3, {}, {0, 2, 2, 16, 0}, {0.25f, 0.0f}),
                   make_op(XLLM_OP_SWIGLU, {2, 3}, 4),
                   make_op(XLLM_OP_BIAS, {4}, 4, {2}),
                   make_op(XLLM_OP_GATHER, {4}, builder.logits)};
  }
  Device device;
  WeightHandle table, matrix, vector;
  ProgramBuilder builder;
};

TEST(Hostile, Programs) {
  SmallProgram small;
  xllm_program* program = nullptr;
  XLLM_OK_OR_FAIL(small.builder.try_build(small.device.get(), &program));
  xllm_program_destroy(program);
  auto refused = [&](const std::function<void(ProgramBuilder&)>& change, const char* word,
                     xllm_status status = XLLM_INVALID_ARGUMENT) {
    ProgramBuilder spoiled = small.builder;
    change(spoiled);
    EXPECT_REFUSED(status, spoiled.try_build(small.device.get(), &program), word);
    EXPECT_EQ(nullptr, program);
  };
  refused([](auto& b) { b.ops[0].out[0] = 6; }, "op 0 (EMBED)");
  refused([](auto& b) { b.ops[0].out[0] = -1; }, "op 0 (EMBED)");
  refused([](auto& b) { b.ops[0].weight[0] = 1; }, "table");
  refused([](auto& b) { b.ops[0].weight[0] = 3; }, "weight0");
  refused([](auto& b) { b.ops[1].i[0] = 5; }, "op 1 (RMS_NORM)");
  refused([](auto& b) { b.ops[1].i[0] = 16; }, "16 are needed");
  refused([](auto& b) { b.ops[1].i[0] = -32; }, "op 1");
  refused([](auto& b) { b.ops[1].f[0] = std::nanf(""); }, "finite");
  refused([](auto& b) { b.ops[2].out[0] = 1; }, "different buffers");
  refused([](auto& b) { b.ops[2].flags = 4; }, "flags");
  refused([](auto& b) { b.ops[2].weight[1] = 1; }, "vector");
  refused([](auto& b) { b.buffers[2].width = 31; }, "op 2 (LINEAR)");
  refused([](auto& b) { b.ops[3].i[2] = 15; }, "op 3 (ROPE)");
  refused([](auto& b) { b.ops[3].i[2] = 18; }, "op 3");
  refused([](auto& b) { b.ops[3].i[2] = 8; }, "pairs");
  refused([](auto& b) { b.ops[3].i[4] = 1; }, "rope table");
  refused([](auto& b) { b.ops[3].i[0] = INT32_MAX; }, "op 3");
  refused([](auto& b) { b.ops[4].i[2] = 0; }, "op 4 (ATTENTION)");
  refused([](auto& b) { b.ops[4].i[0] = -1; }, "layer");
  refused([](auto& b) { b.ops[4].i[3] = 32; }, "op 4");
  refused([](auto& b) { b.ops[4].out[0] = 2; }, "different buffers");
  refused([](auto& b) { b.ops[4].i[4] = -1; }, "window");
  refused([](auto& b) { b.ops[5].in[1] = 99; }, "in1 is buffer 99");
  refused([](auto& b) { b.ops[7].out[0] = 0; }, "output rows");
  refused([](auto& b) { b.ops[6].out[0] = 5; }, "kinds of rows");
  refused([](auto& b) { b.ops[3].code = 77; }, "77", XLLM_UNSUPPORTED);
  refused([](auto& b) { b.logits = 0; }, "logits");
  refused([](auto& b) { b.max_tokens = 0; }, "max_tokens");
  refused([](auto& b) { b.max_outputs = 65537; }, "max_outputs");
  refused([](auto& b) { b.buffers[1].width = 1 << 23; }, "width");
  refused([](auto& b) { b.buffers[1].rows = 2; }, "rows");
  refused([](auto& b) { b.weights[1] = nullptr; }, "weight 1 is NULL");
  refused([](auto& b) { b.ops.clear(); }, "ops");
  SmallProgram other;
  refused([&](auto& b) { b.weights[1] = other.matrix.get(); }, "another device");
}

struct SmallStep {
  std::vector<int32_t> tokens = {1, 2, 3, 4}, positions = {0, 1, 2, 3}, blocks = {0, 1}, rows = {1, 3};
  std::vector<xllm_sequence> sequences;
  std::vector<float> logits = std::vector<float>(64);
  xllm_step step{};

  SmallStep() {
    sequences = {{0, 3, 0, 1, blocks.data()}, {3, 1, 0, 1, blocks.data() + 1}};
    step.size = sizeof(step);
    step.token_count = 4;
    step.sequence_count = 2;
    step.output_count = 2;
    step.tokens = tokens.data();
    step.positions = positions.data();
    step.sequences = sequences.data();
    step.output_rows = rows.data();
    step.logits = logits.data();
  }
};

TEST(Hostile, Steps) {
  SmallProgram small;
  Program program = small.builder.build(small.device.get());
  xllm_kv_desc desc{};
  desc.size = sizeof(desc);
  desc.layers = 1, desc.kv_heads = 2, desc.head_dim = 16, desc.block_tokens = 16, desc.blocks = 2;
  xllm_kv* raw = nullptr;
  require(xllm_kv_create(small.device.get(), &desc, &raw));
  Kv kv(raw);
  desc.head_dim = 8;
  require(xllm_kv_create(small.device.get(), &desc, &raw));
  Kv other(raw);
  {
    SmallStep good;
    XLLM_OK_OR_FAIL(xllm_program_run(program.get(), kv.get(), &good.step));
    EXPECT_REFUSED(XLLM_INVALID_ARGUMENT, xllm_program_run(program.get(), nullptr, &good.step), "kv is NULL");
    EXPECT_REFUSED(XLLM_INVALID_ARGUMENT, xllm_program_run(program.get(), other.get(), &good.step), "KV pool");
    EXPECT_REFUSED(XLLM_INVALID_ARGUMENT, xllm_program_run(nullptr, kv.get(), &good.step), "program");
    EXPECT_REFUSED(XLLM_INVALID_ARGUMENT, xllm_program_run(program.get(), kv.get(), nullptr), "step");
  }
  auto refused = [&](const std::function<void(SmallStep&)>& change, const char* word) {
    SmallStep spoiled;
    change(spoiled);
    EXPECT_REFUSED(XLLM_INVALID_ARGUMENT, xllm_program_run(program.get(), kv.get(), &spoiled.step), word);
  };
  refused([](auto& s) { s.tokens[2] = 10; }, "token 10");
  refused([](auto& s) { s.tokens[2] = -1; }, "token -1");
  refused([](auto& s) { s.positions[1] = -5; }, "position");
  refused([](auto& s) { s.step.token_count = 9; }, "tokens");
  refused([](auto& s) { s.step.token_count = 0; }, "tokens");
  refused([](auto& s) { s.step.token_count = 3; }, "rows");
  refused([](auto& s) { s.step.sequence_count = 1; }, "rows");
  refused([](auto& s) { s.step.sequence_count = 0; }, "sequences");
  refused([](auto& s) { s.sequences[1].first_row = 2; }, "starts at row");
  refused([](auto& s) { s.sequences[0].rows = -1; }, "rows");
  refused([](auto& s) { s.sequences[0].context = -1; }, "context");
  refused([](auto& s) { s.sequences[0].context = INT32_MAX; }, "positions");
  refused([](auto& s) { s.sequences[0].context = 14; }, "KV blocks");
  refused([](auto& s) { s.sequences[0].block_count = 0; }, "KV blocks");
  refused([](auto& s) { s.sequences[0].blocks = nullptr; }, "KV blocks");
  refused([](auto& s) { s.blocks[0] = 2; }, "KV block 2");
  refused([](auto& s) { s.blocks[1] = -1; }, "KV block -1");
  refused([](auto& s) { s.rows = {1, 1}; s.step.output_rows = s.rows.data(); }, "output row");
  refused([](auto& s) { s.rows = {1, 4}; s.step.output_rows = s.rows.data(); }, "output row");
  refused([](auto& s) { s.rows = {-1, 2}; s.step.output_rows = s.rows.data(); }, "output row");
  refused([](auto& s) { s.step.output_count = 9; }, "outputs");
  refused([](auto& s) { s.step.output_count = -1; }, "outputs");
  refused([](auto& s) { s.step.logits = nullptr; }, "logits");
  refused([](auto& s) { s.step.tokens = nullptr; }, "NULL");
  refused([](auto& s) { s.step.sequences = nullptr; }, "sequences");
}

TEST(Hostile, WeightsThatAreNotNumbersDoNotCrashAStep) {
  for (int32_t isa : isas()) {
    Device device = make_device(isa, 2);
    Random random(8);
    std::vector<float> inputs = random.normals(4 * 64);
    inputs[3] = std::nanf(""), inputs[70] = std::numeric_limits<float>::infinity(), inputs[140] = 3e38f;
    WeightHandle table = make_weight(device.get(), XLLM_TYPE_F32, XLLM_WEIGHT_TABLE, 4, 64, bytes_of(inputs));
    std::vector<uint8_t> noise = random.weights(XLLM_TYPE_Q4_0, 64, 64, 1.0f);
    for (uint8_t& byte : noise) byte = 0xff;  // scales that are not numbers
    WeightHandle matrix = make_weight(device.get(), XLLM_TYPE_Q4_0, XLLM_WEIGHT_MATRIX, 64, 64, noise);
    ProgramBuilder b;
    for (int i = 0; i < 3; ++i) b.tokens_buffer(64);
    b.logits = b.outputs_buffer(64);
    b.weight(table), b.weight(matrix);
    b.ops = {make_op(XLLM_OP_EMBED, {}, 0, {0}, {}, {1.0f}), make_op(XLLM_OP_LINEAR, {0}, 1, {1}),
             make_op(XLLM_OP_ATTENTION, {0, 1, 1}, 2, {}, {0, 4, 4, 16, 0}, {0.25f, 1.0f}),
             make_op(XLLM_OP_SWIGLU, {2, 1}, 2), make_op(XLLM_OP_GATHER, {2}, b.logits)};
    Program program = b.build(device.get());
    xllm_kv_desc desc{};
    desc.size = sizeof(desc);
    desc.type = XLLM_TYPE_F16;
    desc.layers = 1, desc.kv_heads = 4, desc.head_dim = 16, desc.block_tokens = 8, desc.blocks = 1;
    xllm_kv* kv = nullptr;
    require(xllm_kv_create(device.get(), &desc, &kv));
    EXPECT_EQ(256u, run_step(program, Kv(kv), {{{0, 1, 2, 3}, 0, {0}}}, 64).size());
  }
}

}  // namespace
}  // namespace xllm::test
