//===- IntegerFormTest.cpp - The integer form against the QDQ form --------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each layer is evaluated on random codes in three forms. The integer form may
// differ from the QDQ form, which accumulates in float, by one code, and only
// where the value lies next to the middle between two codes. The linalg form
// must equal the integer form bit for bit.
//
//===----------------------------------------------------------------------===//

#include "FormRunner.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::test;

namespace {

/// The parameters that all layers share: activations of scale 0.05 and zero
/// point `inputZeroPoint`, outputs of scale `outputScale` and zero point -9.
struct Layer {
  std::string name;
  /// Types of codes, as "2x3x8x8".
  SmallVector<SmallVector<int64_t>> inputs;
  std::string output;
  /// From %x0, %x1 (f32) to %y (f32).
  std::string body;
  double outputScale = 1.0;
  /// From %y to %v, the value that is quantized; for instance a ReLU.
  std::string tail = "";
  /// Whether the integer form keeps no float op.
  bool isAllInteger = true;
};

std::string formatShape(ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text;
}

constexpr double kInputScale = 0.05;
constexpr int kOutputZeroPoint = -9;

/// @forward takes codes, and returns the value before the last quantize and the
/// codes after it.
std::string makeNetwork(const Layer &layer) {
  std::string arguments, dequantizes;
  for (auto [index, shape] : llvm::enumerate(layer.inputs)) {
    std::string type = formatShape(shape);
    arguments += llvm::formatv("{0}%q{1}: tensor<{2}i8>", index ? ", " : "",
                               index, type);
    dequantizes += llvm::formatv(
        "%x{0} = ptq.dequantize %q{0}, %sx, %zx{0} : tensor<{1}i8>, f32, i8 "
        "-> tensor<{1}f32>\n",
        index, type);
  }
  return llvm::formatv(
      R"mlir(
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#id4 = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
func.func @forward({0}) -> (tensor<{1}f32>, tensor<{1}i8>) {{
  %sx = arith.constant {2} : f32
  %zx0 = arith.constant 11 : i8
  %zx1 = arith.constant -70 : i8
  %sy = arith.constant {3:f6} : f32
  %zy = arith.constant {4} : i8
  %zero = arith.constant 0.0 : f32
  %inf = arith.constant 0xFF800000 : f32
  {5}
  {6}
  {7}
  %r = ptq.quantize {8}, %sy, %zy : tensor<{1}f32>, f32, i8 -> tensor<{1}i8>
  return {8}, %r : tensor<{1}f32>, tensor<{1}i8>
}
)mlir",
      arguments, layer.output, kInputScale, layer.outputScale, kOutputZeroPoint,
      dequantizes, layer.body, layer.tail, layer.tail.empty() ? "%y" : "%v");
}

/// Codes of weights with one scale for each of `channels` indices of `axis`, as
/// the value %`name`.
std::string makeWeights(std::mt19937 &random, StringRef name,
                        ArrayRef<int64_t> shape, int64_t axis) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  std::string scales;
  for (int64_t channel = 0; channel < shape[axis]; ++channel)
    scales += llvm::formatv("{0}{1:f6}", channel ? ", " : "",
                            0.01 + 0.003 * static_cast<double>(channel));
  return llvm::formatv(
      "%{0}c = arith.constant {1} : tensor<{2}i8>\n"
      "%{0}s = arith.constant dense<[{3}]> : tensor<{4}xf32>\n"
      "%{0} = ptq.dequantize %{0}c, %{0}s axis {5} : tensor<{2}i8>, "
      "tensor<{4}xf32> -> tensor<{2}f32>\n",
      name, makeRandomCodes(random, count, -127, 127), formatShape(shape),
      scales, shape[axis], axis);
}

/// An initial value %i of zeros for a result of type `output`.
std::string makeZeros(StringRef output) {
  return llvm::formatv("%e = tensor.empty() : tensor<{0}f32>\n"
                       "%i = linalg.fill ins(%zero : f32) outs(%e : "
                       "tensor<{0}f32>) -> tensor<{0}f32>\n",
                       output);
}

