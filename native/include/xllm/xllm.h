// XLLM.Orleans native kernels: the only public header.
//
// Rules of this ABI (version XLLM_ABI_VERSION):
//  - Every function returns xllm_status; XLLM_OK is 0. xllm_last_error() gives the text for the calling thread.
//  - No C++ exception crosses the border.
//  - Every options/descriptor struct starts with `uint32_t size`, the sizeof() the caller was compiled with. A smaller
//    size than the library's means an older caller: the missing tail reads as zero. A larger one is refused.
//  - All shapes, indices and byte counts are checked before anything is allocated or run.
//  - Handles are owned by the caller and freed by the matching _destroy (NULL is allowed). A device outlives its weights,
//    KV pools and programs; the library does not check that.
//  - A handle is used by one thread at a time unless its functions say otherwise.
#ifndef XLLM_H_
#define XLLM_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define XLLM_ABI_VERSION 1
#if defined(_WIN32)
#define XLLM_API __declspec(dllexport)
#else
#define XLLM_API __attribute__((visibility("default")))
#endif

typedef int32_t xllm_status;
enum {
  XLLM_OK = 0,
  XLLM_INVALID_ARGUMENT = 1,  // a value out of its documented range; the text names it
  XLLM_OUT_OF_MEMORY = 2,
  XLLM_UNSUPPORTED = 3,  // a type, op or instruction set this build or machine lacks
  XLLM_CANCELLED = 4,    // the step's cancel flag was set; KV written by the step is undefined beyond its context
  XLLM_INTERNAL = 5
};

// Instruction set paths. All give bit-identical results (see native/README.md, "One order of operations").
enum { XLLM_ISA_AUTO = 0, XLLM_ISA_SCALAR = 1, XLLM_ISA_AVX2 = 2, XLLM_ISA_AVX512 = 3 };

enum { XLLM_BACKEND_CPU = 0, XLLM_BACKEND_CUDA = 1 };

// Element types; numbers are those of GGUF v3.
enum {
  XLLM_TYPE_F32 = 0,
  XLLM_TYPE_F16 = 1,
  XLLM_TYPE_Q4_0 = 2,
  XLLM_TYPE_Q4_1 = 3,
  XLLM_TYPE_Q5_0 = 6,
  XLLM_TYPE_Q5_1 = 7,
  XLLM_TYPE_Q8_0 = 8,
  XLLM_TYPE_Q2_K = 10,
  XLLM_TYPE_Q3_K = 11,
  XLLM_TYPE_Q4_K = 12,
  XLLM_TYPE_Q5_K = 13,
  XLLM_TYPE_Q6_K = 14,
  XLLM_TYPE_BF16 = 30
};

typedef struct xllm_device xllm_device;
typedef struct xllm_weight xllm_weight;
typedef struct xllm_kv xllm_kv;
typedef struct xllm_program xllm_program;

XLLM_API int32_t xllm_abi_version(void);
// Text of the calling thread's last error; valid until its next call. Never NULL.
XLLM_API const char* xllm_last_error(void);
// *supported = 1 when this machine can run the path.
XLLM_API xllm_status xllm_isa_supported(int32_t isa, int32_t* supported);

// Elements a block of `type` holds and its bytes. Errors: XLLM_UNSUPPORTED.
XLLM_API xllm_status xllm_type_layout(int32_t type, int32_t* block_elements, int32_t* block_bytes);
// Dequantises `count` elements (a multiple of the block) into dst. `src_bytes` must be exactly their size.
XLLM_API xllm_status xllm_dequantize(int32_t type, const void* src, uint64_t src_bytes, float* dst, uint64_t count);

// ---- device ----------------------------------------------------------------------------------------------------------
typedef struct xllm_device_options {
  uint32_t size;
  int32_t backend;  // XLLM_BACKEND_*
  int32_t isa;      // XLLM_ISA_*; AUTO takes the best
  int32_t threads;  // 1..256 including the calling thread; 0 = cores granted to the process
  int32_t ordinal;  // CUDA device; 0 for CPU
} xllm_device_options;

