// Times steps of a model with random weights in the shape of SmolLM2-135M (Q4_1, head Q8_0).
//   xllm_step_bench [--isa scalar|avx2|avx512] [--threads N] [--kv f16|f32|q8_0] [--prompt N] [--decode N] [--streams N]
//                   [--rounds N] [--shared 1]
// shared: the pool as a cluster has it, in a memory file with room for other pools, and each step counts its layers.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "options.h"
#include "support/step_arrays.h"
#include "support/tiny_model.h"

namespace {

using xllm::test::Part;
using xllm::test::TinyModel;

// Wall time, and CPU time of all threads: the second means something on a machine that is busy with other things (use
// --threads 1, so that it holds no waiting).
struct Moment {
  double wall = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  double cpu = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
};

struct Rates {
  std::vector<double> wall, cpu;
  void add(double tokens, const Moment& start) {
    Moment end;
    wall.push_back(tokens / (end.wall - start.wall));
    cpu.push_back(tokens / (end.cpu - start.cpu));
  }
  void print(const char* what) {
    std::sort(wall.begin(), wall.end());
    std::sort(cpu.begin(), cpu.end());
    std::printf("%-10s median %8.1f best %8.1f tokens/s; a CPU second: median %8.1f best %8.1f\n", what,
                wall[wall.size() / 2], wall.back(), cpu[cpu.size() / 2], cpu.back());
  }
};

// One step with logits for the last row of each part only.
void step(const TinyModel& model, const std::vector<Part>& parts, std::vector<float>& logits) {
  int32_t layers_done = 0;
  xllm::test::StepArrays arrays(parts, 1, model.shape().vocabulary, XLLM_MODE_AUTO, logits.data());
  if (model.shape().kv_flags != 0) arrays.step.layers_done = &layers_done;
  xllm::test::require(xllm_program_run(model.program().get(), model.kv().get(), &arrays.step));
}

}  // namespace

int main(int argc, char** argv) {
  const xllm::bench::Options options{argc, argv};
  int prompt = options.number("--prompt", 512), decode = options.number("--decode", 64);
  int streams = options.number("--streams", 1), rounds = options.number("--rounds", 5);
  xllm::test::TinyShape shape;
  shape.vocabulary = 49152;
  shape.hidden = 576, shape.heads = 9, shape.kv_heads = 3, shape.head_dim = 64, shape.intermediate = 1536;
  shape.layers = 30;
  shape.kv_type = options.kv_type();
  shape.block_tokens = 32;
  shape.kv_blocks = ((prompt + decode) / 32 + 1) * streams;
  if (options.number("--shared", 0) != 0) {
    shape.kv_flags = XLLM_KV_SHARED;
    shape.guest_blocks = 4 * shape.kv_blocks;
  }
  shape.max_tokens = std::max(prompt, streams);
  shape.max_outputs = streams;
  TinyModel model(shape, 1, options.isa(XLLM_ISA_AUTO), options.number("--threads", 0));
  std::printf("weights %.1f MB\n", model.weight_bytes() / 1e6);
  std::vector<float> logits(static_cast<size_t>(streams) * shape.vocabulary);
  xllm::test::Random random(2);
  std::vector<Part> parts(streams);
  int per_stream = shape.kv_blocks / streams;
  Rates prefill, decoding;
  for (int round = 0; round < rounds; ++round) {
    Moment start;
    for (int s = 0; s < streams; ++s) {
      Part part{std::vector<int32_t>(prompt), 0, model.blocks(s * per_stream, per_stream * shape.block_tokens)};
      for (int32_t& token : part.tokens) token = random.below(shape.vocabulary);
      step(model, {part}, logits);
      parts[s] = {{1}, prompt, part.blocks};
    }
    prefill.add(prompt * streams, start);
    start = Moment();
    for (int d = 0; d < decode; ++d) {
      for (Part& part : parts) {
        part.tokens[0] = random.below(shape.vocabulary);
        part.context = prompt + d;
      }
      step(model, parts, logits);
    }
    decoding.add(decode * streams, start);
  }
  prefill.print("prefill");
  decoding.print("decode");
  return 0;
}
