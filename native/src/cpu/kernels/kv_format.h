// What the element type of the KV pool means to attention: how an operand of 16 lanes is read, multiplied and summed. An
// operand holds kStep dimensions of 16 positions (keys), or kStep positions of 16 dimensions (values).
#ifndef XLLM_CPU_KERNELS_KV_FORMAT_H_
#define XLLM_CPU_KERNELS_KV_FORMAT_H_

namespace xllm::cpu {
namespace {

// Float types: a chain of fma for each lane.
struct FloatKv {
  using Sum = V::F;
  using Operand = V::F;
  using Factor = float;
  static constexpr int kStep = 1;
  static constexpr int kBlockUnits = kMaxHeadDim;  // operands of a key that are summed together
  XI Sum zero() { return V::zero(); }
  XI Operand factor(const float* p) { return V::set1(*p); }
  XI Sum mac(Operand factor, Operand a, Sum sum) { return V::fma(factor, a, sum); }
};

struct F32Kv : FloatKv {
  static constexpr int kLaneBytes = 4;
  XI Operand load(const uint8_t* p) { return V::load(reinterpret_cast<const float*>(p)); }
};

struct F16Kv : FloatKv {
  static constexpr int kLaneBytes = 2;
  XI Operand load(const uint8_t* p) { return V::load_half(reinterpret_cast<const uint16_t*>(p)); }
};

// int8 with a scale for each 32 dimensions of a row, times int16 factors: exact sums in int32.
struct Q8Kv {
  using Sum = V::I;
  using Operand = Pairs::P;
  using Factor = int16_t;
  static constexpr int kStep = 2;
  static constexpr int kBlockUnits = kBlock / kStep;
  static constexpr int kLaneBytes = 2;
  XI Sum zero() { return Pairs::zero(); }
  XI Operand load(const uint8_t* p) { return Pairs::load(p); }
  XI Operand factor(const int16_t* p) { return Pairs::set1(p); }
  XI Sum mac(Operand factor, Operand a, Sum sum) { return Pairs::mac(sum, factor, a); }
};

// Vectors a query keeps for its sums, when M queries go together: as many as registers hold, at most 4.
template <int M>
constexpr int vectors_for() {
  int n = Pairs::kSums / M;
  return n >= 4 ? 4 : n >= 2 ? 2 : 1;
}

// Blocks of 32 dimensions whose weights lie ready at a time for int8 values: those that a tile of M queries sums together.
template <int M>
constexpr int word_blocks() {
  return vectors_for<M>() * kLanes > kBlock ? vectors_for<M>() * kLanes / kBlock : 1;
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_KV_FORMAT_H_
