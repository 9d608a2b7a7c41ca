//===- QuantizationParametersTest.cpp - Scales, codes and ties ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Quantization/QuantizationParameters.h"
#include "gtest/gtest.h"
#include <cfloat>
#include <cmath>
#include <limits>

using namespace mlir::ptq;

namespace {

constexpr CodeRange kInt8{-128, 127};
constexpr CodeRange kInt8Narrow{-127, 127};

TEST(CodeRange, CoversTheStorage) {
  EXPECT_EQ(getCodeRange(8, false).min, -128);
  EXPECT_EQ(getCodeRange(8, false).max, 127);
  EXPECT_EQ(getCodeRange(4, true).min, -7);
  EXPECT_EQ(getCodeRange(2, false).min, -2);
  EXPECT_EQ(getCodeRange(32, true).min, -2147483647LL);
}

TEST(ChooseParameters, AsymmetricOracle) {
  // Hand value: scale 4/255, zero point roundeven(-128 + 63.75).
  auto p = chooseQuantizationParameters(-1, 3, Symmetry::Asymmetric, kInt8);
  EXPECT_FLOAT_EQ(p.scale, 0.0156862745f);
  EXPECT_EQ(p.zeroPoint, -64);
  EXPECT_EQ(quantizeValue(0.0f, p.scale, p.zeroPoint, kInt8), -64);
  EXPECT_EQ(dequantizeValue(-64, p.scale, p.zeroPoint), 0.0f);
}

TEST(ChooseParameters, RangeIsWidenedToZero) {
  auto positive =
      chooseQuantizationParameters(2, 4, Symmetry::Asymmetric, kInt8);
  EXPECT_EQ(positive.zeroPoint, -128);
  EXPECT_FLOAT_EQ(positive.scale, 4.0f / 255.0f);
  auto negative =
      chooseQuantizationParameters(-4, -2, Symmetry::Asymmetric, kInt8);
  EXPECT_EQ(negative.zeroPoint, 127);
  EXPECT_EQ(quantizeValue(-4.0f, negative.scale, 127, kInt8), -128);
}

TEST(ChooseParameters, SymmetricOracle) {
  auto p =
      chooseQuantizationParameters(-1, 3, Symmetry::Symmetric, kInt8Narrow);
  EXPECT_EQ(p.scale, static_cast<float>(3.0 / 127.0));
  EXPECT_EQ(p.zeroPoint, 0);
}

TEST(ChooseParameters, ZeroRangeGetsScaleOne) {
  for (Symmetry symmetry : {Symmetry::Symmetric, Symmetry::Asymmetric}) {
    auto p = chooseQuantizationParameters(0, 0, symmetry, kInt8);
    EXPECT_EQ(p.scale, 1.0f);
    EXPECT_EQ(p.zeroPoint, 0);
  }
}

TEST(ChooseParameters, TinyRangeGetsTheSmallestNormalScale) {
  auto p = chooseQuantizationParameters(0, 1e-40, Symmetry::Asymmetric, kInt8);
  EXPECT_EQ(p.scale, FLT_MIN);
  EXPECT_TRUE(std::isnormal(p.scale));
}

TEST(ChooseParameters, WholeFloatRangeStaysFinite) {
  auto p = chooseQuantizationParameters(-FLT_MAX, FLT_MAX, Symmetry::Asymmetric,
                                        kInt8);
  EXPECT_TRUE(std::isfinite(p.scale));
  EXPECT_EQ(quantizeValue(0.0f, p.scale, p.zeroPoint, kInt8), p.zeroPoint);
}

TEST(ChooseParameters, ConstantIsReproduced) {
  auto p = chooseQuantizationParameters(5, 5, Symmetry::Asymmetric, kInt8);
  int32_t code = quantizeValue(5.0f, p.scale, p.zeroPoint, kInt8);
  EXPECT_FLOAT_EQ(dequantizeValue(code, p.scale, p.zeroPoint), 5.0f);
}

TEST(QuantizeValue, TiesGoToEven) {
  EXPECT_EQ(quantizeValue(0.5f, 1.0f, 0, kInt8), 0);
  EXPECT_EQ(quantizeValue(1.5f, 1.0f, 0, kInt8), 2);
  EXPECT_EQ(quantizeValue(2.5f, 1.0f, 0, kInt8), 2);
  EXPECT_EQ(quantizeValue(-0.5f, 1.0f, 0, kInt8), 0);
  EXPECT_EQ(quantizeValue(-1.5f, 1.0f, 0, kInt8), -2);
  // The zero point is added after rounding: an odd one does not turn ties.
  EXPECT_EQ(quantizeValue(0.5f, 1.0f, 1, kInt8), 1);
}

TEST(QuantizeValue, Saturates) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(quantizeValue(1e30f, 1e-3f, 5, kInt8), 127);
  EXPECT_EQ(quantizeValue(-1e30f, 1e-3f, 5, kInt8), -128);
  EXPECT_EQ(quantizeValue(kInf, 1.0f, -128, kInt8), 127);
  EXPECT_EQ(quantizeValue(-kInf, 1.0f, 127, kInt8), -128);
  EXPECT_EQ(quantizeValue(-200.0f, 1.0f, 0, kInt8Narrow), -127);
}

TEST(QuantizeValue, NaNIsZero) {
  float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(quantizeValue(nan, 0.5f, 17, kInt8), 17);
}

TEST(QuantizeValue, DividesRatherThanMultiplies) {
  // The quotient is a tie; the product with the reciprocal lies above it.
  float scale = 0.3f;
  float value = 12.5f * scale;
  ASSERT_EQ(value / scale, 12.5f);
  ASSERT_GT(value * (1.0f / scale), 12.5f);
  EXPECT_EQ(quantizeValue(value, scale, 0, kInt8), 12);
}

TEST(QuantizeValue, EveryCodeSurvivesTheRoundTrip) {
  for (float scale : {FLT_MIN, 1e-3f, 0.1f, 1.0f, 3.7f, 1e30f})
    for (int32_t zeroPoint : {-128, -1, 0, 64, 127})
      for (int32_t code = -128; code <= 127; ++code)
        EXPECT_EQ(quantizeValue(dequantizeValue(code, scale, zeroPoint), scale,
                                zeroPoint, kInt8),
                  code);
}

TEST(RequantizeValue, RoundsOnceInFloat) {
  EXPECT_EQ(requantizeValue(5, 0.5f, 0, kInt8), 2);
  EXPECT_EQ(requantizeValue(7, 0.5f, 0, kInt8), 4);
  EXPECT_EQ(requantizeValue(-5, 0.5f, 3, kInt8), 1);
  EXPECT_EQ(requantizeValue(1 << 30, 1.0f, 0, kInt8), 127);
  EXPECT_EQ(requantizeValue(-(1 << 30), 1.0f, 0, {-10, 127}), -10);
}

TEST(RequantizeValue, MultiplierIsComputedInDouble) {
  float m = computeRequantizationMultiplier(1e-30f, 1e-30f, 1e-30f);
  EXPECT_FLOAT_EQ(m, 1e-30f);
}

} // namespace
