//===- LinalgFormTest.cpp - The arithmetic of ptq against its linalg ------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The functions of ptq/Quantization on adversarial numbers, against what
// ptq-convert-to-linalg makes of the ops: equal bit for bit.
//
//===----------------------------------------------------------------------===//

#include "FormRunner.h"
#include "ptq/Interpreter/IntegerElements.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"
#include <cfloat>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::test;

namespace {

/// Ties, their neighbours, both sides of saturation, and what is no number.
std::vector<float> makeAdversarialValues(float scale) {
  std::vector<float> values = {0.0f,
                               -0.0f,
                               FLT_MIN,
                               -FLT_MIN,
                               FLT_MAX,
                               -FLT_MAX,
                               std::numeric_limits<float>::denorm_min(),
                               std::numeric_limits<float>::infinity(),
                               -std::numeric_limits<float>::infinity(),
                               std::numeric_limits<float>::quiet_NaN(),
                               -std::numeric_limits<float>::quiet_NaN()};
  for (double steps :
       {0.5, 1.5, 2.5, 126.5, 127.5, 128.5, 255.5, 256.0, 32767.5, 65535.5,
        8388607.5, 2147483520.0, 2147483648.0, 4294967296.0, 1e19})
    for (double sign : {-1.0, 1.0}) {
      auto value = static_cast<float>(sign * steps * double{scale});
      values.push_back(value);
      values.push_back(std::nextafterf(value, FLT_MAX));
      values.push_back(std::nextafterf(value, -FLT_MAX));
    }
  std::mt19937 random(4);
  std::uniform_real_distribution<float> near(-300 * scale, 300 * scale);
  for (int i = 0; i < 1000; ++i)
    values.push_back(near(random));
  return values;
}

struct QuantizeCase {
  unsigned bits;
  float scale;
  int zeroPoint;
  CodeRange codes;
};

class Quantize : public testing::TestWithParam<QuantizeCase> {};

} // namespace

TEST_P(Quantize, EqualsFunction) {
  const QuantizeCase &c = GetParam();
  std::vector<float> values = makeAdversarialValues(c.scale);
  // The zero point as a constant, which is folded into the bounds, and as a
  // value that only the run knows.
  for (bool isConstant : {true, false}) {
    std::string zeroPoint =
        isConstant
            ? llvm::formatv("%z = arith.constant {0} : i32", c.zeroPoint).str()
            : llvm::formatv("%t = arith.constant dense<{0}> : tensor<1xi32>\n"
                            "%o = arith.constant 0 : index\n"
                            "%z = tensor.extract %t[%o] : tensor<1xi32>",
                            c.zeroPoint)
                  .str();
    std::string text = llvm::formatv(
        R"mlir(
func.func @forward(%x: tensor<{0}xf32>, %s1: tensor<1xf32>) -> tensor<{0}xi{1}> {{
  %zero = arith.constant 0 : index
  %s = tensor.extract %s1[%zero] : tensor<1xf32>
  {2}
  %q = ptq.quantize %x, %s, %z low {3} high {4} : tensor<{0}xf32>, f32, i32 -> tensor<{0}xi{1}>
  return %q : tensor<{0}xi{1}>
})mlir",
        values.size(), c.bits, zeroPoint, c.codes.min, c.codes.max);
    FormRunner lowered(text);
    lowered.run("builtin.module(ptq-convert-to-linalg)");
    ASSERT_TRUE(static_cast<bool>(lowered)) << text;
    SmallVector<TensorValue> results =
        lowered.evaluate({makeFloatTensor(lowered.getContext(), values),
                          makeFloatTensor(lowered.getContext(), {c.scale})});
    ASSERT_EQ(results.size(), 1u);
    for (auto [index, value] : llvm::enumerate(values))
      ASSERT_EQ(readInteger(results[0], index),
                quantizeValue(value, c.scale, c.zeroPoint, c.codes))
          << "value " << value << ", constant zero point " << isConstant;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cases, Quantize,
    testing::Values(QuantizeCase{8, 0.05f, 0, {-128, 127}},
                    QuantizeCase{8, 0.05f, -128, {-128, 127}},
                    QuantizeCase{8, 0.05f, 127, {-128, 127}},
                    QuantizeCase{8, 0.5f, 7, {-127, 127}},
                    QuantizeCase{8, 1.0f, -8, {-8, 100}},
                    QuantizeCase{8, FLT_MIN, 3, {-128, 127}},
                    QuantizeCase{8, 1e30f, 3, {-128, 127}},
                    QuantizeCase{4, 0.25f, 2, {-8, 7}},
                    QuantizeCase{16, 0.01f, -32768, {-32768, 32767}},
                    QuantizeCase{16, 1.0f, 32767, {-32768, 32767}},
                    QuantizeCase{32, 1.0f, 0, {INT32_MIN, INT32_MAX}},
                    QuantizeCase{32, 0.01f, 1000, {INT32_MIN, INT32_MAX}}));

TEST(Requantize, EqualsFunction) {
  std::vector<int32_t> accumulators = {
      0, 1, -1, INT32_MAX, INT32_MIN, (1 << 24) + 1, -(1 << 24) - 1};
  std::mt19937 random(5);
  std::uniform_int_distribution<int32_t> any(INT32_MIN, INT32_MAX);
  std::uniform_int_distribution<int32_t> small(-70000, 70000);
  for (int i = 0; i < 2000; ++i)
    accumulators.push_back(i % 2 ? any(random) : small(random));
  CodeRange codes{-8, 127};
  // Ties in plenty, an ordinary factor, and factors that saturate everything.
  for (float multiplier : {0.5f, 0.0078125f, 0.0031415926f, 1e30f, FLT_MIN}) {
    std::string text = llvm::formatv(
        R"mlir(
func.func @forward(%a: tensor<{0}xi32>, %m1: tensor<1xf32>) -> tensor<{0}xi8> {{
  %zero = arith.constant 0 : index
  %m = tensor.extract %m1[%zero] : tensor<1xf32>
  %z = arith.constant -8 : i8
  %q = ptq.requantize %a, %m, %z low -8 : tensor<{0}xi32>, f32, i8 -> tensor<{0}xi8>
  return %q : tensor<{0}xi8>
})mlir",
        accumulators.size());
    FormRunner lowered(text);
    lowered.run("builtin.module(ptq-convert-to-linalg)");
    ASSERT_TRUE(static_cast<bool>(lowered)) << text;
    TensorValue input = TensorValue::allocate(
        RankedTensorType::get(static_cast<int64_t>(accumulators.size()),
                              IntegerType::get(&lowered.getContext(), 32)));
    llvm::copy(accumulators, input.getMutableData<int32_t>().begin());
    SmallVector<TensorValue> results = lowered.evaluate(
        {input, makeFloatTensor(lowered.getContext(), {multiplier})});
    ASSERT_EQ(results.size(), 1u);
    for (auto [index, accumulator] : llvm::enumerate(accumulators))
      ASSERT_EQ(results[0].getData<int8_t>()[index],
                requantizeValue(accumulator, multiplier, -8, codes))
          << accumulator << " * " << multiplier;
  }
}

TEST(Dequantize, EqualsFunction) {
  std::string text = R"mlir(
func.func @forward(%q: tensor<256xi8>, %s1: tensor<1xf32>) -> tensor<256xf32> {
  %zero = arith.constant 0 : index
  %s = tensor.extract %s1[%zero] : tensor<1xf32>
  %z = arith.constant -77 : i8
  %x = ptq.dequantize %q, %s, %z : tensor<256xi8>, f32, i8 -> tensor<256xf32>
  return %x : tensor<256xf32>
})mlir";
  FormRunner lowered(text);
  lowered.run("builtin.module(ptq-convert-to-linalg)");
  ASSERT_TRUE(static_cast<bool>(lowered));
  TensorValue input = TensorValue::allocate(
      RankedTensorType::get(256, IntegerType::get(&lowered.getContext(), 8)));
  for (int code = -128; code < 128; ++code)
    input.getMutableData<int8_t>()[code + 128] = static_cast<int8_t>(code);
  float scale = 0.0712345f;
  SmallVector<TensorValue> results =
      lowered.evaluate({input, makeFloatTensor(lowered.getContext(), {scale})});
  ASSERT_EQ(results.size(), 1u);
  for (int code = -128; code < 128; ++code)
    EXPECT_EQ(results[0].getData<float>()[code + 128],
              dequantizeValue(code, scale, -77));
}

