//===- ElementaryFunctions.h - exp and its like in fixed steps --*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Elementary functions on f32 as fixed sequences of additions, multiplications,
// divisions, comparisons and operations on bits. The interpreter runs them on
// `float`, `ptq-expand-math` emits them as arith ops on scalars and vectors, so
// that both compute the same bits, on every processor.
//
// That needs two things of whoever runs a sequence: every operation rounds by
// itself, to nearest even (no contraction to fused operations, which some
// processors lack), and results below 2^-126 are not flushed to zero.
//
// A sequence is a template over `Float`, which is `float` or stands for an SSA
// value. Besides arithmetic and comparisons with each other and with `float`,
// it has, found by argument-dependent lookup:
//
//   Float select(Mask, Float, Float), Float like(Float, float),
//   Integer bitsOf(Float), Float floatOf(Integer), Float convert(Integer),
//   Mask isNaN(Float)
//
// `Integer` has 32 bits, wraps, and shifts as unsigned numbers do.
//
// A NaN becomes itself, its sign and payload included. Errors are stated in
// units in the last place (ulp) of the result, against the exact value. They
// have been measured on every f32 from 2^-13 on, on either side of 0 and for
// logarithms on all; `test/CodeGen/elementary-functions.py` measures them on a
// sample. The reductions are those of W. J. Cody and W. Waite, "Software Manual
// for the Elementary Functions", 1980; the polynomials are our own minimax
// fits, with coefficients rounded to f32 one after another.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_SUPPORT_ELEMENTARYFUNCTIONS_H
#define PTQ_SUPPORT_ELEMENTARYFUNCTIONS_H

#include "llvm/ADT/bit.h"
#include "llvm/Support/Compiler.h"
#include <cstddef>
#include <cstdint>
#include <limits>

