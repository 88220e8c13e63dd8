#include "api/border.h"
#include "core/program_check.h"

using namespace xllm;

extern "C" {

xllm_status xllm_program_create(xllm_device* device, const xllm_program_desc* desc, xllm_program** out) {
  return guard([&] {
    XLLM_CHECK(out != nullptr, "out is NULL");
    *out = nullptr;
    XLLM_CHECK(device != nullptr, "device is NULL");
    xllm_program_desc checked = read_sized(desc, "desc");
    XLLM_CHECK(checked.weight_count >= 0 && checked.weight_count <= (1 << 20) &&
                   (checked.weight_count == 0 || checked.weights != nullptr),
               "%d weights; there must be 0 to %d", checked.weight_count, 1 << 20);
    std::vector<const Weight*> weights(checked.weight_count);
    for (int32_t w = 0; w < checked.weight_count; ++w) {
      weights[w] = checked.weights[w] == nullptr ? nullptr : checked.weights[w]->weight.get();
    }
    Backend& backend = *device->backend;
    auto program = std::make_unique<xllm_program>();
    program->program = backend.create_program(check_program(&backend, checked, weights));
    *out = program.release();
  });
}

void xllm_program_destroy(xllm_program* program) { delete program; }

xllm_status xllm_program_run(xllm_program* program, xllm_kv* kv, const xllm_step* step) {
  return guard([&] {
    XLLM_CHECK(program != nullptr, "program is NULL");
    xllm_step checked = read_sized(step, "step");
    KvPool* pool = kv == nullptr ? nullptr : kv->pool.get();
    XLLM_CHECK(pool == nullptr || pool->owner == program->program->owner, "kv is of another device");
    check_step(program->program->spec, pool, checked);
    program->program->run(pool, checked);
  });
}
}
