//===- MetricsTest.cpp - Figures against hand values ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Metrics/Metrics.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir::ptq;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <typename T>
NumpyArray makeArray(ElementKind kind, llvm::ArrayRef<int64_t> shape,
                     llvm::ArrayRef<T> elements) {
  NumpyArray array;
  array.kind = kind;
  array.shape.assign(shape.begin(), shape.end());
  array.data.resize(elements.size() * sizeof(T));
  std::memcpy(array.data.data(), elements.data(), array.data.size());
  return array;
}

SampleResults makeResults(llvm::ArrayRef<int64_t> sampleShape,
                          std::vector<double> elements, int64_t numSamples) {
  SampleResults results;
  results.sampleShape.assign(sampleShape.begin(), sampleShape.end());
  results.elements = std::move(elements);
  results.numSamples = numSamples;
  return results;
}

TEST(SampleResults, ReadsNumbers) {
  SampleResults results = SampleResults::get(
      makeArray<int8_t>(ElementKind::Int8, {2, 2}, {-128, 127, 0, 1}), 0);
  EXPECT_EQ(results.elements, (std::vector<double>{-128, 127, 0, 1}));
  results = SampleResults::get(
      makeArray<uint8_t>(ElementKind::UInt8, {1, 2}, {0, 255}), 0);
  EXPECT_EQ(results.elements, (std::vector<double>{0, 255}));
  // 1.5, the smallest subnormal, -infinity.
  results = SampleResults::get(
      makeArray<uint16_t>(ElementKind::Float16, {3}, {0x3E00, 1, 0xFC00}), 0);
  EXPECT_EQ(results.elements,
            (std::vector<double>{1.5, std::ldexp(1.0, -24), -kInf}));
  results = SampleResults::get(
      makeArray<uint16_t>(ElementKind::BFloat16, {3}, {0x3FC0, 1, 0xFF80}), 0);
  EXPECT_EQ(results.elements,
            (std::vector<double>{1.5, std::ldexp(1.0, -133), -kInf}));
}

TEST(SampleResults, BringsTheSampleAxisOutermost) {
  SampleResults results = SampleResults::get(
      makeArray<float>(ElementKind::Float32, {2, 3}, {0, 1, 2, 3, 4, 5}), 1);
  EXPECT_EQ(results.numSamples, 3);
  EXPECT_EQ(results.sampleShape, (llvm::SmallVector<int64_t>{2}));
  EXPECT_EQ(results.getSample(1), llvm::ArrayRef<double>({1, 4}));
}

TEST(TopClasses, FirstOfEqualElements) {
  EXPECT_EQ(getTopClasses(makeResults({3}, {1, 5, 5, -3, -2, -1}, 2)),
            (std::vector<int64_t>{1, 2}));
}

TEST(TopClasses, NaNIsTheLargest) {
  EXPECT_EQ(getTopClasses(makeResults({3}, {kInf, kNaN, kNaN}, 1)),
            (std::vector<int64_t>{1}));
}

TEST(TopClasses, LieAlongTheLastDimensionThatIsNotOne) {
  SampleResults image = makeResults({3, 1, 1}, {0, 2, 1, 7, 0, 0}, 2);
  EXPECT_EQ(getNumClasses(image), 3);
  EXPECT_EQ(getTopClasses(image), (std::vector<int64_t>{1, 0}));
  // Two positions in each sample, as of a language model.
  SampleResults tokens = makeResults({2, 2}, {0, 1, 1, 0, 0, 1, 0, 1}, 2);
  EXPECT_EQ(getTopClasses(tokens), (std::vector<int64_t>{1, 0, 1, 1}));
  SampleResults scalars = makeResults({}, {3, 4}, 2);
  EXPECT_EQ(getNumClasses(scalars), 1);
  EXPECT_EQ(getTopClasses(scalars), (std::vector<int64_t>{0, 0}));
}

TEST(TopClasses, NoneOfEmptyResults) {
  EXPECT_TRUE(getTopClasses(makeResults({0}, {}, 4)).empty());
}

TEST(Agreement, IsAShare) {
  EXPECT_DOUBLE_EQ(getAgreement({1, 2, 3, 4}, {1, 2, 0, 4}), 0.75);
  EXPECT_DOUBLE_EQ(getAgreement({}, {}), 1);
}