typedef struct xllm_device_info {
  uint32_t size;
  int32_t backend;
  int32_t isa;  // the path chosen
  int32_t threads;
  char name[64];  // zero-terminated
} xllm_device_info;

XLLM_API xllm_status xllm_device_create(const xllm_device_options* options, xllm_device** out);
XLLM_API xllm_status xllm_device_describe(const xllm_device* device, xllm_device_info* out);
XLLM_API void xllm_device_destroy(xllm_device* device);
// Calls work(context, thread) once on every thread of the device, [0, threads), the calling one among them, and waits. For
// what a caller does between two steps (sampling). Not concurrent with a run; work must not throw, nor use the device.
XLLM_API xllm_status xllm_device_run(xllm_device* device, void (*work)(void* context, int32_t thread), void* context);

// Limits of the machine, for comparison with what kernels reach. Sum over the device's threads (of its own, at once) for about
// `seconds` (0 < seconds <= 60). *out: READ bytes/s over a buffer of 4 x the last cache (128 MiB to 1 GiB); INT8 and FP32
// operations/s in registers, a multiply and add being 2, with the instructions of the device's path. Not beside a run.
enum { XLLM_PROBE_READ = 1, XLLM_PROBE_INT8 = 2, XLLM_PROBE_FP32 = 3 };
XLLM_API xllm_status xllm_probe(xllm_device* device, int32_t kind, double seconds, double* out);

// ---- weights ---------------------------------------------------------------------------------------------------------
// A weight is copied and repacked at creation; `data` may be unmapped afterwards.
enum {
  XLLM_WEIGHT_VECTOR = 1,  // rows = 1: norm weights, biases; kept as float32
  XLLM_WEIGHT_MATRIX = 2,  // right operand of LINEAR: rows outputs, cols inputs
  XLLM_WEIGHT_TABLE = 4    // looked up by row in EMBED. MATRIX|TABLE = tied embeddings, one copy
};

typedef struct xllm_weight_desc {
  uint32_t size;
  int32_t type;   // XLLM_TYPE_*
  int32_t usage;  // XLLM_WEIGHT_* bits
  int32_t reserved;
  int64_t rows;
  int64_t cols;  // a multiple of the type's block
  const void* data;
  uint64_t data_bytes;
} xllm_weight_desc;

XLLM_API xllm_status xllm_weight_create(xllm_device* device, const xllm_weight_desc* desc, xllm_weight** out);
XLLM_API void xllm_weight_destroy(xllm_weight* weight);
// Bytes the weight holds on the device.
XLLM_API uint64_t xllm_weight_bytes(const xllm_weight* weight);

// ---- KV pool ---------------------------------------------------------------------------------------------------------
// blocks x block_tokens positions for every layer. A block holds K and V of all layers for block_tokens tokens.
// VIRTUAL: the blocks lie in a file in memory and can also be mapped into `ranges` reserved runs of addresses, `range_blocks`
// blocks long, so that a sequence's blocks follow each other. Where the system lacks something it needs the pool is PLAIN;
// xllm_kv_describe says which it is, and why.
enum { XLLM_KV_PLAIN = 0, XLLM_KV_VIRTUAL = 1 };

// SHARED: a PLAIN pool's blocks lie in a file in memory too, so that other processes of the machine can map it. Blocks of
// their pools can be attached behind its own, as blocks [blocks, blocks + guest_blocks).
enum { XLLM_KV_SHARED = 1 };

