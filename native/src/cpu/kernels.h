#ifndef XLLM_CPU_KERNELS_H_
#define XLLM_CPU_KERNELS_H_

#include <cstdint>

// What the CPU backend asks of an instruction set. Each path (scalar, avx2, avx512) compiles the same kernels from
// cpu/kernels/*.inl over its own vector type and gives one table of them. Only plain data crosses: no inline function that
// the linker could merge between files compiled for different instruction sets.
namespace xllm::cpu {

constexpr int kLanes = 16;            // rows of a weight tile, lanes of a vector
constexpr int kBlock = 32;            // inputs that share an activation scale
constexpr int kPanelTokens = 6;       // tokens whose activations lie together
constexpr int kRange = 256;           // positions that attention sums on their own before it merges
constexpr int kMaxTileQueries = 12;    // query vectors that share loads of K and V
constexpr int kMaxItemQueries = 192;  // query vectors of an attention item, if a row's group is not larger
constexpr int kMaxHeadDim = 1024;
constexpr float kLog2E = 1.44269504f;

// 32 inputs of kPanelTokens tokens as int8, with all that a tile needs beside them. What the inner loop broadcasts lies within
// the reach of a short displacement. Activations are [token / kPanelTokens][block], so that a group of tokens is one stream.
struct alignas(64) ActPanel {
  struct Scale {
    float scale;       // max|x| / 127
    float scaled_sum;  // scale * sum of q
  };
  int8_t q[kPanelTokens][kBlock];
  Scale s[kPanelTokens];
  int32_t minus_sum[kPanelTokens];      // -(sum of q)
  int32_t minus_half[kPanelTokens][2];  // the same of q[0..15], q[16..31]
  int32_t unused[2];
};

// Rows in tiles of 16, each tile [k or block of 32][16 rows]. See README, "Layout".
struct PackedMatrix {
  int32_t type;
  int64_t rows;
  int64_t cols;
  int64_t tiles;
  int64_t tile_bytes;
  const uint8_t* data;
};

struct LinearArgs {
  const PackedMatrix* weight;
  const float* x;  // [tokens, x_stride], when acts is NULL
  int64_t x_stride;
  const ActPanel* acts;  // [tokens / kPanelTokens rounded up, cols / 32]
  float* out;
  int64_t out_stride;
  const float* bias;  // padded to whole tiles, or NULL
  bool add;
  int64_t tokens;
  int64_t tile_begin;
  int64_t tile_end;
  int64_t out_tile;     // whose outputs `out` begins with
  const uint8_t* next;  // weights that are wanted after these, to be fetched meanwhile; NULL when not known
  int64_t next_bytes;
};

// One layer of a KV pool. A (block, head) is K [head_dim][block_tokens], then V [block_tokens][value_stride]. Of int8 it is K in
// pairs of dimensions [head_dim / 2][block_tokens][2], V in pairs of tokens [block_tokens / 2][value_stride][2], then the
// scales of K and of V, float16 [head_dim / 32 rounded up][block_tokens] each.
struct KvLayer {
  uint8_t* data;
  int64_t block_bytes;  // from a block to the next
  int64_t head_bytes;
  int64_t value_offset;
  int64_t key_scales;    // int8 only
  int64_t value_scales;
  int32_t type;          // XLLM_TYPE_F32, F16 or Q8_0
  int32_t head_dim;
  int32_t value_stride;
  int32_t block_tokens;
};

struct AttentionArgs {
  KvLayer kv;
  const int32_t* blocks;  // NULL: block p / block_tokens is the p / block_tokens-th at kv.data
  int32_t kv_head;
  int32_t group;     // query heads of the KV head
  int32_t rows;      // rows of this item
  int32_t position;  // of the first row
  int32_t window;
  float scale;
  float soft_cap;
  const float* q;  // first row, first head of the group
  int64_t q_stride;
  float* out;
  int64_t out_stride;
  float* scratch;       // attention_scratch() floats
  int32_t range_begin;  // ranges of this item; all: 0 to INT32_MAX
  int32_t range_end;
  float* partial;       // NULL, or where each range's result goes instead of `out`: [range][query][partial_floats()]
};

struct Kernels {
  void (*rms_norm)(const float* x, const float* weight, float* out, int64_t groups, int64_t width, float epsilon);
  void (*swiglu)(const float* gate, const float* up, float* out, int64_t n);  // n: a multiple of 16
  void (*add)(const float* a, const float* b, float* out, int64_t n);         // n: a multiple of 16
  void (*rope)(float* x, const float* cos, const float* sin, int64_t heads, int64_t head_dim, int64_t turned,
               bool interleaved);
  // x [n], n a multiple of 32, becomes token `slot` of the panels out[0 .. n / 32).
  void (*quantize)(const float* x, int64_t n, ActPanel* out, int slot);
  // silu(gate) * up of 32 columns, [rows][32] each, becomes tokens `row` and following of a block's panels: those of token t are at
  // column[t / kPanelTokens * next].
  void (*swiglu_quantize)(const float* gate, const float* up, int64_t rows, ActPanel* column, int64_t next, int64_t row);
  void (*linear)(const LinearArgs& args);
  void (*store_kv)(const KvLayer& kv, int32_t block, int32_t slot, int32_t kv_heads, const float* k, const float* v);
  void (*attention)(const AttentionArgs& args);
  void (*merge_attention)(const AttentionArgs& args);  // `partial` to `out`
};

// Panels that hold the activations of `tokens` tokens of `cols` inputs.
constexpr int64_t act_panels(int64_t tokens, int64_t cols) { return (tokens + kPanelTokens - 1) / kPanelTokens * (cols / kBlock); }

// Floats of one query's result over one range: values, largest score, sum, whether there was any.
constexpr int64_t partial_floats(int64_t value_stride) { return value_stride + kLanes; }

// Floats of a range's view: keys and scales of blocks of 8 positions brought together in groups of 16.
constexpr int64_t view_floats(int64_t head_dim) { return kRange * (head_dim + (head_dim + kBlock - 1) / kBlock) + kLanes; }

// Floats of scratch that attention needs for an item.
constexpr int64_t attention_scratch(int64_t queries, int64_t head_dim) {
  int64_t padded = (head_dim + kLanes - 1) / kLanes * kLanes;
  int64_t item = 3 * (queries + kLanes) + queries * (padded + (head_dim + 1) / 2);
  int64_t tile = kMaxTileQueries * (2 * kRange + padded + kMaxHeadDim + kLanes);
  return item + tile + 2 * kRange + view_floats(padded);
}

const Kernels& scalar_kernels();
#if XLLM_X86
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();
#endif

}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_H_
