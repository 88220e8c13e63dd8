#ifndef XLLM_TESTS_SUPPORT_HARNESS_H_
#define XLLM_TESTS_SUPPORT_HARNESS_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "xllm/xllm.h"

// The public API as the tests use it: owners of handles that fail the test on an error, and seeded random data.
namespace xllm::test {

struct Destroy {
  void operator()(xllm_device* p) const { xllm_device_destroy(p); }
  void operator()(xllm_weight* p) const { xllm_weight_destroy(p); }
  void operator()(xllm_kv* p) const { xllm_kv_destroy(p); }
  void operator()(xllm_program* p) const { xllm_program_destroy(p); }
};
using Device = std::unique_ptr<xllm_device, Destroy>;
using WeightHandle = std::unique_ptr<xllm_weight, Destroy>;
using Kv = std::unique_ptr<xllm_kv, Destroy>;
using Program = std::unique_ptr<xllm_program, Destroy>;

#define XLLM_OK_OR_FAIL(call) ASSERT_EQ(XLLM_OK, (call)) << xllm_last_error()

// Throws std::runtime_error with the library's text unless status is XLLM_OK.
void require(xllm_status status);

// Paths that this machine can run, scalar first.
std::vector<int32_t> isas();
std::string isa_text(int32_t isa);

Device make_device(int32_t isa, int32_t threads);

// Seeded source of everything random.
class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  float normal(float deviation = 1.0f);
  int32_t below(int32_t n) { return static_cast<int32_t>(engine_() % static_cast<uint64_t>(n)); }
  std::vector<float> normals(size_t n, float deviation = 1.0f);
  // rows x cols of a type, as GGUF has it, of values around `deviation`.
  std::vector<uint8_t> weights(int32_t type, int64_t rows, int64_t cols, float deviation);

 private:
  std::mt19937_64 engine_;
};

struct TypeCase {
  const char* name;
  int32_t type;
  int32_t block;
};
const std::vector<TypeCase>& all_types();

std::vector<uint8_t> bytes_of(const std::vector<float>& values);
std::vector<float> dequantized(int32_t type, const std::vector<uint8_t>& bytes, size_t count);
WeightHandle make_weight(xllm_device* device, int32_t type, int32_t usage, int64_t rows, int64_t cols,
                         const std::vector<uint8_t>& bytes);
WeightHandle make_vector(xllm_device* device, const std::vector<float>& values);

xllm_op make_op(int32_t code, std::initializer_list<int32_t> in, int32_t out,
                std::initializer_list<int32_t> weights = {}, std::initializer_list<int32_t> i = {},
                std::initializer_list<float> f = {}, int32_t flags = 0);

// A program under construction; weights and the device must outlive what build() gives.
struct ProgramBuilder {
  std::vector<xllm_buffer_desc> buffers;
  std::vector<xllm_op> ops;
  std::vector<xllm_weight*> weights;
  std::vector<std::vector<float>> frequencies;
  std::vector<float> rope_scales;
  int32_t logits = 0;
  int32_t max_tokens = 64;
  int32_t max_outputs = 64;
  bool float_activations = false;
  int32_t hidden = -1;  // buffer, -1 = none
  int32_t hidden_norm = -1;
  float hidden_epsilon = 0;

  int32_t tokens_buffer(int32_t width);
  int32_t outputs_buffer(int32_t width);
  int32_t weight(const WeightHandle& handle);
  xllm_status try_build(xllm_device* device, xllm_program** out) const;
  Program build(xllm_device* device) const;
};

// One sequence's part of a step, with its blocks.
struct Part {
  std::vector<int32_t> tokens;
  int32_t context = 0;
  std::vector<int32_t> blocks;
  int32_t range = -1;
};

// Runs a step over `parts` with logits for every row: [rows, width].
std::vector<float> run_step(const Program& program, const Kv& kv, const std::vector<Part>& parts, int32_t width);

// |got - wanted| <= absolute + relative * |wanted|, elementwise.
void expect_near(const std::vector<float>& got, const std::vector<double>& wanted, double absolute, double relative);
// Bit for bit.
void expect_same(const std::vector<float>& got, const std::vector<float>& wanted, const std::string& what);

}  // namespace xllm::test

#endif  // XLLM_TESTS_SUPPORT_HARNESS_H_
