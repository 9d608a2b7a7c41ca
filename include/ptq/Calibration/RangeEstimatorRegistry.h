//===- RangeEstimatorRegistry.h - Estimators by name ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_RANGEESTIMATORREGISTRY_H
#define PTQ_CALIBRATION_RANGEESTIMATORREGISTRY_H

#include "ptq/Calibration/RangeEstimator.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <vector>

namespace mlir::ptq {

/// Range estimators by name. A registry is a plain object that its owner fills
/// and hands on; there is no global one.
class RangeEstimatorRegistry {
public:
  /// Adds an estimator under its name and aliases. Fails, and adds nothing, if
  /// one of them is taken.
  llvm::Error add(std::unique_ptr<RangeEstimator> estimator);

  /// The estimator of this name or alias, or null.
  const RangeEstimator *lookup(llvm::StringRef name) const;

  /// All estimators, in the order they were added.
  llvm::ArrayRef<std::unique_ptr<RangeEstimator>> getEstimators() const {
    return estimators;
  }

private:
  std::vector<std::unique_ptr<RangeEstimator>> estimators;
  llvm::StringMap<const RangeEstimator *> byName;
};

/// Adds the estimators of this project. Their names are those of
/// `RangeEstimatorKind`, and `trt-entropy` is an alias of `kl`.
llvm::Error registerAllRangeEstimators(RangeEstimatorRegistry &registry);

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_RANGEESTIMATORREGISTRY_H