namespace mlir::ptq::elementary {

//===----------------------------------------------------------------------===//
// What the sequences are made of, on float
//===----------------------------------------------------------------------===//

inline float select(bool mask, float a, float b) { return mask ? a : b; }
inline float like(float, float constant) { return constant; }
inline uint32_t bitsOf(float x) { return llvm::bit_cast<uint32_t>(x); }
inline float floatOf(uint32_t bits) { return llvm::bit_cast<float>(bits); }
inline float convert(uint32_t x) {
  return static_cast<float>(static_cast<int32_t>(x));
}
inline bool isNaN(float x) { return x != x; }

//===----------------------------------------------------------------------===//
// Parts of functions
//===----------------------------------------------------------------------===//

namespace detail {

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// log(2) in two parts; the first has so few bits that its products with
/// exponents are exact.
inline constexpr float kLog2Head = 0x1.63p-1f;
inline constexpr float kLog2Tail = -0x1.bd0106p-13f;

/// Added to a small number, leaves it rounded to an integer in the low bits.
inline constexpr float kRounder = 0x1.8p23f;
inline constexpr uint32_t kRounderBits = 0x4B400000;

/// c[0] + c[1] x + c[2] x^2 + ..., from the last coefficient on.
template <typename Float, size_t size>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float evaluatePolynomial(Float x,
                                                      const float (&c)[size]) {
  Float sum = x * c[size - 1] + c[size - 2];
  for (size_t i = size - 2; i-- > 0;)
    sum = sum * x + c[i];
  return sum;
}

template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float clampAbove(Float x, float bound) {
  return select(x > bound, like(x, bound), x);
}

template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float clampBelow(Float x, float bound) {
  return select(x < bound, like(x, bound), x);
}

/// 2^exponent, for an exponent from -126 to 127.
template <typename Integer>
LLVM_ATTRIBUTE_ALWAYS_INLINE auto powerOfTwo(Integer exponent) {
  return floatOf((exponent + 127u) << 23);
}

template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float absolute(Float x) {
  return floatOf(bitsOf(x) & 0x7FFFFFFFu);
}

/// `x`, which is not negative, with the sign of `sign`.
template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float withSign(Float x, Float sign) {
  return floatOf(bitsOf(x) | (bitsOf(sign) & 0x80000000u));
}

/// `x` * 2^n, rounded once, for an integer n from -150 to 128 that
/// `kRounder` has been added to.
template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float scale(Float x, Float shiftedN) {
  // 2^n itself may be out of range, so two factors of about its square root:
  // the first product is exact. The offset makes a logical shift do.
  auto n = bitsOf(shiftedN) - kRounderBits;
  auto half = ((n + 256u) >> 1) - 128u;
  return x * powerOfTwo(half) * powerOfTwo(n - half);
}

/// x = n log(2) + rest, with |rest| <= log(2) / 2, where `kRounder` has been
/// added to the integer n.
template <typename Float>
struct ReducedExponent {
  Float shiftedN;
  Float rest;
};

template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE ReducedExponent<Float> reduceExponent(Float x) {
  Float shiftedN = x * 0x1.715476p+0f + kRounder;
  Float n = shiftedN - kRounder;
  return {shiftedN, x - n * kLog2Head - n * kLog2Tail};
}

/// exp(rest) - 1 for a rest of a reduced exponent.
template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float expm1OfRest(Float rest) {
  // (exp(r) - 1 - r) / r^2
  constexpr float kSeries[] = {0x1.fffffcp-2f, 0x1.555492p-3f, 0x1.5558b8p-5f,
                               0x1.1239b2p-7f, 0x1.6a45dcp-10f};
  return rest + rest * rest * evaluatePolynomial(rest, kSeries);
}

/// exp(x) for |x| <= 87.
template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float expOfModerate(Float x) {
  auto [shiftedN, rest] = reduceExponent(x);
  return (expm1OfRest(rest) + 1.0f) *
         powerOfTwo(bitsOf(shiftedN) - kRounderBits);
}

/// log(x 2^-exponent) for a finite and normal `x` > 0.
template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float logOfNormal(Float x, Float exponent) {
  // x = 2^n (1 + f) with 1 + f from sqrt(1/2) to sqrt(2): what has to be
  // subtracted from the bits to find n are those of sqrt(1/2).
  constexpr uint32_t kRootBits = 0x3F3504F3;
  auto offset = bitsOf(x) - kRootBits;
  Float n = convert((offset + (127u << 23)) >> 23) - (exponent + 127.0f);
  Float f = floatOf((offset & 0x007FFFFFu) + kRootBits) - 1.0f;
  // (log(1 + f) - f + f^2 / 2) / f^3
  constexpr float kSeries[] = {
      0x1.555548p-2f,  -0x1.000006p-2f, 0x1.99a478p-3f,
      -0x1.555c48p-3f, 0x1.233b62p-3f,  -0x1.fc278cp-4f,
      0x1.e6c376p-4f,  -0x1.de0d14p-4f, 0x1.14793ap-4f};
  Float square = f * f;
  Float tail = f * square * evaluatePolynomial(f, kSeries) + n * kLog2Tail -
               square * 0.5f;
  return (f + tail) + n * kLog2Head;
}

} // namespace detail

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// e^x, to 1 ulp. exp(0) is 1; what is too large is infinite, results below
/// 2^-126 are rounded to what f32 has there.
template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float exp(Float x) {
  using namespace detail;
  auto [shiftedN, rest] =
      reduceExponent(clampAbove(clampBelow(x, -104.0f), 89.0f));
  return select(isNaN(x), x, scale(expm1OfRest(rest) + 1.0f, shiftedN));
}

/// 2^x, to 1 ulp; exact for integers. Ends as exp does.
template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float exp2(Float x) {
  using namespace detail;
  Float bounded = clampAbove(clampBelow(x, -150.0f), 128.0f);
  Float shiftedN = bounded + kRounder;
  Float rest = (bounded - (shiftedN - kRounder)) * 0x1.62e430p-1f;
  return select(isNaN(x), x, scale(expm1OfRest(rest) + 1.0f, shiftedN));
}

/// e^x - 1, to 2 ulp; the zeros become themselves.
template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float expm1(Float x) {
  using namespace detail;
  auto [shiftedN, rest] =
      reduceExponent(clampAbove(clampBelow(x, -18.0f), 89.0f));
  // 2^n (exp(rest) - 1 + (1 - 2^-n)), where 2^-n does not matter for large n.
  auto n = bitsOf(clampAbove(shiftedN, kRounder + 64.0f)) - kRounderBits;
  Float one = like(x, 1.0f);
  Float sum = expm1OfRest(rest) + (one - powerOfTwo(0u - n));
  Float result = scale(sum, shiftedN);
  // The sum gives -0 the wrong sign.
  return select(isNaN(x), x, select(x == 0.0f, x, result));
}

/// The natural logarithm, to 1 ulp. That of a zero is -infinity, that of a
/// negative number the positive quiet NaN.
template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float log(Float x) {
  using namespace detail;
  auto isSmall = x < 0x1p-126f;
  Float normal = select(isSmall, x * 0x1p23f, x);
  Float result =
      logOfNormal(normal, select(isSmall, like(x, 23.0f), like(x, 0.0f)));
  result = select(x == 0.0f, like(x, -kInfinity), result);
  result = select(x < 0.0f, like(x, kNaN), result);
  // Infinity and NaN.
  return select(x < kInfinity, result, x);
}

/// log(1 + x), to 2 ulp; the zeros become themselves. Ends as log does.
template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float log1p(Float x) {
  using namespace detail;
  // The sum and what its rounding lost (D. Knuth): log(s + t) = log(s) + t / s.
  Float sum = x + 1.0f;
  Float summand = sum - 1.0f;
  Float lost = (like(x, 1.0f) - (sum - summand)) + (x - summand);
  Float result = logOfNormal(sum, like(x, 0.0f)) + lost / sum;
  result = select(x == 0.0f, x, result);
  result = select(x == -1.0f, like(x, -kInfinity), result);
  result = select(x < -1.0f, like(x, kNaN), result);
  return select(x < kInfinity, result, x);
}

/// The hyperbolic tangent, to 1.5 ulp. Odd, the zeros included; never beyond 1.
template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float tanh(Float x) {
  using namespace detail;
  Float size = absolute(x);
  // (tanh(s) - s) / s^3 as a function of s^2, up to 0.625.
  constexpr float kSeries[] = {-0x1.555532p-2f, 0x1.1106f6p-3f, -0x1.b835a4p-5f,
                               0x1.51f8cep-6f, -0x1.750ce2p-8f};
  Float square = size * size;
  Float small = size + size * (square * evaluatePolynomial(square, kSeries));
  // 1 - 2 / (exp(2 s) + 1), which is 1 from 10 on.
  Float bounded = clampAbove(size, 10.0f);
  Float power = expOfModerate(bounded + bounded);
  Float large = like(x, 1.0f) - like(x, 2.0f) / (power + 1.0f);
  Float result = withSign(select(size < 0.625f, small, large), x);
  return select(isNaN(x), x, result);
}

/// The error function, to 1.5 ulp. Odd, the zeros included; never beyond 1.
template <typename Float>
LLVM_ATTRIBUTE_ALWAYS_INLINE Float erf(Float x) {
  using namespace detail;
  Float size = absolute(x);
  // erf(s) / s - 1 as a function of s^2, up to 1.
  constexpr float kSeries[] = {
      0x1.06eba8p-3f, -0x1.81273ep-2f,  0x1.ce2ce6p-4f, -0x1.b7f71ap-6f,
      0x1.53f224p-8f, -0x1.a3515ep-11f, 0x1.4771fcp-14f};
  Float small = size + size * evaluatePolynomial(size * size, kSeries);
  // log(1 - erf(s)) from 1 to 4, where erf is 1.
  constexpr float kLogSeries[] = {
      -0x1.63e650p-12f, -0x1.208976p+0f, -0x1.46b92cp-1f, -0x1.a65f04p-4f,
      0x1.65e13ep-6f,   -0x1.828526p-9f, 0x1.87204cp-13f};
  Float bounded = clampAbove(size, 4.0f);
  Float rest = expOfModerate(evaluatePolynomial(bounded, kLogSeries));
  Float large = like(x, 1.0f) - rest;
  Float result = withSign(select(size < 1.0f, small, large), x);
  return select(isNaN(x), x, result);
}

} // namespace mlir::ptq::elementary

#endif // PTQ_SUPPORT_ELEMENTARYFUNCTIONS_H
