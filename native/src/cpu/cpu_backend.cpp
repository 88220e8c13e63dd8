#include "cpu/cpu_backend.h"

#include <cstdio>

#include "cpu/cpu_program.h"
#include "cpu/isa.h"
#include "cpu/packed_weight.h"
#include "cpu/paged_kv.h"
#include "cpu/probe.h"

namespace xllm {
namespace cpu {

CpuBackend::CpuBackend(const xllm_device_options& options)
    : isa_(options.isa == XLLM_ISA_AUTO ? best_isa() : options.isa),
      kernels_(kernels_of(isa_)),
      pool_(options.threads == 0 ? granted_cores() : options.threads) {}

void CpuBackend::describe(xllm_device_info& out) const {
  out.backend = XLLM_BACKEND_CPU;
  out.isa = isa_;
  out.threads = pool_.threads();
  std::snprintf(out.name, sizeof(out.name), "cpu %s %d thread%s", isa_name(isa_), pool_.threads(),
                pool_.threads() == 1 ? "" : "s");
}

void CpuBackend::run(void (*work)(void*, int32_t), void* context) {
  pool_.run([=](int32_t thread) { work(context, thread); });
}

std::unique_ptr<Weight> CpuBackend::create_weight(const xllm_weight_desc& desc) {
  return std::make_unique<PackedWeight>(this, desc, pool_);
}

std::unique_ptr<KvPool> CpuBackend::create_kv(const xllm_kv_desc& desc) {
  return std::make_unique<PagedKv>(this, desc);
}

std::unique_ptr<Program> CpuBackend::create_program(ProgramSpec spec) {
  return std::make_unique<CpuProgram>(*this, std::move(spec));
}

double CpuBackend::probe(int32_t kind, double seconds) { return cpu::probe(isa_, pool_.threads(), kind, seconds); }

}  // namespace cpu

std::unique_ptr<Backend> create_cpu_backend(const xllm_device_options& options) {
  return std::make_unique<cpu::CpuBackend>(options);
}

}  // namespace xllm
