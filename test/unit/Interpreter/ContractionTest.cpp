//===- ContractionTest.cpp - Fast kernels against plain loops -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every result must equal the one of the plain loop nest bit for bit, in f32 as
// well: the kernels add in the same order.
//
//===----------------------------------------------------------------------===//

#include "InterpreterTestUtils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {
struct Case {
  const char *name;
  /// What stands between the op's name and its operands.
  const char *attributes;
  SmallVector<int64_t> lhs, rhs, out;
};

const Case kCases[] = {
    {"matmul", "", {7, 13}, {13, 33}, {7, 33}},
    {"matmul", "", {1, 64}, {64, 10}, {1, 10}},
    {"matmul", "", {9, 5}, {5, 1}, {9, 1}},
    {"matmul", "", {1, 300}, {300, 1}, {1, 1}},
    {"matmul", "", {65, 3}, {3, 100}, {65, 100}},
    {"matmul", "", {300, 17}, {17, 64}, {300, 64}},
    {"matmul", "", {17, 1}, {1, 31}, {17, 31}},
    {"matmul", "", {4, 9}, {9, 1500}, {4, 1500}},
    {"matmul", "", {172, 5}, {5, 65}, {172, 65}},
    {"matmul", "", {3, 5}, {5, 17}, {3, 17}},
    {"matmul", "", {1, 5}, {5, 47}, {1, 47}},
    {"matmul",
     "indexing_maps = [affine_map<(m, n, k) -> (m, k)>, "
     "affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]",
     {6, 21},
     {37, 21},
     {6, 37}},
    {"matmul",
     "indexing_maps = [affine_map<(m, n, k) -> (k, m)>, "
     "affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>]",
     {21, 6},
     {21, 37},
     {6, 37}},
    {"contract",
     "indexing_maps = [affine_map<(m, n, k) -> (m, k)>, "
     "affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (n, m)>]",
     {35, 8},
     {8, 5},
     {5, 35}},
    {"contract",
     "indexing_maps = [affine_map<(b, m, n, k) -> (m, b, k)>, "
     "affine_map<(b, m, n, k) -> (n, b, k)>, "
     "affine_map<(b, m, n, k) -> (b, m, n)>]",
     {5, 3, 16},
     {34, 3, 16},
     {3, 5, 34}},
    {"batch_matmul", "", {3, 5, 7}, {3, 7, 9}, {3, 5, 9}},
    {"batch_matmul", "", {2, 1, 40}, {2, 40, 70}, {2, 1, 70}},
    {"vecmat", "", {19}, {19, 45}, {45}},
    {"matvec", "", {45, 19}, {19}, {45}},
    {"conv_1d", "", {40}, {5}, {36}},
    {"conv_2d_nchw_fchw", "", {1, 3, 9, 11}, {5, 3, 3, 3}, {1, 5, 7, 9}},
    {"conv_2d_nchw_fchw", "", {2, 64, 25, 5}, {40, 64, 1, 1}, {2, 40, 25, 5}},
    {"conv_2d_nchw_fchw", "", {1, 2, 9, 25}, {11, 2, 3, 3}, {1, 11, 7, 23}},
    {"conv_2d_nchw_fchw",
     "{strides = dense<2> : tensor<2xi64>}",
     {1, 1, 58, 13},
     {64, 1, 10, 4},
     {1, 64, 25, 5}},
    {"conv_2d_nchw_fchw",
     "{strides = dense<[1, 2]> : tensor<2xi64>, "
     "dilations = dense<[2, 1]> : tensor<2xi64>}",
     {3, 2, 12, 17},
     {9, 2, 3, 4},
     {3, 9, 8, 7}},
    {"conv_2d_nhwc_hwcf", "", {2, 8, 9, 3}, {3, 2, 3, 33}, {2, 6, 8, 33}},
    {"conv_2d_nhwc_hwcf",
     "{strides = dense<[2, 3]> : tensor<2xi64>}",
     {1, 9, 10, 4},
     {3, 3, 4, 7},
     {1, 4, 3, 7}},
    {"conv_2d_nhwc_fhwc", "", {1, 8, 9, 3}, {6, 3, 2, 3}, {1, 6, 8, 6}},
    {"conv_2d_ngchw_gfchw",
     "",
     {2, 3, 2, 7, 6},
     {3, 4, 2, 3, 3},
     {2, 3, 4, 5, 4}},
    {"depthwise_conv_2d_nchw_chw", "", {2, 5, 27, 7}, {5, 3, 3}, {2, 5, 25, 5}},
    {"depthwise_conv_2d_nchw_chw",
     "",
     {1, 19, 5, 5},
     {19, 3, 3},
     {1, 19, 3, 3}},
    {"depthwise_conv_2d_nchw_chw", "", {3, 8, 6, 40}, {8, 2, 3}, {3, 8, 5, 38}},
    {"depthwise_conv_2d_nchw_chw",
     "",
     {1, 9, 70, 19},
     {9, 1, 2},
     {1, 9, 70, 18}},
    {"depthwise_conv_2d_nchw_chw",
     "{strides = dense<2> : tensor<2xi64>}",
     {1, 7, 13, 11},
     {7, 3, 3},
     {1, 7, 6, 5}},
    {"depthwise_conv_2d_nhwc_hwc",
     "",
     {2, 6, 7, 21},
     {3, 3, 21},
     {2, 4, 5, 21}},
    {"depthwise_conv_2d_nhwc_hwc",
     "{dilations = dense<2> : tensor<2xi64>}",
     {1, 9, 9, 4},
     {3, 3, 4},
     {1, 5, 5, 4}},
    {"depthwise_conv_2d_nhwc_hwcm",
     "",
     {1, 6, 7, 5},
     {3, 3, 5, 3},
     {1, 4, 5, 5, 3}},
    {"conv_3d_ncdhw_fcdhw",
     "",
     {1, 2, 5, 6, 7},
     {3, 2, 2, 3, 2},
     {1, 3, 4, 4, 6}},
};

