#include "cpu/probe.h"

#include <immintrin.h>

namespace xllm::cpu {
namespace {

constexpr int kChains = 12;

// As text, so that no compiler moves a chain to memory or joins two.
#define XLLM_CHAINS(chain)                                                                                             \
  chain("4") chain("5") chain("6") chain("7") chain("8") chain("9") chain("10") chain("11") chain("12") chain("13")    \
      chain("14") chain("15")
#define XLLM_REPEAT(chain, rounds, a, b)                                                                               \
  asm volatile(                                                                                                        \
      "vmovd %1, %%xmm0\n vpbroadcastd %%xmm0, %%ymm0\n vmovd %2, %%xmm1\n vpbroadcastd %%xmm1, %%ymm1\n"               \
      "vpcmpeqw %%ymm2, %%ymm2, %%ymm2\n vpsrlw $15, %%ymm2, %%ymm2\n 1:\n" XLLM_CHAINS(chain) "dec %0\n jnz 1b\n"     \
      : "+r"(rounds)                                                                                                   \
      : "r"(a), "r"(b)                                                                                                 \
      : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",        \
        "xmm12", "xmm13", "xmm14", "xmm15")
// What the AVX2 kernels do for 32 products: multiply and add pairs of bytes, then pairs of int16 (by ones), then to the sum.
#define XLLM_INT8(sum)                                                                                                 \
  "vpmaddubsw %%ymm1, %%ymm0, %%ymm3\n vpmaddwd %%ymm2, %%ymm3, %%ymm3\n vpaddd %%ymm3, %%ymm" sum ", %%ymm" sum "\n"
#define XLLM_FMA(sum) "vfmadd231ps %%ymm1, %%ymm0, %%ymm" sum "\n"

double int8(int64_t rounds) {
  int64_t left = rounds;
  XLLM_REPEAT(XLLM_INT8, left, 0x0b070503, 0x05fb03fd);
  return 2.0 * 32 * kChains * rounds;
}

double fp32(int64_t rounds) {
  int64_t left = rounds;
  XLLM_REPEAT(XLLM_FMA, left, 0x3f7fbe77, 0x3a83126f);  // 0.999 and 0.001
  return 2.0 * 8 * kChains * rounds;
}

uint64_t read(const uint8_t* data, uint64_t bytes) {
  constexpr uint64_t kAhead = 4096;
  __m256i sums[8];
  for (__m256i& sum : sums) sum = _mm256_setzero_si256();
  for (uint64_t at = 0; at < bytes; at += 256) {
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
      if (i % 2 == 0) _mm_prefetch(reinterpret_cast<const char*>(data + at + kAhead + 32 * i), _MM_HINT_T0);
      sums[i] = _mm256_xor_si256(sums[i], _mm256_load_si256(reinterpret_cast<const __m256i*>(data + at + 32 * i)));
    }
  }
  for (int i = 1; i < 8; ++i) sums[0] = _mm256_xor_si256(sums[0], sums[i]);
  return static_cast<uint64_t>(_mm256_extract_epi64(sums[0], 0) ^ _mm256_extract_epi64(sums[0], 1) ^
                               _mm256_extract_epi64(sums[0], 2) ^ _mm256_extract_epi64(sums[0], 3));
}

}  // namespace

const ProbeKernels& avx2_probe() {
  static constexpr ProbeKernels kTable = {int8, fp32, read};
  return kTable;
}

}  // namespace xllm::cpu
