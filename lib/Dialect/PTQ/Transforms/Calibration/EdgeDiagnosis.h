//===- EdgeDiagnosis.h - What a chosen range does to an edge ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_CALIBRATION_EDGEDIAGNOSIS_H
#define PTQ_DIALECT_PTQ_TRANSFORMS_CALIBRATION_EDGEDIAGNOSIS_H

#include "ptq/Calibration/CalibrationReport.h"
#include "ptq/Calibration/RangeEstimator.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

namespace mlir::ptq {

/// Describes `observer`, which has a range, for the report and for remarks:
/// statistics, parameters, clipped share, SQNR, and what the user should look
/// into: few samples for a divergence, dead channels, constant edges, values
/// that are not finite.
EdgeReport diagnoseEdge(ObserveOp observer, const TensorStatistics &statistics);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_CALIBRATION_EDGEDIAGNOSIS_H