class ContractionTest : public test::InterpreterTest {
protected:
  std::string typeOf(ArrayRef<int64_t> shape, StringRef element) {
    std::string text = "tensor<";
    for (int64_t size : shape)
      text += std::to_string(size) + "x";
    return text + element.str() + ">";
  }

  template <typename InT, typename OutT>
  void check(const Case &test, StringRef lhsElement, StringRef rhsElement,
             StringRef outElement) {
    std::string lhsType = typeOf(test.lhs, lhsElement);
    std::string rhsType = typeOf(test.rhs, rhsElement);
    std::string outType = typeOf(test.out, outElement);
    std::string text =
        llvm::formatv("func.func @f(%a: {0}, %b: {1}, %c: {2}) -> {2} {{\n"
                      "%r = linalg.{3} {4} ins(%a, %b : {0}, {1}) "
                      "outs(%c : {2}) -> {2}\n return %r : {2}\n}",
                      lhsType, rhsType, outType, test.name, test.attributes);
    // linalg.contract has no region form without a result type arrow either.
    SCOPED_TRACE(text);
    auto lhs = makeRandom<InT>(test.lhs);
    auto rhs = makeRandom<InT>(test.rhs);
    auto out = makeRandom<OutT>(test.out);
    SmallVector<TensorValue> results = run(text, {lhs, rhs, out});
    ASSERT_EQ(results.size(), 1u) << diagnostics;
    TensorValue expected = out;
    computePlainly<InT, OutT>(lhs, rhs, expected);
    EXPECT_EQ(results[0].getData<OutT>(), expected.getData<OutT>());
  }

  /// The loop nest of the only structured op, element by element.
  template <typename InT, typename OutT>
  void computePlainly(const TensorValue &lhs, const TensorValue &rhs,
                      TensorValue &out) {
    linalg::LinalgOp op;
    module->walk([&](linalg::LinalgOp found) { op = found; });
    SmallVector<int64_t> ranges = op.getStaticLoopRanges();
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    auto at = [&](const TensorValue &tensor, AffineMap map,
                  ArrayRef<int64_t> point) {
      int64_t offset = 0;
      for (auto [index, size] :
           llvm::zip_equal(map.compose(point), tensor.getShape()))
        offset = offset * size + index;
      return offset;
    };
    MutableArrayRef<OutT> result = out.getMutableData<OutT>();
    SmallVector<int64_t> point(ranges.size(), 0);
    for (int64_t i = 0, count = ShapedType::getNumElements(ranges); i < count;
         ++i) {
      auto a = static_cast<OutT>(lhs.getData<InT>()[at(lhs, maps[0], point)]);
      auto b = static_cast<OutT>(rhs.getData<InT>()[at(rhs, maps[1], point)]);
      result[at(out, maps[2], point)] += a * b;
      for (size_t dim = ranges.size(); dim-- > 0;) {
        if (++point[dim] < ranges[dim])
          break;
        point[dim] = 0;
      }
    }
  }
};

