//===- AnalyticClipping.h - Thresholds from a few moments -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Thresholds of least squared error for values that are distributed as a
// Gaussian or a Laplace density is, as multiples of the density's parameter.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_ANALYTICCLIPPING_H
#define PTQ_CALIBRATION_ANALYTICCLIPPING_H

#include "ptq/Calibration/Distribution.h"

namespace mlir::ptq {

/// Symmetric densities: Gaussian with standard deviation 1, Laplace with mean
/// magnitude 1.
enum class Density { Gaussian, Laplace };

/// The threshold t of least squared error for the integers -m..m of scale t/m,
/// where m = 2^(bits-1) - 1. Exact for 2 to 17 bits; outside of them, the
/// solution of `solveSmoothThreshold`.
double getOptimalThreshold(Density density, unsigned bits);

/// The threshold t of least squared error for 2^bits levels in [-t, t], if the
/// error of rounding is taken to be t^2 / (3 * 4^bits) and that of clipping is
/// exact: Banner et al., "Post training 4-bit quantization of convolutional
/// networks for rapid-deployment" (2019). 1 to 30 bits.
double solveSmoothThreshold(Density density, unsigned bits);

/// The fixed point t of
///   t = sum of |x| over |x| > t / (4^-bits / c * count of 0 < |x| <= t
///                                  + count of |x| > t)
/// with c = 3, or 12 if no magnitude has a sign: Sakr et al., "Optimal clipping
/// and magnitude-aware differentiation for improved quantization-aware
/// training" (2022). Starts at the mean of the nonzero magnitudes and takes at
/// most `numIterations` steps; stops where nothing is clipped any more. 0 if
/// all magnitudes are 0.
double findOctavThreshold(const Distribution &magnitudes, unsigned bits,
                          bool isUnsigned, unsigned numIterations = 20);

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_ANALYTICCLIPPING_H
