#ifndef XLLM_CPU_CPU_BACKEND_H_
#define XLLM_CPU_CPU_BACKEND_H_

#include "core/backend.h"
#include "cpu/kernels.h"
#include "cpu/thread_pool.h"

namespace xllm::cpu {

class CpuBackend final : public Backend {
 public:
  explicit CpuBackend(const xllm_device_options& options);
  void describe(xllm_device_info& out) const override;
  void run(void (*work)(void*, int32_t), void* context) override;
  std::unique_ptr<Weight> create_weight(const xllm_weight_desc& desc) override;
  std::unique_ptr<KvPool> create_kv(const xllm_kv_desc& desc) override;
  std::unique_ptr<Program> create_program(ProgramSpec spec) override;
  double probe(int32_t kind, double seconds) override;

  const Kernels& kernels() const { return kernels_; }
  ThreadPool& pool() { return pool_; }

 private:
  const int32_t isa_;
  const Kernels& kernels_;
  ThreadPool pool_;
};

}  // namespace xllm::cpu

#endif  // XLLM_CPU_CPU_BACKEND_H_
