#ifndef XLLM_CORE_PROGRAM_CHECK_H_
#define XLLM_CORE_PROGRAM_CHECK_H_

#include "core/backend.h"

namespace xllm {

// Checks a program's counts, indices, kinds of rows and shapes, and copies it. Throws XLLM_INVALID_ARGUMENT with op index.
ProgramSpec check_program(const Backend* owner, const xllm_program_desc& desc, const std::vector<const Weight*>& weights);

// Checks a step against its program and pool: everything a kernel will index with.
void check_step(const ProgramSpec& program, const KvPool* kv, const xllm_step& step);

}  // namespace xllm

#endif  // XLLM_CORE_PROGRAM_CHECK_H_
