//===- RangeEstimatorRegistry.cpp - Estimators by name --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/RangeEstimatorRegistry.h"
#include "llvm/ADT/SmallVector.h"

using namespace mlir::ptq;

llvm::Error
RangeEstimatorRegistry::add(std::unique_ptr<RangeEstimator> estimator) {
  llvm::SmallVector<llvm::StringRef> names = {estimator->getName()};
  llvm::append_range(names, estimator->getAliases());
  for (llvm::StringRef name : names)
    if (byName.contains(name))
      return llvm::createStringError("range estimator '" + name +
                                     "' is registered already");
  for (llvm::StringRef name : names)
    byName[name] = estimator.get();
  estimators.push_back(std::move(estimator));
  return llvm::Error::success();
}

const RangeEstimator *
RangeEstimatorRegistry::lookup(llvm::StringRef name) const {
  return byName.lookup(name);
}

llvm::Error
mlir::ptq::registerAllRangeEstimators(RangeEstimatorRegistry &registry) {
  for (RangeEstimatorKind kind : getRangeEstimatorKinds())
    if (llvm::Error error = registry.add(createRangeEstimator(kind)))
      return error;
  return llvm::Error::success();
}
