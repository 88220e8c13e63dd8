#include "api/border.h"

using namespace xllm;

extern "C" {

xllm_status xllm_device_create(const xllm_device_options* options, xllm_device** out) {
  return guard([&] {
    XLLM_CHECK(out != nullptr, "out is NULL");
    *out = nullptr;
    xllm_device_options checked = read_sized(options, "options");
    XLLM_CHECK(checked.backend == XLLM_BACKEND_CPU || checked.backend == XLLM_BACKEND_CUDA, "backend %d is not known",
               checked.backend);
    XLLM_CHECK(checked.isa >= XLLM_ISA_AUTO && checked.isa <= XLLM_ISA_AVX512, "isa %d is not known", checked.isa);
    XLLM_CHECK(checked.threads >= 0 && checked.threads <= 256, "%d threads; there must be 0 to 256", checked.threads);
    if (checked.backend == XLLM_BACKEND_CUDA) fail(XLLM_UNSUPPORTED, "this build has no CUDA backend");
    auto device = std::make_unique<xllm_device>();
    device->backend = create_cpu_backend(checked);
    *out = device.release();
  });
}

xllm_status xllm_device_describe(const xllm_device* device, xllm_device_info* out) {
  return guard([&] {
    XLLM_CHECK(device != nullptr, "device is NULL");
    xllm_device_info info = read_sized(out, "out");
    uint32_t size = info.size;
    device->backend->describe(info);
    info.size = size;
    std::memcpy(static_cast<void*>(out), &info, size);
  });
}

xllm_status xllm_device_run(xllm_device* device, void (*work)(void* context, int32_t thread), void* context) {
  return guard([&] {
    XLLM_CHECK(device != nullptr, "device is NULL");
    XLLM_CHECK(work != nullptr, "work is NULL");
    device->backend->run(work, context);
  });
}

xllm_status xllm_probe(xllm_device* device, int32_t kind, double seconds, double* out) {
  return guard([&] {
    XLLM_CHECK(device != nullptr, "device is NULL");
    XLLM_CHECK(out != nullptr, "out is NULL");
    XLLM_CHECK(kind >= XLLM_PROBE_READ && kind <= XLLM_PROBE_FP32, "kind %d is not known", kind);
    XLLM_CHECK(seconds > 0 && seconds <= 60, "%g seconds; they must be above 0 and at most 60", seconds);
    *out = device->backend->probe(kind, seconds);
  });
}

void xllm_device_destroy(xllm_device* device) { delete device; }
}
