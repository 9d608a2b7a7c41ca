//===- ParameterLayoutTest.cpp - What shares a scale and zero point -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Quantization/ParameterLayout.h"
#include "mlir/IR/BuiltinTypes.h"
#include "gtest/gtest.h"
#include <limits>
#include <vector>

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// The parameter of every element; runs must cover the elements in order.
std::vector<int64_t> getParameters(const ParameterLayout &layout) {
  std::vector<int64_t> parameters;
  layout.forEachRun([&](const ElementRun &run) {
    EXPECT_EQ(run.begin, static_cast<int64_t>(parameters.size()));
    for (int64_t i = 0; i < run.count; ++i)
      parameters.push_back(run.parameter + i * run.stride);
  });
  return parameters;
}

int64_t countRuns(const ParameterLayout &layout) {
  int64_t count = 0;
  layout.forEachRun([&](const ElementRun &) { ++count; });
  return count;
}

TEST(ParameterLayout, PerTensor) {
  ParameterLayout layout = ParameterLayout::perTensor({2, 3});
  EXPECT_EQ(layout.getNumParameters(), 1);
  EXPECT_TRUE(layout.getParameterShape().empty());
  EXPECT_EQ(getParameters(layout), std::vector<int64_t>(6, 0));
  EXPECT_EQ(countRuns(layout), 1);
  EXPECT_EQ(getParameters(ParameterLayout::perTensor({})),
            std::vector<int64_t>(1, 0));
  EXPECT_TRUE(getParameters(ParameterLayout::perTensor({2, 0})).empty());
}

TEST(ParameterLayout, AlongAnAxis) {
  ParameterLayout middle = ParameterLayout::alongAxis({2, 3, 2}, 1);
  EXPECT_EQ(middle.getParameterShape(), ArrayRef<int64_t>(3));
  EXPECT_EQ(getParameters(middle),
            (std::vector<int64_t>{0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2}));
  ParameterLayout last = ParameterLayout::alongAxis({2, 3}, 1);
  EXPECT_EQ(getParameters(last), (std::vector<int64_t>{0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(countRuns(last), 2);
  EXPECT_EQ(getParameters(ParameterLayout::alongAxis({1, 1, 4}, 1)),
            std::vector<int64_t>(4, 0));
  EXPECT_TRUE(getParameters(ParameterLayout::alongAxis({0, 3}, 1)).empty());
}

TEST(ParameterLayout, InBlocks) {
  // The last block of a row is short.
  ParameterLayout rows = ParameterLayout::inBlocks({2, 5}, {1, 2});
  EXPECT_EQ(rows.getParameterShape(), ArrayRef<int64_t>({2, 3}));
  EXPECT_EQ(getParameters(rows),
            (std::vector<int64_t>{0, 0, 1, 1, 2, 3, 3, 4, 4, 5}));
  // Blocks down the columns.
  ParameterLayout columns = ParameterLayout::inBlocks({3, 2}, {2, 1});
  EXPECT_EQ(getParameters(columns), (std::vector<int64_t>{0, 1, 0, 1, 2, 3}));
  EXPECT_EQ(countRuns(columns), 3);
  // Blocks that are larger than the dimension.
  ParameterLayout large = ParameterLayout::inBlocks({2, 3}, {1, 32});
  EXPECT_EQ(getParameters(large), (std::vector<int64_t>{0, 0, 0, 1, 1, 1}));
  // Several dimensions at once.
  ParameterLayout both = ParameterLayout::inBlocks({3, 2, 2}, {2, 1, 2});
  EXPECT_EQ(getParameters(both),
            (std::vector<int64_t>{0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3}));
  EXPECT_EQ(getParameters(ParameterLayout::inBlocks({}, {})),
            std::vector<int64_t>(1, 0));
}

TEST(ParameterLayout, OfUnknownSizes) {
  ParameterLayout layout =
      ParameterLayout::alongAxis({ShapedType::kDynamic, 3}, 1);
  EXPECT_EQ(layout.getNumParameters(), 3);
  EXPECT_TRUE(getParameters(layout).empty());
}

} // namespace