typedef struct xllm_kv_desc {
  uint32_t size;
  int32_t type;  // XLLM_TYPE_F32, F16 or Q8_0 (int8 with a float16 scale for each 32 dimensions of K and of V)
  int32_t layers;
  int32_t kv_heads;
  int32_t head_dim;
  int32_t block_tokens;  // 8, 16, 32, 64 or 128
  int32_t blocks;
  int32_t mode;          // XLLM_KV_*
  int32_t ranges;        // VIRTUAL: 1 .. 65536
  int32_t range_blocks;  // VIRTUAL: 1 .. 1<<24
  int32_t flags;         // XLLM_KV_SHARED
  int32_t guest_blocks;  // SHARED: 0 .. 1<<24
  int64_t extra_bytes;   // SHARED: bytes of the file after the blocks, zero at first, for the caller's use
} xllm_kv_desc;

typedef struct xllm_kv_info {
  uint32_t size;
  int32_t mode;  // XLLM_KV_* in effect
  int32_t ranges;
  int32_t range_blocks;
  int32_t memory_file;  // descriptor of the file the blocks lie in (block b at b * block_bytes); the pool's own; -1 = PLAIN
  int32_t reserved;
  int64_t block_bytes;      // from a block to the next
  int64_t mappings;         // of the system, by this pool; an upper bound
  int64_t mapping_limit;    // most it lets itself have: half of what vm.max_map_count left at creation
  int64_t map_calls;        // system calls
  int64_t mapped_blocks;    // blocks mapped so far
  int64_t unmapped_blocks;  // blocks unmapped so far, not counting those replaced by another
  int64_t ahead_maps;       // entries given with XLLM_KV_MAP_AHEAD
  int64_t ahead_waits;      // times somebody had to wait for them
  int64_t repairs;          // mappings that a step needed and nobody had made
  int64_t map_nanoseconds;  // in system calls
  int64_t wait_nanoseconds;
  char reason[128];  // why the mode is not the one asked for, or the last fault of a mapping; zero-terminated
  int64_t layer_bytes;  // of a block: layer l is at l * layer_bytes
  uint8_t* data;        // block b is at b * block_bytes, readable and writable while the pool lives
  uint8_t* extra;       // the extra bytes; NULL = none
} xllm_kv_info;

// Blocks block .. block + count - 1 at the places index .. index + count - 1 of a range. block = -1 unmaps these places.
typedef struct xllm_kv_mapping {
  int32_t range;
  int32_t index;
  int32_t block;
  int32_t count;
} xllm_kv_mapping;

enum { XLLM_KV_MAP_AHEAD = 1 };  // done by a thread of the pool, in order, before the next step or call needs it

XLLM_API xllm_status xllm_kv_create(xllm_device* device, const xllm_kv_desc* desc, xllm_kv** out);
XLLM_API void xllm_kv_destroy(xllm_kv* kv);
XLLM_API uint64_t xllm_kv_bytes(const xllm_kv* kv);
XLLM_API xllm_status xllm_kv_describe(xllm_kv* kv, xllm_kv_info* out);
// Maps in the order given; a block may be mapped in several places. The memory is present afterwards. Any thread, also while
// a step runs, as long as no sequence of it uses these places. Errors: XLLM_UNSUPPORTED when the pool is PLAIN;
// XLLM_OUT_OF_MEMORY at the mapping limit, with the entries before it done.
XLLM_API xllm_status xllm_kv_map(xllm_kv* kv, const xllm_kv_mapping* mappings, int32_t count, int32_t flags);
// Blocks 0 .. count - 1 of another pool's file as blocks first .. first + count - 1 of this one, which must be guests. The file
// must be sealed against shrinking (pools' files are), its blocks as long as this pool's; it may be closed afterwards. file = -1
// detaches. Any thread; no step may use these blocks meanwhile. Errors: XLLM_UNSUPPORTED when the pool is not SHARED.
XLLM_API xllm_status xllm_kv_attach(xllm_kv* kv, int32_t file, int32_t first, int32_t count);
// Copies block `from` to block `to` (all layers), for copy-on-write. Not concurrent with a run.
XLLM_API xllm_status xllm_kv_copy_block(xllm_kv* kv, int32_t from, int32_t to);

