//===- Estimators.h - The estimators of this project ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CALIBRATION_ESTIMATORS_ESTIMATORS_H
#define PTQ_LIB_CALIBRATION_ESTIMATORS_ESTIMATORS_H

#include "ptq/Calibration/RangeEstimator.h"

namespace mlir::ptq {

std::unique_ptr<RangeEstimator> createEntropyEstimator();
std::unique_ptr<RangeEstimator> createKLEstimator();
std::unique_ptr<RangeEstimator> createMSEEstimator();
std::unique_ptr<RangeEstimator> createMinMaxEstimator();
std::unique_ptr<RangeEstimator> createOMSEEstimator();
std::unique_ptr<RangeEstimator> createPercentileEstimator();

} // namespace mlir::ptq

#endif // PTQ_LIB_CALIBRATION_ESTIMATORS_ESTIMATORS_H
