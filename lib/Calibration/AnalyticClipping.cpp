//===- AnalyticClipping.cpp - Thresholds from a few moments ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/AnalyticClipping.h"
#include <algorithm>
#include <cmath>

using namespace mlir::ptq;

double mlir::ptq::getOptimalThreshold(Density density, unsigned bits) {
  // The minima of the integral of (x - x')^2 over the density, found
  // numerically. From two bits on; the smooth model is off by 40 % there.
  static constexpr double kGaussian[] = {
      1.224006, 1.952309, 2.473879, 2.898728, 3.270115, 3.607460,
      3.920500, 4.214677, 4.493379, 4.758925, 5.013026, 5.257015,
      5.491970, 5.718784, 5.938211, 6.150903};
  static constexpr double kLaplace[] = {2.000000, 3.486401, 4.819915, 6.098037,
                                        7.358588, 8.617834, 9.882651, 11.15554,
                                        12.43698, 13.72656, 15.02354, 16.32712,
                                        17.63651, 18.95103, 20.27010, 21.59318};
  if (bits < 2 || bits > 17)
    return solveSmoothThreshold(density, bits);
  return density == Density::Gaussian ? kGaussian[bits - 2]
                                      : kLaplace[bits - 2];
}

/// Half the derivative of the squared error by the threshold, which grows from
/// below 0 to above.
static double getSlope(Density density, double t, double levels) {
  double rounding = t / (3 * levels * levels);
  if (density == Density::Laplace)
    return rounding - std::exp(-t);
  constexpr double kSqrtHalf = 0.707106781186547524401;
  constexpr double kSqrtTwoOverPi = 0.797884560802865355880;
  return rounding + t * std::erfc(t * kSqrtHalf) -
         kSqrtTwoOverPi * std::exp(-t * t / 2);
}

double mlir::ptq::solveSmoothThreshold(Density density, unsigned bits) {
  double levels = std::ldexp(1.0, static_cast<int>(std::clamp(bits, 1u, 30u)));
  double low = 0, high = 64;
  for (int i = 0; i < 100; ++i) {
    double middle = (low + high) / 2;
    (getSlope(density, middle, levels) < 0 ? low : high) = middle;
  }
  return low;
}

double mlir::ptq::findOctavThreshold(const Distribution &magnitudes,
                                     unsigned bits, bool isUnsigned,
                                     unsigned numIterations) {
  if (magnitudes.isEmpty() || magnitudes.getMax() <= 0)
    return 0;
  const Moments &all = magnitudes.getMoments();
  // Everything below the smallest positive magnitude is zero.
  double numZeros = magnitudes.getCells().front().high == 0
                        ? magnitudes.getCells().front().count
                        : 0;
  double roundingWeight =
      std::ldexp(1.0, -2 * static_cast<int>(bits)) / (isUnsigned ? 12 : 3);
  double threshold = all.sum / (all.count - numZeros);
  for (unsigned i = 0; i < numIterations; ++i) {
    Moments below = magnitudes.getMomentsBelow(threshold);
    Moments above = all - below;
    if (above.sum <= 0 || above.count <= 0)
      break;
    double next =
        above.sum / (roundingWeight * (below.count - numZeros) + above.count);
    if (next == threshold)
      break;
    threshold = next;
  }
  return std::min(threshold, magnitudes.getMax());
}