TEST(ChooseParameters, EqualsFunction) {
  float infinity = std::numeric_limits<float>::infinity();
  float nan = std::numeric_limits<float>::quiet_NaN();
  std::vector<std::vector<float>> data = {
      {-1, 3, 0.5f},  {2, 4, 3},       {-5, -1, -2},
      {0, -0.0f, 0},  {nan, nan, nan}, {infinity, 1, -infinity},
      {1, nan, -2},   {1e-38f, 0, 0},  {FLT_MAX, -FLT_MAX, 0},
      {-1e-45f, 0, 0}};
  for (bool isSymmetric : {false, true}) {
    std::string text = llvm::formatv(
        R"mlir(
func.func @forward(%x: tensor<3xf32>) -> ({0}) {{
  {1} = ptq.choose_parameters %x encoding(<i8, {2}, source = dynamic>) : tensor<3xf32> -> {0}
  return {1} : {0}
})mlir",
        isSymmetric ? "f32" : "f32, i8", isSymmetric ? "%s" : "%s, %z",
        isSymmetric ? "symmetric" : "asymmetric");
    FormRunner lowered(text);
    lowered.run("builtin.module(ptq-convert-to-linalg)");
    ASSERT_TRUE(static_cast<bool>(lowered)) << text;
    for (const std::vector<float> &values : data) {
      double min = 0, max = 0;
      for (float value : values) {
        if (!std::isfinite(value))
          continue;
        min = std::min(min, double{value});
        max = std::max(max, double{value});
      }
      QuantizationParameters expected = chooseQuantizationParameters(
          min, max, isSymmetric ? Symmetry::Symmetric : Symmetry::Asymmetric,
          {-128, 127});
      SmallVector<TensorValue> results =
          lowered.evaluate({makeFloatTensor(lowered.getContext(), values)});
      ASSERT_EQ(results.size(), isSymmetric ? 1u : 2u);
      EXPECT_EQ(results[0].getData<float>()[0], expected.scale)
          << min << " to " << max;
      if (!isSymmetric)
        EXPECT_EQ(results[1].getData<int8_t>()[0], expected.zeroPoint)
            << min << " to " << max;
    }
  }
}