/// A float bias as the initial value %i, different for each channel.
std::string makeFloatBias(StringRef output, int64_t channels,
                          StringRef broadcastDims) {
  std::string values;
  for (int64_t channel = 0; channel < channels; ++channel)
    values += llvm::formatv("{0}{1:f6}", channel ? ", " : "",
                            -0.7 + 0.31 * static_cast<double>(channel));
  return llvm::formatv(
      "%b = arith.constant dense<[{0}]> : tensor<{1}xf32>\n"
      "%e = tensor.empty() : tensor<{2}f32>\n"
      "%i = linalg.broadcast ins(%b : tensor<{1}xf32>) outs(%e : "
      "tensor<{2}f32>) dimensions = [{3}]\n",
      values, channels, output, broadcastDims);
}

/// %v is the ReLU of %y, of rank 4.
std::string makeRelu(StringRef output) {
  return llvm::formatv(
      R"mlir(
  %re = tensor.empty() : tensor<{0}f32>
  %v = linalg.generic {{indexing_maps = [#id4, #id4], iterator_types =
      ["parallel", "parallel", "parallel", "parallel"]}
      ins(%y : tensor<{0}f32>) outs(%re : tensor<{0}f32>) {{
  ^bb0(%in: f32, %out: f32):
    %max = arith.maximumf %in, %zero : f32
    linalg.yield %max : f32
  } -> tensor<{0}f32>)mlir",
      output);
}

/// Pads the dimensions `dims` of %x0 (rank 4) by 1 below and 2 above, as %p.
std::string makePad(ArrayRef<int64_t> from, ArrayRef<int64_t> dims,
                    StringRef value) {
  SmallVector<int64_t> low(4, 0), high(4, 0), to(from);
  for (int64_t dim : dims) {
    low[dim] = 1;
    high[dim] = 2;
    to[dim] += 3;
  }
  return llvm::formatv("%p = tensor.pad %x0 low[{0:$[, ]}] high[{1:$[, ]}] {{\n"
                       "^bb0(%a: index, %b: index, %c: index, %d: index):\n"
                       "tensor.yield {2} : f32\n}"
                       " : tensor<{3}f32> to tensor<{4}f32>\n",
                       llvm::make_range(low.begin(), low.end()),
                       llvm::make_range(high.begin(), high.end()), value,
                       formatShape(from), formatShape(to));
}

std::vector<Layer> makeLayers() {
  std::mt19937 random(1);
  std::vector<Layer> layers;
  layers.push_back(
      {"matmul",
       {{5, 16}},
       "5x6x",
       makeWeights(random, "w", {16, 6}, 1) + makeZeros("5x6x") +
           "%y = linalg.matmul ins(%x0, %w : tensor<5x16xf32>, "
           "tensor<16x6xf32>) outs(%i : tensor<5x6xf32>) -> tensor<5x6xf32>",
       0.3});
  layers.push_back(
      {"matmul_transposed",
       {{5, 16}},
       "5x6x",
       makeWeights(random, "wt", {6, 16}, 0) + makeZeros("5x6x") +
           "%we = tensor.empty() : tensor<16x6xf32>\n"
           "%w = linalg.transpose ins(%wt : tensor<6x16xf32>) outs(%we : "
           "tensor<16x6xf32>) permutation = [1, 0]\n"
           "%y = linalg.matmul ins(%x0, %w : tensor<5x16xf32>, "
           "tensor<16x6xf32>) outs(%i : tensor<5x6xf32>) -> tensor<5x6xf32>",
       0.3});
  layers.push_back(
      {"float_bias",
       {{5, 16}},
       "5x6x",
       makeWeights(random, "w", {16, 6}, 1) + makeFloatBias("5x6x", 6, "0") +
           "%y = linalg.matmul ins(%x0, %w : tensor<5x16xf32>, "
           "tensor<16x6xf32>) outs(%i : tensor<5x6xf32>) -> tensor<5x6xf32>",
       0.3});
  layers.push_back(
      {"conv_nchw_padded_strided",
       {{2, 3, 9, 7}},
       "2x4x5x8x",
       makeWeights(random, "w", {4, 3, 3, 3}, 0) + makeZeros("2x4x5x8x") +
           makePad({2, 3, 9, 7}, {2, 3}, "%zero") +
           "%y = linalg.conv_2d_nchw_fchw {strides = dense<[2, 1]> : "
           "vector<2xi64>} ins(%p, %w : tensor<2x3x12x10xf32>, "
           "tensor<4x3x3x3xf32>) outs(%i : tensor<2x4x5x8xf32>) -> "
           "tensor<2x4x5x8xf32>",
       0.6,
       makeRelu("2x4x5x8x")});
  layers.push_back(
      {"conv_nhwc_dilated",
       {{2, 9, 7, 3}},
       "2x5x5x4x",
       makeWeights(random, "w", {3, 3, 3, 4}, 3) + makeZeros("2x5x5x4x") +
           "%y = linalg.conv_2d_nhwc_hwcf {dilations = dense<[2, 1]> : "
           "vector<2xi64>} ins(%x0, %w : tensor<2x9x7x3xf32>, "
           "tensor<3x3x3x4xf32>) outs(%i : tensor<2x5x5x4xf32>) -> "
           "tensor<2x5x5x4xf32>",
       0.6});
  layers.push_back({"depthwise_nchw",
                    {{2, 4, 6, 6}},
                    "2x4x4x4x",
                    makeWeights(random, "w", {4, 3, 3}, 0) +
                        makeZeros("2x4x4x4x") +
                        "%y = linalg.depthwise_conv_2d_nchw_chw ins(%x0, %w : "
                        "tensor<2x4x6x6xf32>, tensor<4x3x3xf32>) outs(%i : "
                        "tensor<2x4x4x4xf32>) -> tensor<2x4x4x4xf32>",
                    0.3,
                    makeRelu("2x4x4x4x")});
  layers.push_back({"depthwise_nhwc_padded",
                    {{2, 6, 6, 4}},
                    "2x7x7x4x",
                    makeWeights(random, "w", {3, 3, 4}, 2) +
                        makeZeros("2x7x7x4x") +
                        makePad({2, 6, 6, 4}, {1, 2}, "%zero") +
                        "%y = linalg.depthwise_conv_2d_nhwc_hwc ins(%p, %w : "
                        "tensor<2x9x9x4xf32>, tensor<3x3x4xf32>) outs(%i : "
                        "tensor<2x7x7x4xf32>) -> tensor<2x7x7x4xf32>",
                    0.3});
  layers.push_back(
      {"grouped",
       {{2, 2, 3, 5, 5}},
       "2x2x4x3x3x",
       makeWeights(random, "wd", {8, 3, 3, 3}, 0) + makeZeros("2x2x4x3x3x") +
           "%w = tensor.expand_shape %wd [[0, 1], [2], [3], [4]] output_shape "
           "[2, 4, 3, 3, 3] : tensor<8x3x3x3xf32> into "
           "tensor<2x4x3x3x3xf32>\n"
           "%y = linalg.conv_2d_ngchw_gfchw ins(%x0, %w : "
           "tensor<2x2x3x5x5xf32>, tensor<2x4x3x3x3xf32>) outs(%i : "
           "tensor<2x2x4x3x3xf32>) -> tensor<2x2x4x3x3xf32>",
       0.6});
  layers.push_back(
      {"batch_matmul",
       {{2, 3, 8}},
       "2x3x5x",
       makeWeights(random, "w", {2, 8, 5}, 2) + makeZeros("2x3x5x") +
           "%y = linalg.batch_matmul ins(%x0, %w : tensor<2x3x8xf32>, "
           "tensor<2x8x5xf32>) outs(%i : tensor<2x3x5xf32>) -> "
           "tensor<2x3x5xf32>",
       0.3});
  layers.push_back({"average_pool",
                    {{2, 3, 6, 6}},
                    "2x3x4x4x",
                    makeZeros("2x3x4x4x") +
                        makePad({2, 3, 6, 6}, {2, 3}, "%zero") +
                        R"mlir(
  %w = tensor.empty() : tensor<3x3xf32>
  %s = linalg.pooling_nchw_sum {strides = dense<2> : vector<2xi64>}
      ins(%p, %w : tensor<2x3x9x9xf32>, tensor<3x3xf32>)
      outs(%i : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %nine = arith.constant 9.0 : f32
  %y = linalg.generic {indexing_maps = [#id4, #id4], iterator_types =
      ["parallel", "parallel", "parallel", "parallel"]}
      ins(%s : tensor<2x3x4x4xf32>) outs(%e : tensor<2x3x4x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %v9 = arith.divf %in, %nine : f32
    linalg.yield %v9 : f32
  } -> tensor<2x3x4x4xf32>)mlir",
                    0.04});
  layers.push_back({"max_pool",
                    {{2, 3, 6, 6}},
                    "2x3x4x4x",
                    makePad({2, 3, 6, 6}, {2, 3}, "%inf") +
                        R"mlir(
  %w = tensor.empty() : tensor<3x3xf32>
  %e = tensor.empty() : tensor<2x3x4x4xf32>
  %i = linalg.fill ins(%inf : f32) outs(%e : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>
  %y = linalg.pooling_nchw_max {strides = dense<2> : vector<2xi64>}
      ins(%p, %w : tensor<2x3x9x9xf32>, tensor<3x3xf32>)
      outs(%i : tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32>)mlir",
                    0.07});
  layers.push_back(
      {"activations",
       {{5, 16}, {16, 6}},
       "5x6x",
       makeZeros("5x6x") +
           "%y = linalg.matmul ins(%x0, %x1 : tensor<5x16xf32>, "
           "tensor<16x6xf32>) outs(%i : tensor<5x6xf32>) -> tensor<5x6xf32>",
       1.3});
  layers.push_back(
      {"batched_activations",
       {{2, 5, 16}, {2, 16, 6}},
       "2x5x6x",
       makeZeros("2x5x6x") +
           "%y = linalg.batch_matmul ins(%x0, %x1 : tensor<2x5x16xf32>, "
           "tensor<2x16x6xf32>) outs(%i : tensor<2x5x6xf32>) -> "
           "tensor<2x5x6xf32>",
       1.3});
  for (StringRef op : {"add", "mul"})
    layers.push_back({("residual_" + op).str(),
                      {{4, 50}, {4, 50}},
                      "4x50x",
                      llvm::formatv(
                          R"mlir(
  %e = tensor.empty() : tensor<4x50xf32>
  %y = linalg.generic {{indexing_maps = [#id2, #id2, #id2],
      iterator_types = ["parallel", "parallel"]}
      ins(%x0, %x1 : tensor<4x50xf32>, tensor<4x50xf32>)
      outs(%e : tensor<4x50xf32>) {{
  ^bb0(%l: f32, %r0: f32, %out: f32):
    %o = arith.{0}f %l, %r0 : f32
    linalg.yield %o : f32
  } -> tensor<4x50xf32>)mlir",
                          op),
                      op == "add" ? 0.11 : 0.5,
                      "",
                      /*isAllInteger=*/false});
  return layers;
}

void PrintTo(const Layer &layer, std::ostream *os) { *os << layer.name; }

class IntegerForm : public testing::TestWithParam<Layer> {};

} // namespace

/// The float contractions and convolutions that are left.
static int64_t countFloatOps(ModuleOp module) {
  int64_t count = 0;
  module.walk([&](QuantizableOpInterface op) {
    count += !op.getQuantizableKind().empty();
  });
  return count;
}

TEST_P(IntegerForm, AgreesWithQDQForm) {
  const Layer &layer = GetParam();
  FormRunner qdq(makeNetwork(layer)), integer(makeNetwork(layer));
  ASSERT_TRUE(static_cast<bool>(qdq)) << makeNetwork(layer);
  integer.run("builtin.module(ptq-propagate-qdq,ptq-rewrite-to-integer)");
  ASSERT_TRUE(static_cast<bool>(integer));
  if (layer.isAllInteger)
    EXPECT_EQ(countFloatOps(integer.getModule()), 0);

  std::mt19937 random(2);
  int64_t numDifferent = 0, numElements = 0;
  for (int repetition = 0; repetition < 8; ++repetition) {
    std::mt19937 same = random;
    SmallVector<TensorValue> qdqInputs, integerInputs;
    for (ArrayRef<int64_t> shape : layer.inputs) {
      qdqInputs.push_back(makeRandomTensor(qdq.getContext(), random, shape));
      integerInputs.push_back(
          makeRandomTensor(integer.getContext(), same, shape));
    }
    SmallVector<TensorValue> expected = qdq.evaluate(qdqInputs);
    SmallVector<TensorValue> actual = integer.evaluate(integerInputs);
    ASSERT_EQ(expected.size(), 2u);
    ASSERT_EQ(actual.size(), 2u);
    ArrayRef<float> values = expected[0].getData<float>();
    ArrayRef<int8_t> codes = expected[1].getData<int8_t>();
    ArrayRef<int8_t> integerCodes = actual[1].getData<int8_t>();
    ASSERT_EQ(codes.size(), integerCodes.size());
    for (auto [value, code, other] :
         llvm::zip_equal(values, codes, integerCodes)) {
      ++numElements;
      if (code == other)
        continue;
      ++numDifferent;
      EXPECT_EQ(std::abs(code - other), 1);
      double steps = value / layer.outputScale;
      EXPECT_NEAR(steps - std::floor(steps), 0.5, 1e-3) << value;
    }
  }
  // Ties are rare, unless both scales have few bits.
  EXPECT_LE(numDifferent, 1 + numElements / 50);
}

TEST_P(IntegerForm, EqualsLinalgForm) {
  const Layer &layer = GetParam();
  FormRunner integer(makeNetwork(layer)), lowered(makeNetwork(layer));
  integer.run("builtin.module(ptq-propagate-qdq,ptq-rewrite-to-integer)");
  lowered.run("builtin.module(ptq-propagate-qdq,ptq-rewrite-to-integer,"
              "ptq-convert-to-linalg,canonicalize,cse)");
  ASSERT_TRUE(integer && lowered);
  std::mt19937 random(3);
  std::mt19937 same = random;
  SmallVector<TensorValue> integerInputs, loweredInputs;
  for (ArrayRef<int64_t> shape : layer.inputs) {
    integerInputs.push_back(
        makeRandomTensor(integer.getContext(), random, shape));
    loweredInputs.push_back(
        makeRandomTensor(lowered.getContext(), same, shape));
  }
  SmallVector<TensorValue> expected = integer.evaluate(integerInputs);
  SmallVector<TensorValue> actual = lowered.evaluate(loweredInputs);
  ASSERT_EQ(expected.size(), 2u);
  ASSERT_EQ(actual.size(), 2u);
  EXPECT_EQ(expected[0].getRawData(), actual[0].getRawData());
  EXPECT_EQ(expected[1].getRawData(), actual[1].getRawData());
}

INSTANTIATE_TEST_SUITE_P(Layers, IntegerForm, testing::ValuesIn(makeLayers()),
                         [](const testing::TestParamInfo<Layer> &info) {
                           return info.param.name;
                         });