TEST_F(ContractionTest, Float) {
  for (const Case &test : kCases)
    check<float, float>(test, "f32", "f32", "f32");
}

TEST_F(ContractionTest, Double) {
  for (const Case &test : kCases)
    check<double, double>(test, "f64", "f64", "f64");
}

TEST_F(ContractionTest, Int8) {
  for (const Case &test : kCases)
    check<int8_t, int32_t>(test, "i8", "i8", "i32");
}

TEST_F(ContractionTest, Int16) {
  for (const Case &test : kCases)
    check<int16_t, int32_t>(test, "i16", "i16", "i32");
}

TEST_F(ContractionTest, IntegersWrap) {
  auto lhs = make<int32_t>({1, 2}, {1 << 30, 1 << 30});
  auto rhs = make<int32_t>({2, 1}, {2, 3});
  auto out = make<int32_t>({1, 1}, {5});
  auto results =
      run("func.func @f(%a: tensor<1x2xi32>, %b: tensor<2x1xi32>, "
          "%c: tensor<1x1xi32>) -> tensor<1x1xi32> {\n"
          "%r = linalg.matmul ins(%a, %b : tensor<1x2xi32>, tensor<2x1xi32>) "
          "outs(%c : tensor<1x1xi32>) -> tensor<1x1xi32>\n"
          "return %r : tensor<1x1xi32>\n}",
          {lhs, rhs, out});
  ASSERT_EQ(results.size(), 1u) << diagnostics;
  EXPECT_EQ(results[0].getData<int32_t>()[0], (1 << 30) + 5);
}

TEST_F(ContractionTest, EmptySum) {
  auto results =
      run("func.func @f(%a: tensor<2x?xf32>, %b: tensor<?x2xf32>, "
          "%c: tensor<2x2xf32>) -> tensor<2x2xf32> {\n"
          "%r = linalg.matmul ins(%a, %b : tensor<2x?xf32>, tensor<?x2xf32>) "
          "outs(%c : tensor<2x2xf32>) -> tensor<2x2xf32>\n"
          "return %r : tensor<2x2xf32>\n}",
          {make<float>({2, 0}, {}), make<float>({0, 2}, {}),
           make<float>({2, 2}, {1, 2, 3, 4})});
  ASSERT_EQ(results.size(), 1u) << diagnostics;
  EXPECT_EQ(results[0].getData<float>()[3], 4.0f);
}

TEST_F(ContractionTest, DisagreeingSizesAreAnError) {
  auto results =
      run("func.func @f(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>, "
          "%c: tensor<?x?xf32>) -> tensor<?x?xf32> {\n"
          "%r = linalg.matmul ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>) "
          "outs(%c : tensor<?x?xf32>) -> tensor<?x?xf32>\n"
          "return %r : tensor<?x?xf32>\n}",
          {makeRandom<float>({2, 3}), makeRandom<float>({4, 2}),
           makeRandom<float>({2, 2})});
  EXPECT_TRUE(results.empty());
  EXPECT_NE(diagnostics.find("loop 2 has 3 iterations by one operand and 4"),
            std::string::npos)
      << diagnostics;
}

TEST_F(ContractionTest, WindowsOutOfBoundsAreAnError) {
  auto results =
      run("func.func @f(%a: tensor<1x1x?x?xf32>, %b: tensor<1x1x3x3xf32>, "
          "%c: tensor<1x1x?x?xf32>) -> tensor<1x1x?x?xf32> {\n"
          "%r = linalg.conv_2d_nchw_fchw "
          "ins(%a, %b : tensor<1x1x?x?xf32>, tensor<1x1x3x3xf32>) "
          "outs(%c : tensor<1x1x?x?xf32>) -> tensor<1x1x?x?xf32>\n"
          "return %r : tensor<1x1x?x?xf32>\n}",
          {makeRandom<float>({1, 1, 4, 4}), makeRandom<float>({1, 1, 3, 3}),
           makeRandom<float>({1, 1, 3, 2})});
  EXPECT_TRUE(results.empty());
  EXPECT_NE(diagnostics.find("out of bounds"), std::string::npos)
      << diagnostics;
}
} // namespace
