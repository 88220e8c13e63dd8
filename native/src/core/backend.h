#ifndef XLLM_CORE_BACKEND_H_
#define XLLM_CORE_BACKEND_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "xllm/xllm.h"

// What a backend has to do behind xllm.h. Everything that reaches it has been checked by core/ (shapes, indices, sizes);
// it may still throw Error for want of memory or for a type that it lacks.
namespace xllm {

class Backend;

class Weight {
 public:
  Weight(const Backend* owner, const xllm_weight_desc& desc)
      : owner(owner), type(desc.type), usage(desc.usage), rows(desc.rows), cols(desc.cols) {}
  virtual ~Weight() = default;
  virtual uint64_t bytes() const = 0;

  const Backend* const owner;
  const int32_t type;
  const int32_t usage;
  const int64_t rows;
  const int64_t cols;
};

class KvPool {
 public:
  KvPool(const Backend* owner, const xllm_kv_desc& desc) : owner(owner), desc(desc) {}
  virtual ~KvPool() = default;
  virtual uint64_t bytes() const = 0;
  virtual void copy_block(int32_t from, int32_t to) = 0;
  // Checked mappings; fails with XLLM_UNSUPPORTED where there are no ranges. Any thread.
  virtual void map(const xllm_kv_mapping* mappings, int32_t count, bool ahead) = 0;
  virtual void describe(xllm_kv_info& out) = 0;
  // Blocks of another pool behind its own; checked, but for the file. Any thread.
  virtual void attach(int32_t file, int32_t first, int32_t count) = 0;
  // Whether a block behind its own is attached.
  virtual bool has_guest(int32_t block) const = 0;
  bool has_block(int32_t block) const { return block >= 0 && (block < desc.blocks || has_guest(block)); }

  const Backend* const owner;
  const xllm_kv_desc desc;
};

// A rope table with its frequencies copied.
struct RopeTable {
  std::vector<float> inv_freq;
  float scale = 1;
};

// A checked program that owns all but its weights.
struct ProgramSpec {
  std::vector<xllm_buffer_desc> buffers;
  std::vector<xllm_op> ops;
  std::vector<const Weight*> weights;
  std::vector<RopeTable> ropes;
  int32_t logits = 0;
  int32_t max_tokens = 0;
  int32_t max_outputs = 0;
  bool float_activations = false;
  int32_t hidden = -1;       // buffer of the hidden states, -1 = none
  int32_t hidden_norm = -1;  // weight of their norm, -1 = none
  float hidden_epsilon = 0;
  std::vector<xllm_op> few_ops;  // a backend's own form of the ops for steps that want few of their rows

  int64_t vocabulary = INT32_MAX;  // least number of rows of the tables that EMBED reads
  int32_t kv_layers = 0;           // 0 = no attention
  int32_t kv_heads = 0;
  int32_t head_dim = 0;
};

class Program {
 public:
  Program(const Backend* owner, ProgramSpec spec) : owner(owner), spec(std::move(spec)) {}
  virtual ~Program() = default;
  // `step` has been checked against the program and the pool; `kv` is NULL only when there is no attention.
  virtual void run(KvPool* kv, const xllm_step& step) = 0;
  virtual void run_ops(KvPool* kv, const xllm_step& step, int32_t first, int32_t count) = 0;
  // Whether steps may ask for hidden states.
  virtual bool gives_hidden() const { return false; }
  // Fills all but `size`.
  virtual void describe(xllm_program_info& out) const = 0;

  const Backend* const owner;
  const ProgramSpec spec;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual void describe(xllm_device_info& out) const = 0;
  virtual void run(void (*work)(void*, int32_t), void* context) = 0;
  virtual std::unique_ptr<Weight> create_weight(const xllm_weight_desc& desc) = 0;
  virtual std::unique_ptr<KvPool> create_kv(const xllm_kv_desc& desc) = 0;
  virtual std::unique_ptr<Program> create_program(ProgramSpec spec) = 0;
  virtual double probe(int32_t kind, double seconds) = 0;
};

std::unique_ptr<Backend> create_cpu_backend(const xllm_device_options& options);
bool cpu_isa_supported(int32_t isa);

}  // namespace xllm

#endif  // XLLM_CORE_BACKEND_H_
