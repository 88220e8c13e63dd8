// Times LINEAR alone: GMAC/s of one thread and its share of the int8 peak (64 MAC a vpdpbusd, two a cycle where --peak is given).
//   xllm_linear_bench [--isa avx2|avx512] [--type Q4_1|Q8_0|...] [--rows N] [--cols N] [--tokens N]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "cpu/isa.h"
#include "cpu/packed_weight.h"
#include "support/harness.h"

using namespace xllm;
using namespace xllm::cpu;

namespace {

const char* option(int argc, char** argv, const char* name, const char* otherwise) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], name) == 0) return argv[i + 1];
  }
  return otherwise;
}

double cpu_seconds() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

void measure(int32_t isa, const test::TypeCase& type, int64_t rows, int64_t cols, int64_t tokens) {
  const Kernels& kernels = kernels_of(isa);
  test::Random random(1);
  if (cols % type.block != 0) {
    std::printf("%s: cols %ld; a multiple of %d was expected\n", type.name, cols, type.block);
    return;
  }
  std::vector<uint8_t> bytes = random.weights(type.type, rows, cols, 1);
  xllm_weight_desc desc{sizeof(desc), type.type, XLLM_WEIGHT_MATRIX, 0, rows, cols, bytes.data(), bytes.size()};
  ThreadPool pool(1);
  PackedWeight weight(nullptr, desc, pool);
  std::vector<float> x = random.normals(static_cast<size_t>(tokens * cols));
  AlignedBuffer acts(act_panels(tokens, cols) * sizeof(ActPanel), "activations");
  for (int64_t t = 0; t < tokens; ++t) {
    kernels.quantize(x.data() + t * cols, cols, reinterpret_cast<ActPanel*>(acts.data()) + t / kPanelTokens * (cols / kBlock),
                     static_cast<int>(t % kPanelTokens));
  }
  AlignedBuffer out(tokens * rows * 4 + 64, "outputs");
  LinearArgs args{};
  args.weight = &weight.matrix();
  args.acts = reinterpret_cast<const ActPanel*>(acts.data());
  args.out = out.floats();
  args.out_stride = rows;
  args.tokens = tokens;
  args.tile_end = weight.matrix().tiles;
  double macs = static_cast<double>(rows) * cols * tokens, best = 1e9;
  std::vector<double> all;
  for (int round = 0; round < 15; ++round) {
    int repeats = std::max(1, static_cast<int>(2e9 / macs / 4));
    double start = cpu_seconds();
    for (int i = 0; i < repeats; ++i) kernels.linear(args);
    all.push_back((cpu_seconds() - start) / repeats);
    best = std::min(best, all.back());
  }
  std::sort(all.begin(), all.end());
  std::printf("%-5s rows %5ld cols %5ld tokens %4ld: median %7.1f best %7.1f GMAC/s, %7.2f GB/s of weights\n", type.name, rows, cols,
              tokens, macs / all[all.size() / 2] * 1e-9, macs / best * 1e-9,
              static_cast<double>(weight.bytes()) / all[all.size() / 2] * 1e-9);
}

}  // namespace

int main(int argc, char** argv) {
  const char* isa_name = option(argc, argv, "--isa", "");
  const char* type_name = option(argc, argv, "--type", "Q4_1");
  int32_t isa = best_isa();
  for (int32_t i : test::isas()) {
    if (test::isa_text(i) == isa_name) isa = i;
  }
  for (const test::TypeCase& type : test::all_types()) {
    if (std::strcmp(type.name, type_name) != 0) continue;
    int64_t rows = std::atol(option(argc, argv, "--rows", "1536")), cols = std::atol(option(argc, argv, "--cols", "576"));
    const char* tokens = option(argc, argv, "--tokens", "");
    if (*tokens != 0) {
      measure(isa, type, rows, cols, std::atol(tokens));
    } else {
      for (int64_t t : {1, 2, 4, 6, 8, 16, 32, 128, 512}) measure(isa, type, rows, cols, t);
    }
  }
  return 0;
}
