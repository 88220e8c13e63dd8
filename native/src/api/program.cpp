#include <cstring>

#include "api/border.h"
#include "core/program_check.h"

using namespace xllm;

namespace {

xllm_step checked_step(xllm_program* program, xllm_kv* kv, const xllm_step* step, KvPool*& pool) {
  XLLM_CHECK(program != nullptr, "program is NULL");
  xllm_step checked = read_sized(step, "step");
  pool = kv == nullptr ? nullptr : kv->pool.get();
  XLLM_CHECK(pool == nullptr || pool->owner == program->program->owner, "kv is of another device");
  check_step(program->program->spec, pool, checked);
  if (checked.hidden_count > 0 && !program->program->gives_hidden()) {
    fail(XLLM_UNSUPPORTED, "this backend gives no hidden states");
  }
  return checked;
}

}  // namespace

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
    KvPool* pool = nullptr;
    xllm_step checked = checked_step(program, kv, step, pool);
    program->program->run(pool, checked);
  });
}

xllm_status xllm_program_run_ops(xllm_program* program, xllm_kv* kv, const xllm_step* step, int32_t first, int32_t count) {
  return guard([&] {
    KvPool* pool = nullptr;
    xllm_step checked = checked_step(program, kv, step, pool);
    int32_t ops = static_cast<int32_t>(program->program->spec.ops.size());
    XLLM_CHECK(first >= 0 && count > 0 && count <= ops - first, "ops %d to %lld; the program has %d", first,
               static_cast<long long>(first) + count - 1, ops);
    program->program->run_ops(pool, checked, first, count);
  });
}

xllm_status xllm_program_describe(const xllm_program* program, xllm_program_info* out) {
  return guard([&] {
    XLLM_CHECK(program != nullptr, "program is NULL");
    xllm_program_info info = read_sized(out, "out");
    uint32_t size = info.size;
    program->program->describe(info);
    info.ops = static_cast<int32_t>(program->program->spec.ops.size());
    std::memcpy(out, &info, size);
  });
}
}
