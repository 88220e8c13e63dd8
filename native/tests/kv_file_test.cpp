#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "support/tiny_model.h"

// Pools in files that others can map, and blocks of other pools behind a pool's own: the same bits wherever a block lies.
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

TinyShape shared_shape(int32_t guests) {
  TinyShape shape;
  shape.kv_flags = XLLM_KV_SHARED;
  shape.guest_blocks = guests;
  shape.extra_bytes = 100;
  return shape;
}

std::vector<float> run(const TinyModel& model, const std::vector<int32_t>& tokens, int32_t from, const std::vector<int32_t>& blocks) {
  return model.step({{{tokens.begin() + from, tokens.end()}, from, blocks}});
}

TEST(KvFile, LogitsAreThoseOfAPrivatePool_AlsoThroughBlocksOfAnother) {
  std::vector<int32_t> tokens = some_tokens(1, 100);
  TinyModel plain({}, 1, XLLM_ISA_SCALAR, 2);
  std::vector<float> wanted = run(plain, tokens, 0, plain.blocks(0, 100));
  TinyModel owner(shared_shape(0), 1, XLLM_ISA_SCALAR, 2), user(shared_shape(64), 1, XLLM_ISA_SCALAR, 2);
  std::vector<int32_t> blocks = owner.blocks(0, 100);
  EXPECT_EQ(wanted, run(owner, tokens, 0, blocks));

  int32_t own = user.shape().kv_blocks, count = *std::max_element(blocks.begin(), blocks.end()) + 1;
  std::vector<int32_t> guests = blocks;
  for (int32_t& block : guests) block += own;
  EXPECT_THROW(run(user, tokens, 96, guests), std::exception);
  require(xllm_kv_attach(user.kv().get(), info_of(owner.kv()).memory_file, own, count));
  std::vector<float> rest = run(user, tokens, 96, guests);
  EXPECT_EQ(std::vector<float>(wanted.end() - static_cast<int64_t>(rest.size()), wanted.end()), rest);
  require(xllm_kv_copy_block(user.kv().get(), guests[0], 3));
  EXPECT_EQ(0, std::memcmp(info_of(user.kv()).data + 3 * info_of(user.kv()).block_bytes,
                           info_of(owner.kv()).data + blocks[0] * info_of(owner.kv()).block_bytes,
                           info_of(owner.kv()).block_bytes));
  require(xllm_kv_attach(user.kv().get(), -1, own, count));
  EXPECT_THROW(run(user, tokens, 96, guests), std::exception);
}

TEST(KvFile, OnlySealedFilesOfEnoughBytesAreAttached) {
  TinyModel user(shared_shape(64), 1, XLLM_ISA_SCALAR, 1);
  xllm_kv* kv = user.kv().get();
  int32_t own = user.shape().kv_blocks;
  int64_t bytes = info_of(user.kv()).block_bytes;
  int file = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  ASSERT_GE(file, 0);
  ASSERT_EQ(0, ftruncate(file, 4 * bytes));
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_kv_attach(kv, file, own, 4)) << "not sealed";
  ASSERT_EQ(0, fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK));
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_kv_attach(kv, file, own, 5)) << "too short";
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_kv_attach(kv, file, own - 1, 4)) << "its own block";
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_kv_attach(kv, file, own + 62, 4)) << "past the end";
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_kv_attach(kv, 1 << 20, own, 4)) << "no file";
  EXPECT_EQ(XLLM_OK, xllm_kv_attach(kv, file, own, 4));
  close(file);
  TinyModel plain({}, 1, XLLM_ISA_SCALAR, 1);
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_kv_attach(plain.kv().get(), -1, plain.shape().kv_blocks, 1));
}

TEST(KvFile, ExtraBytesAreInTheFileBehindTheBlocks) {
  TinyModel model(shared_shape(0), 1, XLLM_ISA_SCALAR, 1);
  xllm_kv_info info = info_of(model.kv());
  ASSERT_NE(nullptr, info.extra);
  EXPECT_EQ(0, info.extra[99]);
  std::memcpy(info.extra, "tag", 4);
  char read[4] = {};
  ASSERT_EQ(4, pread(info.memory_file, read, 4, model.shape().kv_blocks * info.block_bytes));
  EXPECT_STREQ("tag", read);
}

}  // namespace
}  // namespace xllm::test