TEST(NextTokenLoss, LeavesOutTheLastPosition) {
  // Odds of 3 to 1 and 1 to 1 for the tokens 0 and 1; the last logits and the
  // first token of a sequence count for nothing.
  double odds = std::log(3.0);
  SampleResults logits = makeResults({3, 2}, {odds, 0, 5, 5, kInf, kNaN}, 1);
  EXPECT_DOUBLE_EQ(getNextTokenLoss(logits, {7, 0, 1}),
                   (std::log(4.0 / 3) + std::log(2.0)) / 2);
  // Two sequences in a sample, and large logits.
  SampleResults pairs =
      makeResults({2, 2, 2}, {1000, 0, 0, 0, 0, 1000, 0, 0}, 1);
  EXPECT_DOUBLE_EQ(getNextTokenLoss(pairs, {0, 0, 0, 0}), 500);
}

TEST(NextTokenLoss, NonFiniteLogits) {
  EXPECT_TRUE(std::isnan(
      getNextTokenLoss(makeResults({2, 2}, {kNaN, 0, 0, 0}, 1), {0, 1})));
  EXPECT_EQ(getNextTokenLoss(makeResults({2, 2}, {-kInf, 0, 0, 0}, 1), {0, 0}),
            kInf);
}

TEST(SQNR, HandValues) {
  // 10 log10(25 / 0.25) and 10 log10(4 / 4).
  EXPECT_DOUBLE_EQ(getSQNR({3, 4}, {3, 4.5}), 20);
  EXPECT_DOUBLE_EQ(getSQNR({2, 0}, {0, 0}), 0);
  EXPECT_DOUBLE_EQ(getSQNR({1, 1}, {1, 1}), kInf);
  EXPECT_DOUBLE_EQ(getSQNR({0, 0}, {0, 0}), kInf);
  EXPECT_DOUBLE_EQ(getSQNR({0, 0}, {0, 1}), -kInf);
}

TEST(SQNR, NonFiniteElements) {
  EXPECT_DOUBLE_EQ(getSQNR({1, kNaN, kInf}, {1, kNaN, kInf}), kInf);
  EXPECT_DOUBLE_EQ(getSQNR({1, 1}, {1, kNaN}), -kInf);
  EXPECT_DOUBLE_EQ(getSQNR({1, kNaN}, {1, 1}), -kInf);
  EXPECT_DOUBLE_EQ(getSQNR({1, kInf}, {1, -kInf}), -kInf);
}

TEST(NoiseSum, PartsAddUp) {
  NoiseSum sum, part;
  EXPECT_EQ(sum.getDecibels(), kInf);
  sum.add<float>({3}, {3});
  part.add<float>({4}, {4.5f});
  sum.add(part);
  EXPECT_DOUBLE_EQ(sum.signal, 25);
  EXPECT_DOUBLE_EQ(sum.noise, 0.25);
  EXPECT_DOUBLE_EQ(sum.getDecibels(), 20);
  // One element that is not finite where the reference is ruins it for good.
  part.add<float>({1}, {static_cast<float>(kNaN)});
  sum.add(part);
  EXPECT_EQ(sum.getDecibels(), -kInf);
}

TEST(LimitDecibels, WhatJSONCannotHold) {
  EXPECT_EQ(limitDecibels(kInf), 999);
  EXPECT_EQ(limitDecibels(-kInf), -999);
  EXPECT_EQ(limitDecibels(37.5), 37.5);
}

TEST(Median, OddAndEven) {
  EXPECT_DOUBLE_EQ(getMedian({3, 1, 2}), 2);
  EXPECT_DOUBLE_EQ(getMedian({4, 1, 2, 3}), 2.5);
  EXPECT_DOUBLE_EQ(getMedian({kInf, 1}), kInf);
  EXPECT_DOUBLE_EQ(getMedian({kInf, kInf}), kInf);
  EXPECT_DOUBLE_EQ(getMedian({kInf, -kInf}), -kInf);
}

TEST(MedianSQNR, IsOverSamples) {
  SampleResults reference = makeResults({2}, {3, 4, 3, 4, 3, 4}, 3);
  SampleResults results = makeResults({2}, {3, 4, 3, 4.5, 0, 0}, 3);
  EXPECT_DOUBLE_EQ(getMedianSQNR(reference, results), 20);
}

} // namespace
