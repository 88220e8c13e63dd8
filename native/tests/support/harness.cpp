#include "support/harness.h"

#include <cmath>
#include <cstring>
#include <stdexcept>

#include "core/half.h"
#include "support/step_arrays.h"

namespace xllm::test {

void require(xllm_status status) {
  if (status != XLLM_OK) throw std::runtime_error(xllm_last_error());
}

std::vector<int32_t> isas() {
  std::vector<int32_t> supported;
  for (int32_t isa : {XLLM_ISA_SCALAR, XLLM_ISA_AVX2, XLLM_ISA_AVX512}) {
    int32_t yes = 0;
    require(xllm_isa_supported(isa, &yes));
    if (yes) supported.push_back(isa);
  }
  return supported;
}

std::string isa_text(int32_t isa) {
  return isa == XLLM_ISA_SCALAR ? "scalar" : isa == XLLM_ISA_AVX2 ? "avx2" : "avx512";
}

Device make_device(int32_t isa, int32_t threads) {
  xllm_device_options options{};
  options.size = sizeof(options);
  options.isa = isa;
  options.threads = threads;
  xllm_device* device = nullptr;
  require(xllm_device_create(&options, &device));
  return Device(device);
}

float Random::normal(float deviation) { return std::normal_distribution<float>(0.0f, deviation)(engine_); }

std::vector<float> Random::normals(size_t n, float deviation) {
  std::vector<float> values(n);
  for (float& value : values) value = normal(deviation);
  return values;
}

const std::vector<TypeCase>& all_types() {
  static const std::vector<TypeCase> kTypes = {
      {"F32", XLLM_TYPE_F32, 1},     {"F16", XLLM_TYPE_F16, 1},     {"BF16", XLLM_TYPE_BF16, 1},
      {"Q4_0", XLLM_TYPE_Q4_0, 32},  {"Q4_1", XLLM_TYPE_Q4_1, 32},  {"Q5_0", XLLM_TYPE_Q5_0, 32},
      {"Q5_1", XLLM_TYPE_Q5_1, 32},  {"Q8_0", XLLM_TYPE_Q8_0, 32},  {"Q2_K", XLLM_TYPE_Q2_K, 256},
      {"Q3_K", XLLM_TYPE_Q3_K, 256}, {"Q4_K", XLLM_TYPE_Q4_K, 256}, {"Q5_K", XLLM_TYPE_Q5_K, 256},
      {"Q6_K", XLLM_TYPE_Q6_K, 256}};
  return kTypes;
}

namespace {

void put_half(uint8_t* at, float value) {
  uint16_t half = float_to_half(value);
  std::memcpy(at, &half, 2);
}

// Where a block has its float16 scales, and by how much its quants exceed 1 in magnitude.
struct ScaleFields {
  int32_t type;
  int scale;
  int min;  // -1 = none
  float largest;
};
constexpr ScaleFields kScaleFields[] = {
    {XLLM_TYPE_Q4_0, 0, -1, 8},   {XLLM_TYPE_Q4_1, 0, 2, 8},     {XLLM_TYPE_Q5_0, 0, -1, 16},
    {XLLM_TYPE_Q5_1, 0, 2, 16},   {XLLM_TYPE_Q8_0, 0, -1, 127},  {XLLM_TYPE_Q2_K, 80, 82, 24},
    {XLLM_TYPE_Q3_K, 108, -1, 96}, {XLLM_TYPE_Q4_K, 0, 2, 480},   {XLLM_TYPE_Q5_K, 0, 2, 960},
    {XLLM_TYPE_Q6_K, 208, -1, 2048}};

}  // namespace

std::vector<uint8_t> Random::weights(int32_t type, int64_t rows, int64_t cols, float deviation) {
  size_t count = static_cast<size_t>(rows * cols);
  if (type == XLLM_TYPE_F32) return bytes_of(normals(count, deviation));
  int32_t elements = 0, block_bytes = 0;
  require(xllm_type_layout(type, &elements, &block_bytes));
  std::vector<uint8_t> bytes(count / elements * block_bytes);
  if (elements == 1) {
    for (size_t i = 0; i < count; ++i) {
      float value = normal(deviation);
      uint16_t bits = type == XLLM_TYPE_F16 ? float_to_half(value) : static_cast<uint16_t>(float_bits(value) >> 16);
      std::memcpy(&bytes[2 * i], &bits, 2);
    }
    return bytes;
  }
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(engine_());
  for (const ScaleFields& fields : kScaleFields) {
    if (fields.type != type) continue;
    for (size_t at = 0; at < bytes.size(); at += block_bytes) {
      float d = deviation * 2 / fields.largest * (0.5f + 0.5f * std::fabs(normal(0.5f)));
      put_half(&bytes[at + fields.scale], d);
      bool k_type = type >= XLLM_TYPE_Q2_K;
      if (fields.min >= 0) put_half(&bytes[at + fields.min], k_type ? d : -d * fields.largest);
    }
  }
  return bytes;
}

std::vector<uint8_t> bytes_of(const std::vector<float>& values) {
  std::vector<uint8_t> bytes(values.size() * 4);
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::vector<float> dequantized(int32_t type, const std::vector<uint8_t>& bytes, size_t count) {
  std::vector<float> values(count);
  require(xllm_dequantize(type, bytes.data(), bytes.size(), values.data(), count));
  return values;
}

WeightHandle make_weight(xllm_device* device, int32_t type, int32_t usage, int64_t rows, int64_t cols,
                         const std::vector<uint8_t>& bytes) {
  xllm_weight_desc desc{};
  desc.size = sizeof(desc);
  desc.type = type;
  desc.usage = usage;
  desc.rows = rows;
  desc.cols = cols;
  desc.data = bytes.data();
  desc.data_bytes = bytes.size();
  xllm_weight* weight = nullptr;
  require(xllm_weight_create(device, &desc, &weight));
  return WeightHandle(weight);
}

WeightHandle make_vector(xllm_device* device, const std::vector<float>& values) {
  return make_weight(device, XLLM_TYPE_F32, XLLM_WEIGHT_VECTOR, 1, static_cast<int64_t>(values.size()),
                     bytes_of(values));
}

xllm_op make_op(int32_t code, std::initializer_list<int32_t> in, int32_t out, std::initializer_list<int32_t> weights,
                std::initializer_list<int32_t> i, std::initializer_list<float> f, int32_t flags) {
  xllm_op op{};
  op.code = code;
  op.flags = flags;
  for (int32_t& x : op.in) x = -1;
  for (int32_t& x : op.weight) x = -1;
  std::copy(in.begin(), in.end(), op.in);
  op.out[0] = out;
  op.out[1] = -1;
  std::copy(weights.begin(), weights.end(), op.weight);
  std::copy(i.begin(), i.end(), op.i);
  std::copy(f.begin(), f.end(), op.f);
  return op;
}

int32_t ProgramBuilder::tokens_buffer(int32_t width) {
  buffers.push_back({XLLM_ROWS_TOKENS, width});
  return static_cast<int32_t>(buffers.size()) - 1;
}

int32_t ProgramBuilder::outputs_buffer(int32_t width) {
  buffers.push_back({XLLM_ROWS_OUTPUTS, width});
  return static_cast<int32_t>(buffers.size()) - 1;
}

int32_t ProgramBuilder::weight(const WeightHandle& handle) {
  weights.push_back(handle.get());
  return static_cast<int32_t>(weights.size()) - 1;
}

xllm_status ProgramBuilder::try_build(xllm_device* device, xllm_program** out) const {
  std::vector<xllm_rope_table> ropes;
  for (size_t r = 0; r < frequencies.size(); ++r) {
    ropes.push_back({frequencies[r].data(), static_cast<int32_t>(frequencies[r].size()), rope_scales[r]});
  }
  xllm_program_desc desc{};
  desc.size = sizeof(desc);
  desc.buffer_count = static_cast<int32_t>(buffers.size());
  desc.op_count = static_cast<int32_t>(ops.size());
  desc.weight_count = static_cast<int32_t>(weights.size());
  desc.rope_count = static_cast<int32_t>(ropes.size());
  desc.logits = logits;
  desc.buffers = buffers.data();
  desc.ops = ops.data();
  desc.weights = weights.data();
  desc.ropes = ropes.data();
  desc.max_tokens = max_tokens;
  desc.max_outputs = max_outputs;
  desc.float_activations = float_activations ? 1 : 0;
  desc.hidden = hidden + 1;
  desc.hidden_norm = hidden_norm + 1;
  desc.hidden_epsilon = hidden_epsilon;
  return xllm_program_create(device, &desc, out);
}

Program ProgramBuilder::build(xllm_device* device) const {
  xllm_program* program = nullptr;
  require(try_build(device, &program));
  return Program(program);
}

std::vector<float> run_step(const Program& program, const Kv& kv, const std::vector<Part>& parts, int32_t width) {
  StepArrays arrays(parts, StepArrays::kAllRows, width);
  require(xllm_program_run(program.get(), kv.get(), &arrays.step));
  return std::move(arrays.logits);
}

void expect_near(const std::vector<float>& got, const std::vector<double>& wanted, double absolute, double relative) {
  ASSERT_EQ(got.size(), wanted.size());
  double worst = 0;
  size_t at = 0;
  for (size_t i = 0; i < got.size(); ++i) {
    double excess = std::fabs(got[i] - wanted[i]) - relative * std::fabs(wanted[i]);
    if (!(excess <= worst)) worst = excess, at = i;
  }
  EXPECT_LE(worst, absolute) << "at " << at << ": " << got[at] << " instead of " << wanted[at];
}

void expect_same(const std::vector<float>& got, const std::vector<float>& wanted, const std::string& what) {
  ASSERT_EQ(got.size(), wanted.size()) << what;
  if (std::memcmp(got.data(), wanted.data(), got.size() * sizeof(float)) == 0) return;
  for (size_t i = 0; i < got.size(); ++i) {
    if (std::memcmp(&got[i], &wanted[i], sizeof(float)) != 0) {
      FAIL() << what << ": value " << i << " is " << got[i] << ", not " << wanted[i];
    }
  }
}

}  // namespace xllm::test
