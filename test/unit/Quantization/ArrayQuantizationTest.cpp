//===- ArrayQuantizationTest.cpp - Arrays equal single values -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Quantization/ArrayQuantization.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>
#include <random>
#include <vector>

using namespace mlir::ptq;

namespace {
/// Numbers where rounding and saturation can go wrong, and many others.
std::vector<float> makeValues() {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  std::vector<float> values = {
      0.0f,          -0.0f,       0.5f,       -0.5f,  1.5f,    2.5f,
      -2.5f,         0.49999997f, 127.5f,     128.5f, -128.5f, -129.0f,
      8388607.5f,    8388608.0f,  1e30f,      -1e30f, kInf,    -kInf,
      std::nanf(""), 1e-40f,      16777217.0f};
  std::mt19937 random(1);
  std::uniform_real_distribution<float> wide(-300.0f, 300.0f);
  for (int i = 0; i < 1000; ++i)
    values.push_back(i % 2 ? wide(random) : std::round(wide(random)) + 0.5f);
  return values;
}

template <typename T>
void checkQuantize(float scale, int32_t zeroPoint, CodeRange range) {
  std::vector<float> values = makeValues();
  std::vector<T> codes(values.size());
  quantizeArray<T>(values, {&scale, &zeroPoint, 0}, range, codes);
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_EQ(codes[i],
              static_cast<T>(quantizeValue(values[i], scale, zeroPoint, range)))
        << values[i] << " / " << scale << " + " << zeroPoint;
}

TEST(ArrayQuantization, QuantizeEqualsSingleValues) {
  for (float scale : {1.0f, 0.5f, 0.1f, 3.0f, 1e-30f, 1e30f, 0.0f, -1.0f}) {
    for (int32_t zeroPoint : {0, 1, -128, 127, 100000, -2147483647})
      checkQuantize<int8_t>(scale, zeroPoint, {-128, 127});
    checkQuantize<int8_t>(scale, 3, {-7, 7});
    checkQuantize<int16_t>(scale, -5, {-32768, 32767});
    checkQuantize<int32_t>(scale, 0, {-2147483648LL, 2147483647});
  }
}

TEST(ArrayQuantization, RequantizeEqualsSingleValues) {
  std::vector<int32_t> accumulators = {0,  1,  -1, 3,          5,
                                       -3, -5, 7,  2147483647, -2147483647 - 1};
  std::mt19937 random(2);
  for (int i = 0; i < 1000; ++i)
    accumulators.push_back(static_cast<int32_t>(random()) >> (i % 24));
  for (float multiplier : {0.5f, 1.0f, 0.0078125f, 1e-9f, 0.0f, 1e38f})
    for (int32_t zeroPoint : {0, -128, 127, 70000}) {
      std::vector<int8_t> codes(accumulators.size());
      requantizeArray<int32_t, int8_t>(
          accumulators, {&multiplier, &zeroPoint, 0}, {-128, 127}, codes);
      for (size_t i = 0; i < codes.size(); ++i)
        EXPECT_EQ(codes[i], requantizeValue(accumulators[i], multiplier,
                                            zeroPoint, {-128, 127}));
    }
}

TEST(ArrayQuantization, DequantizeEqualsSingleValues) {
  std::vector<int8_t> codes;
  for (int code = -128; code < 128; ++code)
    codes.push_back(static_cast<int8_t>(code));
  std::vector<float> values(codes.size());
  for (int32_t zeroPoint : {0, -128, 127, 2147483647}) {
    float scale = 0.0371f;
    dequantizeArray<int8_t>(codes, {&scale, &zeroPoint, 0}, values);
    for (size_t i = 0; i < codes.size(); ++i)
      EXPECT_EQ(values[i], dequantizeValue(codes[i], scale, zeroPoint));
  }
}

TEST(ArrayQuantization, OneParameterForEachElement) {
  std::vector<float> values = {1.0f, 1.0f, 1.0f};
  std::vector<float> scales = {1.0f, 0.5f, 0.25f};
  std::vector<int32_t> zeroPoints = {0, 1, 2};
  std::vector<int8_t> codes(3);
  quantizeArray<int8_t>(values, {scales.data(), zeroPoints.data(), 1},
                        {-128, 127}, codes);
  EXPECT_EQ(codes, (std::vector<int8_t>{1, 3, 6}));
  quantizeArray<int8_t>(values, {scales.data(), nullptr, 1}, {-128, 127},
                        codes);
  EXPECT_EQ(codes, (std::vector<int8_t>{1, 2, 4}));
}
} // namespace
