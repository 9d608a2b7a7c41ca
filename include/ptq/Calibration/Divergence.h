//===- Divergence.h - How much a quantizer changes a histogram --*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Thresholds that change the distribution of magnitudes least, after Migacz,
// "8-bit inference with TensorRT" (2017).
//
// Given a histogram h of |x| without zeros, a threshold at the end of bin i and
// a quantizer of n levels:
//
// * P is h[0..i), with everything beyond added to its last bin: the values
//   after clipping.
// * Q splits h[0..i), without what was clipped, into n groups of bins, bin k
//   belonging to group l for ceil(l*i/n) <= k < ceil((l+1)*i/n), and spreads
//   the mass of each group evenly over those of its bins that are not empty:
//   the values as far as codes tell them apart.
//
// Both are normalized. Groups tell what rounding loses, the last bin what
// clipping does. The threshold is the one for which P and Q differ least, by
// either divergence below; the first of several.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_DIVERGENCE_H
#define PTQ_CALIBRATION_DIVERGENCE_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>

namespace mlir::ptq {

/// The sum of p ln(p/q), in nats; infinite where q is 0 and p is not. Both are
/// normalized first.
double computeKLDivergence(llvm::ArrayRef<double> p, llvm::ArrayRef<double> q);

/// H((p+q)/2) - H(p)/2 - H(q)/2, in bits: symmetric, at most 1, and finite.
/// Both are normalized first.
double computeJSDivergence(llvm::ArrayRef<double> p, llvm::ArrayRef<double> q);

/// A threshold at the end of bin `numBins - 1`, and the divergence there.
struct DivergenceMinimum {
  int64_t numBins;
  double divergence;
};

/// The thresholds of least divergence among all of at least `levels` bins that
/// keep at least `minKept` of the whole mass. The last bin of `counts` is not
/// empty. With fewer bins than levels nothing is clipped.
///
/// A bound on the mass matters where elements are few: keeping a single used
/// bin changes nothing that either divergence sees.
DivergenceMinimum minimizeKLDivergence(llvm::ArrayRef<double> counts,
                                       int64_t levels, double minKept = 0);
DivergenceMinimum minimizeJSDivergence(llvm::ArrayRef<double> counts,
                                       int64_t levels, double minKept = 0);

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_DIVERGENCE_H
