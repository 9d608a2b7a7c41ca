//===- FixedPointTest.cpp -------------------------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Quantization/FixedPoint.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>
#include <random>

using namespace mlir::ptq;

namespace {

constexpr CodeRange kBytes{-128, 127};

TEST(FixedPointTest, MantissasLeaveRoomForAccumulators) {
  EXPECT_EQ(getMantissaBits(0), 31u);
  EXPECT_EQ(getMantissaBits(31), 31u);
  EXPECT_EQ(getMantissaBits(32), 30u);
  EXPECT_EQ(getMantissaBits(40), 22u);
  EXPECT_EQ(getMantissaBits(kMaxMagnitudeBits), 15u);
  EXPECT_EQ(getMantissaBits(63), 15u);
}

TEST(FixedPointTest, MantissaHasAllBits) {
  auto half = chooseFixedPointMultiplier(0.5, 31);
  ASSERT_TRUE(half);
  EXPECT_EQ(half->mantissa, int32_t{1} << 30);
  EXPECT_EQ(half->shift, 31);
  auto third = chooseFixedPointMultiplier(1.0 / 3, 31);
  ASSERT_TRUE(third);
  EXPECT_EQ(third->mantissa, 1431655765); // 2^32 / 3 = 1431655765.33
  EXPECT_EQ(third->shift, 32);
  auto coarse = chooseFixedPointMultiplier(1.0 / 3, 15);
  ASSERT_TRUE(coarse);
  EXPECT_EQ(coarse->mantissa, 21845); // 2^16 / 3 = 21845.33
  EXPECT_EQ(coarse->shift, 16);
}

TEST(FixedPointTest, RoundingUpToAPowerOfTwo) {
  auto almostOne = chooseFixedPointMultiplier(std::nextafter(1.0, 0.0), 31);
  ASSERT_TRUE(almostOne);
  EXPECT_EQ(almostOne->mantissa, int32_t{1} << 30);
  EXPECT_EQ(almostOne->shift, 30);
}

TEST(FixedPointTest, EndsOfTheRange) {
  // 2^30 would need a shift of 0.
  EXPECT_FALSE(chooseFixedPointMultiplier(std::ldexp(1.0, 30), 31));
  auto largest = chooseFixedPointMultiplier(std::ldexp(1.0, 29), 31);
  ASSERT_TRUE(largest);
  EXPECT_EQ(largest->shift, 1);
  // Small numbers lose bits, and in the end everything.
  auto small = chooseFixedPointMultiplier(std::ldexp(1.0, -60), 31);
  ASSERT_TRUE(small);
  EXPECT_EQ(small->mantissa, 4);
  EXPECT_EQ(small->shift, 62);
  auto tiny = chooseFixedPointMultiplier(std::ldexp(1.0, -100), 31);
  ASSERT_TRUE(tiny);
  EXPECT_EQ(tiny->mantissa, 0);
  EXPECT_EQ(chooseFixedPointMultiplier(0, 31)->mantissa, 0);
  EXPECT_FALSE(chooseFixedPointMultiplier(-1, 31));
  EXPECT_FALSE(chooseFixedPointMultiplier(NAN, 31));
  EXPECT_FALSE(chooseFixedPointMultiplier(INFINITY, 31));
}

TEST(FixedPointTest, RoundsHalfUp) {
  FixedPointMultiplier half = *chooseFixedPointMultiplier(0.5, 31);
  EXPECT_EQ(requantizeFixedPoint(1, half, 0, kBytes), 1);
  EXPECT_EQ(requantizeFixedPoint(3, half, 0, kBytes), 2);
  EXPECT_EQ(requantizeFixedPoint(-1, half, 0, kBytes), 0);
  EXPECT_EQ(requantizeFixedPoint(-3, half, 0, kBytes), -1);
  EXPECT_EQ(requantizeFixedPoint(2, half, 5, kBytes), 6);
}

TEST(FixedPointTest, Saturates) {
  FixedPointMultiplier large = *chooseFixedPointMultiplier(1e6, 31);
  int64_t most = std::numeric_limits<int32_t>::max();
  int64_t least = std::numeric_limits<int32_t>::min();
  EXPECT_EQ(requantizeFixedPoint(most, large, 0, kBytes), 127);
  EXPECT_EQ(requantizeFixedPoint(least, large, 0, kBytes), -128);
  EXPECT_EQ(requantizeFixedPoint(most, large, -128, kBytes), 127);
  EXPECT_EQ(requantizeFixedPoint(least, large, 127, kBytes), -128);
  EXPECT_EQ(requantizeFixedPoint(least, large, 3, {3, 127}), 3);
}

// The definition in exact arithmetic: floor(acc * m / 2^k + 1/2).
TEST(FixedPointTest, EqualsTheDefinition) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int32_t> accumulators(
      std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max());
  std::uniform_real_distribution<double> exponents(-34, 3);
  for (int i = 0; i < 20000; ++i) {
    int64_t accumulator = accumulators(random) >> (i % 24);
    FixedPointMultiplier m =
        *chooseFixedPointMultiplier(std::exp2(exponents(random)), 31);
    __int128 twice = static_cast<__int128>(accumulator) * m.mantissa * 2 +
                     (static_cast<__int128>(1) << m.shift);
    __int128 divisor = static_cast<__int128>(1) << (m.shift + 1);
    __int128 steps = twice / divisor - (twice % divisor < 0);
    steps = std::min<__int128>(std::max<__int128>(steps, -128 - 7), 127 - 7);
    EXPECT_EQ(requantizeFixedPoint(accumulator, m, 7, kBytes),
              static_cast<int32_t>(steps + 7));
  }
}

// Against the float form: at most one step, and only next to a tie.
TEST(FixedPointTest, StaysCloseToTheFloatForm) {
  std::mt19937 random(2);
  std::uniform_int_distribution<int32_t> accumulators(-(1 << 24), 1 << 24);
  std::uniform_real_distribution<double> exponents(-20, -10);
  for (int i = 0; i < 200000; ++i) {
    int32_t accumulator = accumulators(random);
    auto multiplier = static_cast<float>(std::exp2(exponents(random)));
    CodeRange codes{-32768, 32767};
    int32_t expected = requantizeValue(accumulator, multiplier, 0, codes);
    int32_t actual = requantizeFixedPoint(
        accumulator, *chooseFixedPointMultiplier(multiplier, 31), 0, codes);
    if (expected == actual)
      continue;
    EXPECT_LE(std::abs(expected - actual), 1);
    double exact = static_cast<double>(accumulator) * multiplier;
    double fromTie = std::abs(exact - std::floor(exact) - 0.5);
    EXPECT_LE(fromTie, std::abs(exact) * 0x1p-23);
  }
}

} // namespace
