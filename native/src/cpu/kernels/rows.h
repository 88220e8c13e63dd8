// Kernels over one row: norm, SwiGLU, add, rope.
#ifndef XLLM_CPU_KERNELS_ROWS_H_
#define XLLM_CPU_KERNELS_ROWS_H_

namespace xllm::cpu {
namespace {

// Sum of squares in 16 lanes (value i in lane i mod 16, ascending), then the tree of V::sum.
void rms_norm(const float* x, const float* weight, float* out, int64_t groups, int64_t width, float epsilon) {
  for (int64_t g = 0; g < groups; ++g, x += width, out += width) {
    V::F squares = V::zero();
    int64_t i = 0;
    for (; i + kLanes <= width; i += kLanes) {
      V::F v = V::load(x + i);
      squares = V::fma(v, v, squares);
    }
    if (i < width) {
      V::F v = V::loadn(x + i, static_cast<int>(width - i));
      squares = V::fma(v, v, squares);
    }
    float mean = V::sum(squares) / static_cast<float>(width);
    V::F r = V::set1(1.0f / __builtin_sqrtf(mean + epsilon));
    for (i = 0; i + kLanes <= width; i += kLanes) {
      V::store(out + i, V::mul(V::mul(V::load(x + i), r), V::load(weight + i)));
    }
    if (i < width) {
      int n = static_cast<int>(width - i);
      V::storen(out + i, V::mul(V::mul(V::loadn(x + i, n), r), V::loadn(weight + i, n)), n);
    }
  }
}

// silu(g) * u = g / (1 + e^-g) * u
XI V::F swiglu(V::F g, V::F u) {
  return V::mul(V::div(g, V::add(V::set1(1.0f), exp(V::sub(V::zero(), g)))), u);
}

void swiglu(const float* gate, const float* up, float* out, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes) V::store(out + i, swiglu(V::load(gate + i), V::load(up + i)));
}

void swiglu_quantize(const float* gate, const float* up, int64_t rows, ActPanel* column, int64_t next, int64_t row) {
  for (int64_t t = row; t < row + rows; ++t, gate += kBlock, up += kBlock) {
    float product[kBlock];
    swiglu(gate, up, product, kBlock);
    quantize(product, kBlock, column + t / kPanelTokens * next, static_cast<int>(t % kPanelTokens));
  }
}

void add(const float* a, const float* b, float* out, int64_t n) {
  for (int64_t i = 0; i < n; i += kLanes) V::store(out + i, V::add(V::load(a + i), V::load(b + i)));
}

// (a, b) -> (a cos - b sin, b cos + a sin), every product rounded. Plain loops: the compiler turns each into the path's vectors.
void rope_halves(float* __restrict a, float* __restrict b, const float* __restrict cos, const float* __restrict sin,
                 int64_t pairs) {
  for (int64_t p = 0; p < pairs; ++p) {
    float x = a[p], y = b[p];
    a[p] = x * cos[p] - y * sin[p];
    b[p] = y * cos[p] + x * sin[p];
  }
}

void rope_pairs(float* __restrict x, const float* __restrict cos, const float* __restrict sin, int64_t pairs) {
  for (int64_t p = 0; p < pairs; ++p) {
    float a = x[2 * p], b = x[2 * p + 1];
    x[2 * p] = a * cos[p] - b * sin[p];
    x[2 * p + 1] = b * cos[p] + a * sin[p];
  }
}

void rope(float* x, const float* cos, const float* sin, int64_t heads, int64_t head_dim, int64_t turned,
          bool interleaved) {
  int64_t pairs = turned / 2;
  for (int64_t h = 0; h < heads; ++h, x += head_dim) {
    if (interleaved) {
      rope_pairs(x, cos, sin, pairs);
    } else {
      rope_halves(x, x + pairs, cos, sin, pairs);
    }
  }
}

}  // namespace
}  // namespace xllm::cpu

#endif  // XLLM_CPU_KERNELS_ROWS_H_
