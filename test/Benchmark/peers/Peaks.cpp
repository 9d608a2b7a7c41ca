//===- Peaks.cpp - What the machine could do at most ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contenders.h"

using namespace mlir::ptq::benchmark;

#ifdef __x86_64__
#include <immintrin.h>

static constexpr int64_t numSteps = 20000;
/// Enough independent sums to hide the latency of an instruction.
static constexpr int64_t numSums = 12;

// The empty statement tells the compiler that the factors are others, or it
// would compute the products once.
#define DEFINE_DOT_PRODUCTS(NAME, FEATURES, VECTOR, SUM)                       \
  __attribute__((target(FEATURES))) static void NAME() {                       \
    VECTOR sums[numSums] = {}, a = {}, b = {};                                 \
    for (int64_t step = 0; step < numSteps; ++step) {                          \
      _Pragma("GCC unroll 12") for (VECTOR &sum : sums) {                      \
        asm volatile("" : "+x"(a), "+x"(b));                                   \
        sum = SUM;                                                             \
      }                                                                        \
    }                                                                          \
    for (VECTOR &sum : sums)                                                   \
      asm volatile("" ::"x"(sum));                                             \
  }

DEFINE_DOT_PRODUCTS(runVNNI512, "avx512f,avx512vnni", __m512i,
                    _mm512_dpbusd_epi32(sum, a, b))
DEFINE_DOT_PRODUCTS(runVNNI256, "avx2,avxvnni", __m256i,
                    _mm256_dpbusd_avx_epi32(sum, a, b))
DEFINE_DOT_PRODUCTS(runAVX2, "avx2", __m256i,
                    _mm256_add_epi32(sum, _mm256_madd_epi16(a, b)))
DEFINE_DOT_PRODUCTS(runFMA512, "avx512f", __m512, _mm512_fmadd_ps(a, b, sum))
DEFINE_DOT_PRODUCTS(runFMA256, "avx2,fma", __m256, _mm256_fmadd_ps(a, b, sum))

__attribute__((target("avx2"))) static void read(const char *bytes,
                                                 int64_t numBytes) {
  for (const char *end = bytes + numBytes; bytes != end; bytes += 256)
    _Pragma("GCC unroll 8") for (int64_t i = 0; i < 8; ++i) {
      const auto *source = reinterpret_cast<const __m256i *>(bytes) + i;
      asm volatile("" ::"x"(_mm256_load_si256(source)));
    }
}

Work mlir::ptq::benchmark::prepareReading(const char *bytes, int64_t numBytes) {
  if (!__builtin_cpu_supports("avx2"))
    return nullptr;
  return [=] { read(bytes, numBytes); };
}

DotProducts mlir::ptq::benchmark::getIntegerDotProducts() {
  if (__builtin_cpu_supports("avx512vnni"))
    return {"vpdpbusd, 512 bits", numSteps * numSums * 64, runVNNI512};
  if (__builtin_cpu_supports("avxvnni"))
    return {"vpdpbusd, 256 bits", numSteps * numSums * 32, runVNNI256};
  if (__builtin_cpu_supports("avx2"))
    return {"vpmaddwd, 256 bits", numSteps * numSums * 16, runAVX2};
  return {};
}

DotProducts mlir::ptq::benchmark::getFloatDotProducts() {
  if (__builtin_cpu_supports("avx512f"))
    return {"vfmadd, 512 bits", numSteps * numSums * 16, runFMA512};
  if (__builtin_cpu_supports("fma"))
    return {"vfmadd, 256 bits", numSteps * numSums * 8, runFMA256};
  return {};
}

#else

DotProducts mlir::ptq::benchmark::getIntegerDotProducts() { return {}; }
DotProducts mlir::ptq::benchmark::getFloatDotProducts() { return {}; }
Work mlir::ptq::benchmark::prepareReading(const char *, int64_t) {
  return nullptr;
}

#endif // __x86_64__
