// Times LINEAR alone: GMAC/s of one thread and its share of the int8 peak (64 MAC a vpdpbusd, two a cycle where --peak is given).
//   xllm_linear_bench [--isa avx2|avx512] [--type Q4_1|Q8_0|...] [--rows N] [--cols N] [--tokens N]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "cpu/isa.h"
#include "cpu/packed_weight.h"
#include "options.h"
#include "support/harness.h"

using namespace xllm;
using namespace xllm::cpu;

namespace {

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
  const bench::Options options{argc, argv};
  const int32_t isa = options.isa(best_isa()), tokens = options.number("--tokens", 0);
  for (const test::TypeCase& type : test::all_types()) {
    if (std::strcmp(type.name, options.text("--type", "Q4_1")) != 0) continue;
    const int64_t rows = options.number("--rows", 1536), cols = options.number("--cols", 576);
    if (tokens > 0) {
      measure(isa, type, rows, cols, tokens);
    } else {
      for (int64_t t : {1, 2, 4, 6, 8, 16, 32, 128, 512}) measure(isa, type, rows, cols, t);
    }
  }
  return 0;
}