// ---- programs --------------------------------------------------------------------------------------------------------
// A model is a straight-line program over float32 buffers. A buffer is [rows, width]; rows are the step's tokens
// (XLLM_ROWS_TOKENS) or its wanted outputs (XLLM_ROWS_OUTPUTS). The program is created once and run for every step.
enum { XLLM_ROWS_TOKENS = 0, XLLM_ROWS_OUTPUTS = 1 };

typedef struct xllm_buffer_desc {
  int32_t rows;   // XLLM_ROWS_*
  int32_t width;  // 1 .. 1<<22 floats
} xllm_buffer_desc;

// Ops. `in`, `out` are buffer indices, `weight` indices into the program's weights, -1 = none.
enum {
  // out0[t] = table(weight0)[token[t]] * f0. Width = cols of weight0.
  XLLM_OP_EMBED = 1,
  // out0 = in0 / sqrt(mean(in0^2) + f0) * weight0, over groups of i0 values (0 = whole row); weight0 has i0 values.
  // in0 == out0 allowed.
  XLLM_OP_RMS_NORM = 2,
  // out0 = in0 x weight0^T (+ weight1 as bias). With XLLM_LINEAR_ADD: out0 += result.
  XLLM_OP_LINEAR = 3,
  // In place on out0 [T, i0 heads x i1 head_dim]: rotates the first i2 dims of every head with rope table i4 at the
  // token's position. i3 = 0: halves (NeoX / Hugging Face), 1: interleaved pairs (GGUF llama).
  XLLM_OP_ROPE = 4,
  // Writes K (in1) and V (in2) of the step's tokens into KV layer i0, then out0 = softmax(q k^T * f0) v over each
  // token's own sequence, causal. in0 = q [T, i1 heads x i3], in1, in2 [T, i2 kv heads x i3]. i4 = sliding window in
  // tokens (a token sees itself and i4 - 1 before it), 0 = all. f1 = logit soft cap, 0 = none.
  XLLM_OP_ATTENTION = 5,
  // out0 = silu(in0) * in1.
  XLLM_OP_SWIGLU = 6,
  // out0 = in0 + in1.
  XLLM_OP_ADD = 7,
  // out0 (OUTPUTS rows) = rows of in0 (TOKENS rows) that the step asks for.
  XLLM_OP_GATHER = 8,
  // Bias vector: out0 = in0 + weight0 for every row.
  XLLM_OP_BIAS = 9
};

enum { XLLM_LINEAR_ADD = 1 };

typedef struct xllm_op {
  int32_t code;
  int32_t flags;
  int32_t in[4];
  int32_t out[2];
  int32_t weight[4];
  int32_t i[8];
  float f[4];
} xllm_op;

// Rotary frequencies of a model: angle = position * inv_freq[d], cos and sin scaled by `scale` (YaRN attention factor).
typedef struct xllm_rope_table {
  const float* inv_freq;  // [pairs]
  int32_t pairs;
  float scale;
} xllm_rope_table;

typedef struct xllm_program_desc {
  uint32_t size;
  int32_t buffer_count;
  int32_t op_count;
  int32_t weight_count;
  int32_t rope_count;
  int32_t logits;  // buffer (OUTPUTS rows) whose content xllm_program_run copies out
  const xllm_buffer_desc* buffers;
  const xllm_op* ops;
  xllm_weight* const* weights;  // borrowed: they outlive the program
  const xllm_rope_table* ropes;
  int32_t max_tokens;   // largest step, 1..65536
  int32_t max_outputs;  // largest number of wanted rows, 1..65536
  // Activations of LINEAR over block-quantised weights: 0 = int8 per 32 (fast), 1 = float32 (reference).
  int32_t float_activations;
  int32_t reserved;
  // Hidden states, which steps can ask for beside logits: rows of a buffer as the last op leaves them, through an RMS norm.
  int32_t hidden;         // 1 + the buffer (TOKENS rows); 0 = the program gives none
  int32_t hidden_norm;    // 1 + the norm's weight, a vector as wide as the buffer; 0 = no norm
  float hidden_epsilon;   // of the norm, >= 0
  int32_t hidden_reserved;
} xllm_program_desc;

