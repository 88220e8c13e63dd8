#include <cmath>
#include <cstring>
#include <limits>

#include "support/harness.h"

namespace xllm::test {
namespace {

double rate(int32_t isa, int32_t threads, int32_t kind) {
  Device device = make_device(isa, threads);
  double value = 0;
  EXPECT_EQ(XLLM_OK, xllm_probe(device.get(), kind, 0.02, &value)) << xllm_last_error();
  return value;
}

TEST(Probe, EveryPathGivesAFiniteRateOfEveryKind) {
  for (int32_t isa : isas()) {
    for (int32_t kind : {XLLM_PROBE_READ, XLLM_PROBE_INT8, XLLM_PROBE_FP32}) {
      for (int32_t threads : {1, 3}) {
        double value = rate(isa, threads, kind);
        EXPECT_TRUE(std::isfinite(value) && value > 1e7) << isa_text(isa) << " kind " << kind << ": " << value;
      }
    }
  }
}

TEST(Probe, WiderVectorsDoMoreInt8Work) {
  double narrow = rate(XLLM_ISA_SCALAR, 1, XLLM_PROBE_INT8);
  for (int32_t isa : isas()) {
    if (isa == XLLM_ISA_SCALAR) continue;
    EXPECT_GT(rate(isa, 1, XLLM_PROBE_INT8), 2 * narrow) << isa_text(isa);
  }
}

TEST(Probe, WrongKindsAndTimesAreRefusedByName) {
  Device device = make_device(XLLM_ISA_SCALAR, 1);
  double value = 0;
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_probe(device.get(), 9, 0.01, &value));
  EXPECT_NE(nullptr, std::strstr(xllm_last_error(), "kind 9"));
  for (double seconds : {0.0, -1.0, 61.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_probe(device.get(), XLLM_PROBE_INT8, seconds, &value)) << seconds;
  }
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_probe(device.get(), XLLM_PROBE_INT8, 0.01, nullptr));
  EXPECT_EQ(XLLM_INVALID_ARGUMENT, xllm_probe(nullptr, XLLM_PROBE_INT8, 0.01, &value));
}

}  // namespace
}  // namespace xllm::test
