#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "support/tiny_model.h"

// KV found through reserved ranges of addresses: the same bits as by block lists, whatever is mapped beforehand.
namespace xllm::test {
namespace {

xllm_kv_info info_of(const Kv& kv) {
  xllm_kv_info info{};
  info.size = sizeof(info);
  require(xllm_kv_describe(kv.get(), &info));
  return info;
}

std::vector<int32_t> some_tokens(uint64_t seed, int32_t n) {
  Random random(seed);
  std::vector<int32_t> tokens(n);
  for (int32_t& token : tokens) token = random.below(320);
  return tokens;
}

std::vector<float> run_in(const TinyModel& model, const std::vector<int32_t>& tokens, const std::vector<int32_t>& blocks,
                          int32_t chunk, int32_t range) {
  std::vector<float> out;
  for (size_t at = 0; at < tokens.size(); at += chunk) {
    size_t end = std::min(at + chunk, tokens.size());
    std::vector<float> got = model.step({{{tokens.begin() + at, tokens.begin() + end}, static_cast<int32_t>(at), blocks, range}});
    out.insert(out.end(), got.begin(), got.end());
  }
  return out;
}

TinyShape virtual_shape() {
  TinyShape shape;
  shape.kv_ranges = 4;
  return shape;
}

bool is_virtual(const TinyModel& model) { return info_of(model.kv()).mode == XLLM_KV_VIRTUAL; }

TEST(KvRanges, LogitsAreThoseOfBlockListsOnEveryPathBlockSizeAndChunk) {
  std::vector<int32_t> a = some_tokens(1, 300), b = some_tokens(2, 61);
  for (int32_t block_tokens : {8, 32}) {
    for (int32_t type : {XLLM_TYPE_F16, XLLM_TYPE_F32}) {
      TinyShape plain = {};
      plain.block_tokens = block_tokens, plain.kv_type = type;
      TinyModel reference(plain, 1, XLLM_ISA_SCALAR, 2);
      std::vector<float> wanted_a = run_in(reference, a, reference.blocks(0, 300), 100, -1);
      std::vector<float> wanted_b = run_in(reference, b, reference.blocks(40, 61), 61, -1);
      for (int32_t isa : isas()) {
        TinyShape shape = plain;
        shape.kv_ranges = 4;
        TinyModel model(shape, 1, isa, 2);
        if (!is_virtual(model)) GTEST_SKIP() << info_of(model.kv()).reason;
        std::string what = isa_text(isa) + " blocks of " + std::to_string(block_tokens);
        auto blocks_a = model.blocks(0, 300), blocks_b = model.blocks(40, 61);
        expect_same(run_in(model, a, blocks_a, 37, 1), wanted_a, what + ", chunks, range 1");
        expect_same(run_in(model, b, blocks_b, 1, 3), wanted_b, what + ", token by token, range 3");
        auto both = model.step({{b, 0, blocks_b, 0}, {{a[299]}, 299, blocks_a, 1}, {{b[60]}, 60, blocks_b, -1}});
        expect_same({both.begin(), both.begin() + 61 * 320}, wanted_b, what + ", in a batch with others");
        expect_same({both.begin() + 61 * 320, both.begin() + 62 * 320}, {wanted_a.end() - 320, wanted_a.end()}, what);
      }
    }
  }
}

TEST(KvRanges, ASharedPrefixIsTheSameMemoryInSeveralRanges) {
  TinyModel model(virtual_shape(), 1, XLLM_ISA_AUTO, 2);
  if (!is_virtual(model)) GTEST_SKIP();
  std::vector<int32_t> tokens = some_tokens(3, 40);
  std::vector<float> wanted = run_in(model, tokens, {5, 9, 2}, 40, 0);
  // Only the last 8 tokens are computed again, in another range and a block of their own.
  auto got = model.step({{{tokens.begin() + 32, tokens.end()}, 32, {5, 9, 30}, 2}});
  expect_same(got, {wanted.end() - 8 * 320, wanted.end()}, "second range");
  EXPECT_EQ(6, info_of(model.kv()).mapped_blocks);
}

TEST(KvRanges, ACopiedBlockLetsTwoRangesGoOnApart) {
  TinyModel model(virtual_shape(), 1, XLLM_ISA_AUTO, 2), alone(virtual_shape(), 1, XLLM_ISA_AUTO, 2);
  if (!is_virtual(model)) GTEST_SKIP();
  std::vector<int32_t> tokens = some_tokens(4, 20);
  run_in(model, tokens, {0, 1}, 20, 0);
  require(xllm_kv_copy_block(model.kv().get(), 1, 7));
  auto got = model.step({{{11}, 20, {0, 1}, 0}, {{12}, 20, {0, 7}, 1}});
  for (int32_t i = 0; i < 2; ++i) {
    std::vector<int32_t> longer = tokens;
    longer.push_back(11 + i);
    std::vector<float> wanted = run_in(alone, longer, {3, 4}, 21, -1);
    expect_same({got.begin() + i * 320, got.begin() + (i + 1) * 320}, {wanted.end() - 320, wanted.end()}, "sample");
  }
}

TEST(KvRanges, MappingsMadeAheadAreNotMadeAgain) {
  TinyModel model(virtual_shape(), 1, XLLM_ISA_AUTO, 2);
  if (!is_virtual(model)) GTEST_SKIP();
  std::vector<int32_t> tokens = some_tokens(5, 64);
  xllm_kv_mapping maps[] = {{1, 0, 10, 3}, {1, 3, 20, 1}};
  require(xllm_kv_map(model.kv().get(), maps, 2, XLLM_KV_MAP_AHEAD));
  run_in(model, tokens, {10, 11, 12, 20}, 64, 1);
  xllm_kv_info info = info_of(model.kv());
  EXPECT_EQ(2, info.map_calls);
  EXPECT_EQ(4, info.mapped_blocks);
  EXPECT_EQ(2, info.ahead_maps);
  EXPECT_EQ(0, info.repairs);
  // The same range with other blocks: only what differs is mapped.
  run_in(model, tokens, {10, 11, 30, 31}, 64, 1);
  info = info_of(model.kv());
  EXPECT_EQ(1, info.repairs);
  EXPECT_EQ(6, info.mapped_blocks);
  xllm_kv_mapping unmap = {1, 0, -1, 4};
  require(xllm_kv_map(model.kv().get(), &unmap, 1, 0));
  EXPECT_EQ(4, info_of(model.kv()).unmapped_blocks);
}

TEST(KvRanges, AtTheLimitOfMappingsTheBlockListIsUsed) {
  TinyShape shape;
  shape.kv_ranges = 1, shape.block_tokens = 8, shape.layers = 1, shape.kv_blocks = 60000;
  TinyModel model(shape, 1, XLLM_ISA_AUTO, 1);
  if (!is_virtual(model)) GTEST_SKIP();
  // One block everywhere: no two of these merge.
  std::vector<xllm_kv_mapping> maps;
  for (int32_t i = 10; i < 60000; ++i) maps.push_back({0, i, 0, 1});
  xllm_kv_info before = info_of(model.kv());
  xllm_status status = xllm_kv_map(model.kv().get(), maps.data(), static_cast<int32_t>(maps.size()), 0);
  if (status == XLLM_OK) GTEST_SKIP() << "vm.max_map_count is " << before.mapping_limit << " and more here";
  EXPECT_EQ(XLLM_OUT_OF_MEMORY, status) << xllm_last_error();
  xllm_kv_info info = info_of(model.kv());
  EXPECT_LE(info.mappings, info.mapping_limit);
  EXPECT_GT(info.mappings, info.mapping_limit - 4);
  std::vector<int32_t> tokens = some_tokens(6, 30);
  std::vector<float> wanted = run_in(model, tokens, {4, 3, 2, 1}, 30, -1);
  expect_same(run_in(model, tokens, {8, 7, 6, 5}, 30, 0), wanted, "at the limit");
  EXPECT_EQ(1, info_of(model.kv()).repairs);
  xllm_kv_mapping unmap = {0, 0, -1, 60000};
  require(xllm_kv_map(model.kv().get(), &unmap, 1, 0));
  EXPECT_EQ(2, info_of(model.kv()).mappings);
  expect_same(run_in(model, tokens, {8, 7, 6, 5}, 30, 0), wanted, "with room again");
  EXPECT_EQ(info.repairs + 1 + 4, info_of(model.kv()).repairs);
}

TEST(KvRanges, TheMemoryFileHoldsTheBlocksAndCannotShrink) {
  TinyModel model(virtual_shape(), 1, XLLM_ISA_AUTO, 1);
  if (!is_virtual(model)) GTEST_SKIP();
  std::vector<int32_t> tokens = some_tokens(7, 33);
  std::vector<float> wanted = run_in(model, tokens, {0, 1, 2}, 33, 0);
  xllm_kv_info info = info_of(model.kv());
  EXPECT_EQ(0, info.block_bytes % sysconf(_SC_PAGESIZE));
  EXPECT_EQ(static_cast<uint64_t>(64 * info.block_bytes), xllm_kv_bytes(model.kv().get()));
  // Another view of the file, as another process would have it: block 0 taken to block 40, through the file alone.
  size_t bytes = static_cast<size_t>(64 * info.block_bytes);
  void* seen = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, info.memory_file, 0);
  ASSERT_NE(MAP_FAILED, seen);
  uint8_t* data = static_cast<uint8_t*>(seen);
  std::copy_n(data, info.block_bytes, data + 40 * info.block_bytes);
  expect_same(model.step({{{tokens[32]}, 32, {40, 1, 2}, 1}}), {wanted.end() - 320, wanted.end()}, "through the file");
  munmap(seen, bytes);
  EXPECT_NE(0, ftruncate(info.memory_file, 4096));
}

TEST(KvRanges, WrongMappingsAndStepsAreRefused) {
  TinyModel model(virtual_shape(), 1, XLLM_ISA_AUTO, 1), plain({}, 1, XLLM_ISA_AUTO, 1);
  if (!is_virtual(model)) GTEST_SKIP();
  auto refused = [&](xllm_kv_mapping m, const char* word) {
    EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_kv_map(model.kv().get(), &m, 1, 0));
    EXPECT_NE(nullptr, std::strstr(xllm_last_error(), word)) << xllm_last_error();
  };
  refused({4, 0, 0, 1}, "range 4");
  refused({-1, 0, 0, 1}, "range -1");
  refused({0, 64, 0, 1}, "places");
  refused({0, -1, 0, 1}, "places");
  refused({0, 60, 0, 5}, "places");
  refused({0, 0, 0, 0}, "places");
  refused({0, 0, 64, 1}, "blocks");
  refused({0, 0, 60, 5}, "blocks");
  refused({0, 0, -2, 1}, "blocks");
  refused({0, 0, INT32_MAX, INT32_MAX}, "places");
  xllm_kv_mapping good = {0, 0, 0, 1};
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_kv_map(model.kv().get(), &good, 1, 2));
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_kv_map(model.kv().get(), nullptr, 1, 0));
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_kv_map(nullptr, &good, 1, 0));
  EXPECT_EQ(XLLM_UNSUPPORTED, xllm_kv_map(plain.kv().get(), &good, 1, 0));
  EXPECT_ANY_THROW(model.step({{{1}, 0, {0}, 4}}));
  EXPECT_ANY_THROW(model.step({{{1}, 0, {0}, -2}}));
  EXPECT_ANY_THROW(model.step({{{1}, 0, {0}, 1}, {{1}, 0, {1}, 1}}));
  EXPECT_ANY_THROW(plain.step({{{1}, 0, {0}, 0}}));
  EXPECT_EQ(0, info_of(model.kv()).map_calls);
}

TEST(KvRanges, APoolThatCannotBeVirtualIsPlainAndSaysWhy) {
  TinyShape shape = virtual_shape();
  shape.kv_ranges = 65536;
  shape.kv_blocks = 1 << 17;
  shape.layers = 8;
  TinyModel model(shape, 1, XLLM_ISA_AUTO, 1);
  xllm_kv_info info = info_of(model.kv());
  EXPECT_EQ(XLLM_KV_PLAIN, info.mode);
  EXPECT_EQ(-1, info.memory_file);
  EXPECT_NE(0u, std::strlen(info.reason));
  std::vector<int32_t> tokens = some_tokens(8, 9);
  expect_same(run_in(model, tokens, {3}, 9, 77), run_in(model, tokens, {4}, 9, -1), "plain");
}

}  // namespace
}  // namespace xllm::test
