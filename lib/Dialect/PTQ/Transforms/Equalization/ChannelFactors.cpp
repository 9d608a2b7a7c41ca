//===- ChannelFactors.cpp - Factors that equalize channels ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelFactors.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

/// `factor` if one can divide and multiply by it; 1 otherwise.
static double orOne(double factor) {
  return std::isfinite(factor) && factor > 0 ? factor : 1;
}

double mlir::ptq::getCrossLayerFactor(double produced, double consumed) {
  return orOne(std::sqrt(produced / consumed));
}

double mlir::ptq::getSmoothQuantFactor(double activation, double weight,
                                       double smoothing) {
  if (activation == 0 || weight == 0)
    return 1;
  return orOne(std::pow(activation, smoothing) /
               std::pow(weight, 1 - smoothing));
}

double mlir::ptq::roundToPowerOfTwo(double factor) {
  return std::exp2(std::nearbyint(std::log2(factor)));
}

SmallVector<double> mlir::ptq::getChannelMagnitudes(ArrayRef<double> values,
                                                    int64_t inner,
                                                    int64_t numChannels) {
  SmallVector<double> magnitudes(numChannels);
  for (auto [index, value] : llvm::enumerate(values)) {
    double &magnitude =
        magnitudes[static_cast<int64_t>(index) / inner % numChannels];
    magnitude = std::max(magnitude, std::abs(value));
  }
  return magnitudes;
}

void mlir::ptq::scaleChannels(MutableArrayRef<double> values, int64_t inner,
                              ArrayRef<double> factors) {
  auto numChannels = static_cast<int64_t>(factors.size());
  for (auto [index, value] : llvm::enumerate(values))
    value *= factors[static_cast<int64_t>(index) / inner % numChannels];
}
