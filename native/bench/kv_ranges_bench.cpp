// What it costs to have a sequence's KV blocks one after the other in a range of addresses, and what it gains.
//   xllm_kv_ranges_bench map      system calls: mapping a block, by block size, first and again, with a step's threads idle
//   xllm_kv_ranges_bench step [--streams N] [--context N] [--rounds N]
//                                 decode steps in the shape of SmolLM2-135M, by block list and by range in turn
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "options.h"
#include "support/step_arrays.h"
#include "support/tiny_model.h"

namespace {

using xllm::test::Kv;
using xllm::test::Part;
using xllm::test::require;
using xllm::test::TinyModel;

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Microseconds of one call that maps each of `count` blocks, one call a block.
double time_maps(const Kv& kv, int32_t count, int32_t first_block, int32_t run, bool unmap = false) {
  std::vector<double> times;
  for (int32_t i = 0; i < count; i += run) {
    xllm_kv_mapping m = {0, i, unmap ? -1 : (first_block + i) % count, run};
    double start = seconds();
    require(xllm_kv_map(kv.get(), &m, 1, 0));
    times.push_back((seconds() - start) * 1e6);
  }
  return median(times);
}

void map_costs() {
  std::printf("microseconds a call (median), a block mapped alone; 'again' over another block, both in use before\n");
  std::printf("%10s %10s %10s %10s %10s %14s\n", "KiB", "first", "again", "unmap", "8 at once", "ns a token");
  for (int32_t heads : {1, 2, 6, 16, 45, 90, 256}) {
    xllm::test::Device device = xllm::test::make_device(XLLM_ISA_AUTO, 1);
    xllm_kv_desc desc{};
    desc.size = sizeof(desc);
    desc.type = XLLM_TYPE_F16;
    desc.layers = 1, desc.kv_heads = heads, desc.head_dim = 64, desc.block_tokens = 16;  // 4 KiB a head
    desc.blocks = 512;
    desc.mode = XLLM_KV_VIRTUAL, desc.ranges = 1, desc.range_blocks = 512;
    xllm_kv* raw = nullptr;
    require(xllm_kv_create(device.get(), &desc, &raw));
    Kv kv(raw);
    double first = time_maps(kv, 512, 0, 1), again = time_maps(kv, 512, 7, 1), unmap = time_maps(kv, 512, 0, 1, true);
    double many = time_maps(kv, 512, 0, 8);
    std::printf("%10d %10.2f %10.2f %10.2f %10.2f %14.1f\n", heads * 4, first, again, unmap, many, again * 1e3 / 16);
  }
}

TinyModel make_model(bool ranges, int32_t streams, int32_t per_stream, int32_t prompt) {
  xllm::test::TinyShape shape;
  shape.vocabulary = 49152;
  shape.hidden = 576, shape.heads = 9, shape.kv_heads = 3, shape.head_dim = 64, shape.intermediate = 1536;
  shape.layers = 30;
  shape.kv_ranges = ranges ? streams : 0;
  shape.kv_blocks = per_stream * streams;
  shape.max_tokens = std::max(std::min(prompt, 512), streams);
  shape.max_outputs = streams;
  return TinyModel(shape, 1, XLLM_ISA_AUTO, 0);
}

// Seconds of a step with logits for the last row of each part.
double run(const TinyModel& model, const std::vector<Part>& parts, std::vector<float>& logits) {
  xllm::test::StepArrays arrays(parts, 1, model.shape().vocabulary, XLLM_MODE_AUTO, logits.data());
  double start = seconds();
  require(xllm_program_run(model.program().get(), model.kv().get(), &arrays.step));
  return seconds() - start;
}

void step_costs(int32_t streams, int32_t context, int32_t rounds) {
  int32_t per_stream = (context + rounds * 8) / 16 + 2;
  TinyModel plain = make_model(false, streams, per_stream, context), mapped = make_model(true, streams, per_stream, context);
  std::vector<float> logits(static_cast<size_t>(streams) * 49152);
  std::vector<Part> parts(streams);
  std::vector<double> prefill[2], decode[2];
  const TinyModel* models[2] = {&plain, &mapped};
  // The prompt once for each, then copied: what is timed are the steps after it. Block ids descend, so nothing merges.
  for (int m = 0; m < 2; ++m) {
    for (int32_t s = 0; s < streams; ++s) {
      parts[s] = {{7}, context, models[m]->blocks(s * per_stream, per_stream * 16), m == 1 ? s : -1};
      for (int32_t at = 0; s == 0 && at < context; at += 512) {
        int32_t n = std::min(512, context - at);
        double time = run(*models[m], {{std::vector<int32_t>(n, 11), at, parts[0].blocks, parts[0].range}}, logits);
        if (n == 512) prefill[m].push_back(n / time);
      }
      for (int32_t b = 0; s > 0 && b < per_stream; ++b) {
        require(xllm_kv_copy_block(models[m]->kv().get(), parts[0].blocks[b], parts[s].blocks[b]));
      }
    }
  }
  for (int32_t r = 0; r < rounds; ++r) {
    for (int m = 0; m < 2; ++m) {
      for (Part& part : parts) {
        int32_t s = static_cast<int32_t>(&part - parts.data());
        part.blocks = models[m]->blocks(s * per_stream, per_stream * 16);
        part.range = m == 1 ? s : -1;
      }
      for (int32_t i = 0; i < 8; ++i) {
        for (Part& part : parts) part.context = context + r * 8 + i;
        decode[m].push_back(streams / run(*models[m], parts, logits));
      }
    }
  }
  double list = median(decode[0]), range = median(decode[1]);
  std::printf("decode, %d streams, context %d: by list %.1f tokens/s, by range %.1f, ratio %.3f\n", streams, context, list,
              range, range / list);
  if (!prefill[0].empty()) {
    list = median(prefill[0]), range = median(prefill[1]);
    std::printf("prefill in chunks of 512 to %d: by list %.1f tokens/s, by range %.1f, ratio %.3f\n", context, list, range,
                range / list);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const xllm::bench::Options options{argc, argv};
  if (argc > 1 && std::strcmp(argv[1], "step") == 0) {
    step_costs(options.number("--streams", 1), options.number("--context", 512), options.number("--rounds", 5));
  } else {
    map_costs();
  }
  return 0;
}
