#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>

#include "core/half.h"
#include "support/harness.h"

namespace xllm::test {
namespace {

TEST(Library, TypeLayoutsAreThoseOfGguf) {
  const std::map<int32_t, std::pair<int32_t, int32_t>> wanted = {
      {XLLM_TYPE_F32, {1, 4}},      {XLLM_TYPE_F16, {1, 2}},      {XLLM_TYPE_BF16, {1, 2}},
      {XLLM_TYPE_Q4_0, {32, 18}},   {XLLM_TYPE_Q4_1, {32, 20}},   {XLLM_TYPE_Q5_0, {32, 22}},
      {XLLM_TYPE_Q5_1, {32, 24}},   {XLLM_TYPE_Q8_0, {32, 34}},   {XLLM_TYPE_Q2_K, {256, 84}},
      {XLLM_TYPE_Q3_K, {256, 110}}, {XLLM_TYPE_Q4_K, {256, 144}}, {XLLM_TYPE_Q5_K, {256, 176}},
      {XLLM_TYPE_Q6_K, {256, 210}}};
  for (auto [type, layout] : wanted) {
    int32_t elements = 0, bytes = 0;
    XLLM_OK_OR_FAIL(xllm_type_layout(type, &elements, &bytes));
    EXPECT_EQ(layout, std::make_pair(elements, bytes)) << type;
  }
}

TEST(Library, AnUnknownTypeIsUnsupportedAndTheTextNamesIt) {
  int32_t elements, bytes;
  EXPECT_EQ(XLLM_UNSUPPORTED, xllm_type_layout(4711, &elements, &bytes));
  EXPECT_NE(nullptr, std::strstr(xllm_last_error(), "4711"));
}

TEST(Library, DequantizeRefusesWrongSizes) {
  uint8_t src[40] = {};
  float dst[64];
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_dequantize(XLLM_TYPE_Q4_0, src, 18, dst, 31));
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_dequantize(XLLM_TYPE_Q4_0, src, 17, dst, 32));
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_dequantize(XLLM_TYPE_Q4_0, nullptr, 18, dst, 32));
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_dequantize(XLLM_TYPE_Q6_K, src, ~0ull, dst, ~0ull - 255));
  EXPECT_EQ(XLLM_OK, xllm_dequantize(XLLM_TYPE_Q4_0, nullptr, 0, nullptr, 0));
}

TEST(Library, HalvesSurviveTheRoundTripAndFloatsRoundToNearestEven) {
  for (uint32_t h = 0; h < 65536; ++h) {
    float value = half_to_float(static_cast<uint16_t>(h));
    if (std::isnan(value)) continue;
    ASSERT_EQ(h, float_to_half(value)) << value;
  }
  EXPECT_EQ(0x3c00, float_to_half(1.0f + 0x1p-11f));              // a tie, to even
  EXPECT_EQ(0x3c02, float_to_half(1.0f + 0x1p-10f + 0x1p-11f));   // a tie, to even
  EXPECT_EQ(0x7c00, float_to_half(65520.0f));
  EXPECT_EQ(0x7bff, float_to_half(65519.0f));
  EXPECT_EQ(0x0000, float_to_half(0x1p-25f));
  EXPECT_EQ(0x0001, float_to_half(0x1.8p-25f));
}

std::string golden_blocks() {
  const char* shared = std::getenv("XLLM_SHARED");
  std::string root = shared != nullptr ? shared : std::string(__FILE__).substr(0, std::string(__FILE__).rfind("native")) + "../shared";
  std::ifstream file(root + "/golden/gguf/blocks.safetensors", std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Tensor bytes by name; enough JSON for the flat header of a file that we wrote ourselves.
std::string tensor(const std::string& file, const std::string& name) {
  uint64_t header = 0;
  std::memcpy(&header, file.data(), 8);
  size_t at = file.find("\"" + name + "\"");
  if (at == std::string::npos || at > header + 8) return {};
  at = file.find("data_offsets", at);
  at = file.find('[', at) + 1;
  uint64_t begin = std::stoull(file.substr(at));
  uint64_t end = std::stoull(file.substr(file.find(',', at) + 1));
  return file.substr(8 + header + begin, end - begin);
}

TEST(Library, GoldenBlocksDequantizeBitForBit) {
  std::string file = golden_blocks();
  if (file.empty()) GTEST_SKIP() << "../shared/golden/gguf/blocks.safetensors is not here (XLLM_SHARED)";
  for (const TypeCase& type : all_types()) {
    if (type.block == 1) continue;
    std::string bytes = tensor(file, std::string(type.name) + ".bytes");
    std::string wanted = tensor(file, std::string(type.name) + ".values");
    ASSERT_FALSE(bytes.empty()) << type.name;
    std::vector<float> got(wanted.size() / 4);
    XLLM_OK_OR_FAIL(xllm_dequantize(type.type, bytes.data(), bytes.size(), got.data(), got.size()));
    EXPECT_EQ(0, std::memcmp(got.data(), wanted.data(), wanted.size())) << type.name;
  }
}

TEST(Library, DescribeTellsThePathAndTheThreads) {
  for (int32_t isa : isas()) {
    Device device = make_device(isa, 3);
    xllm_device_info info{};
    info.size = sizeof(info);
    XLLM_OK_OR_FAIL(xllm_device_describe(device.get(), &info));
    EXPECT_EQ(isa, info.isa);
    EXPECT_EQ(3, info.threads);
    EXPECT_EQ("cpu " + isa_text(isa) + " 3 threads", info.name);
  }
}

}  // namespace
}  // namespace xllm::test