// Checks every op's shapes against its buffers and weights. Errors: XLLM_INVALID_ARGUMENT with op index and reason.
XLLM_API xllm_status xllm_program_create(xllm_device* device, const xllm_program_desc* desc, xllm_program** out);
XLLM_API void xllm_program_destroy(xllm_program* program);

// One sequence's part of a step: `rows` consecutive rows from first_row, following `context` tokens already in KV.
typedef struct xllm_sequence {
  int32_t first_row;
  int32_t rows;
  int32_t context;
  int32_t block_count;    // >= ceil((context + rows) / block_tokens)
  const int32_t* blocks;  // KV block of each block_tokens positions, in order
} xllm_sequence;

typedef struct xllm_step {
  uint32_t size;
  int32_t token_count;
  int32_t sequence_count;
  int32_t output_count;
  const int32_t* tokens;     // [token_count], each in [0, vocabulary)
  const int32_t* positions;  // [token_count], >= 0; usually context + offset
  const xllm_sequence* sequences;
  const int32_t* output_rows;  // [output_count] ascending rows whose logits are wanted
  float* logits;               // [output_count, width of the logits buffer]
  const int32_t* cancel;       // may be NULL; nonzero stops the step at the next layer
  // [sequence_count] or NULL: the range of a VIRTUAL pool to find a sequence's blocks in, -1 = by its block list. Each range
  // once. What is not mapped there is mapped first; where the system does not allow it the list is used.
  const int32_t* ranges;
  int32_t mode;                // XLLM_MODE_*
  int32_t mode_reserved;
  // NULL, or counts the layers whose K and V are written, from 0, with release order: another thread may read them then. The last
  // layer may count only when the step has returned.
  int32_t* layers_done;
  // Rows whose hidden states are wanted, whether or not their logits are; the same bits as LINEAR to logits starts from.
  int32_t hidden_count;
  int32_t hidden_reserved;
  const int32_t* hidden_rows;  // [hidden_count] ascending
  float* hidden;               // [hidden_count, width of the hidden buffer]
} xllm_step;

// How a step's ops are dispatched. All modes give the same bits.
//  EAGER      every op by itself, in a parallel region of its own.
//  PIECEWISE  one region; ops fused into stages and recorded as a flat list of calls once for a bucket of rows (the next
//             power of two), replayed for every step of that bucket; attention is laid out for each step.
//  FULL       the same with attention's layout recorded too. Only steps of one row a sequence.
//  AUTO       FULL where it may be, else PIECEWISE; EAGER when there is no memory to record.
enum { XLLM_MODE_AUTO = 0, XLLM_MODE_EAGER = 1, XLLM_MODE_PIECEWISE = 2, XLLM_MODE_FULL = 3 };

// Runs the program. Blocks until done; the calling thread takes part in the work.
XLLM_API xllm_status xllm_program_run(xllm_program* program, xllm_kv* kv, const xllm_step* step);
// Runs ops first .. first + count - 1 of the step in mode EAGER (the step's own is not read). A step is whole when its op ranges
// were run in order with the same step; logits are written by the range that holds the last op.
XLLM_API xllm_status xllm_program_run_ops(xllm_program* program, xllm_kv* kv, const xllm_step* step, int32_t first,
                                          int32_t count);

typedef struct xllm_program_info {
  uint32_t size;
  int32_t ops;
  int32_t graphs;    // recorded and kept; at most 32
  int32_t barriers;  // of the last graph that was replayed
  int64_t records;   // graphs recorded so far
  int64_t evictions;
  int64_t full_steps;
  int64_t piecewise_steps;
  int64_t eager_steps;
} xllm_program_info;

// Not while the program runs.
XLLM_API xllm_status xllm_program_describe(const xllm_program* program, xllm_program_info* out);

#ifdef __cplusplus
}
#endif
#endif  // XLLM_H_
