#include "xllm/xllm.h"
#include "cpu/avx2/vector.h"
// (the vector type comes first: the kernels are written over it)
#include "cpu/avx2/pairs.h"
#include "cpu/kernels/math.h"
#include "cpu/kernels/exp2.h"
#include "cpu/kernels/kv_format.h"
#include "cpu/kernels/kv_view.h"
#include "cpu/kernels/attention_softmax.h"
#include "cpu/kernels/attention_tiles.h"
#include "cpu/kernels/attention.h"
#include "cpu/kernels/kv_store.h"

namespace xllm::cpu {

void avx2_attention(const AttentionArgs& args) { attention(args); }
void avx2_merge_attention(const AttentionArgs& args) { merge_attention(args); }
void avx2_store_kv(const KvLayer& kv, int32_t block, int32_t slot, int32_t kv_heads, const float* k, const float* v) {
  store_kv(kv, block, slot, kv_heads, k, v);
}

}  // namespace xllm::cpu
