#include "cpu/probe.h"

#include <immintrin.h>

namespace xllm::cpu {
namespace {

constexpr int kChains = 16;

// As text, so that no compiler moves a chain to memory or joins two.
#define XLLM_CHAINS(op)                                                                                                  \
  op " %%zmm1, %%zmm0, %%zmm2\n" op " %%zmm1, %%zmm0, %%zmm3\n" op " %%zmm1, %%zmm0, %%zmm4\n" op                        \
     " %%zmm1, %%zmm0, %%zmm5\n" op " %%zmm1, %%zmm0, %%zmm6\n" op " %%zmm1, %%zmm0, %%zmm7\n" op                        \
     " %%zmm1, %%zmm0, %%zmm8\n" op " %%zmm1, %%zmm0, %%zmm9\n" op " %%zmm1, %%zmm0, %%zmm10\n" op                       \
     " %%zmm1, %%zmm0, %%zmm11\n" op " %%zmm1, %%zmm0, %%zmm12\n" op " %%zmm1, %%zmm0, %%zmm13\n" op                     \
     " %%zmm1, %%zmm0, %%zmm14\n" op " %%zmm1, %%zmm0, %%zmm15\n" op " %%zmm1, %%zmm0, %%zmm16\n" op                     \
     " %%zmm1, %%zmm0, %%zmm17\n"
#define XLLM_REPEAT(op, rounds, a, b)                                                                                    \
  asm volatile("vpbroadcastd %1, %%zmm0\n vpbroadcastd %2, %%zmm1\n 1:\n" XLLM_CHAINS(op) "dec %0\n jnz 1b\n"           \
               : "+r"(rounds)                                                                                            \
               : "r"(a), "r"(b)                                                                                          \
               : "cc", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", \
                 "xmm12", "xmm13", "xmm14", "xmm15", "xmm16", "xmm17")

double int8(int64_t rounds) {
  int64_t left = rounds;
  XLLM_REPEAT("vpdpbusd", left, 0x0b070503, 0x05fb03fd);
  return 2.0 * 64 * kChains * rounds;
}

double fp32(int64_t rounds) {
  int64_t left = rounds;
  XLLM_REPEAT("vfmadd231ps", left, 0x3f7fbe77, 0x3a83126f);  // 0.999 and 0.001
  return 2.0 * 16 * kChains * rounds;
}

uint64_t read(const uint8_t* data, uint64_t bytes) {
  constexpr uint64_t kAhead = 4096;
  __m512i sums[8];
  for (__m512i& sum : sums) sum = _mm512_setzero_si512();
  for (uint64_t at = 0; at < bytes; at += 512) {
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i) {
      _mm_prefetch(reinterpret_cast<const char*>(data + at + kAhead + 64 * i), _MM_HINT_T0);
      sums[i] = _mm512_xor_si512(sums[i], _mm512_load_si512(data + at + 64 * i));
    }
  }
  for (int i = 1; i < 8; ++i) sums[0] = _mm512_xor_si512(sums[0], sums[i]);
  return static_cast<uint64_t>(_mm512_reduce_add_epi64(sums[0]));
}

}  // namespace

const ProbeKernels& avx512_probe() {
  static constexpr ProbeKernels kTable = {int8, fp32, read};
  return kTable;
}

}  // namespace xllm::cpu
