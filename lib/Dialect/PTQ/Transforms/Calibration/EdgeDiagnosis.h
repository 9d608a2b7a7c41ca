//===- EdgeDiagnosis.h - What a chosen range does to an edge ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_EDGEDIAGNOSIS_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_EDGEDIAGNOSIS_H

#include "StatisticsCollector.h"
#include "ptq/Calibration/CalibrationReport.h"
#include "ptq/Calibration/RangeEstimator.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

namespace mlir::ptq {

/// Describes `observer`, which has a range, for the report and for remarks:
/// statistics, parameters, clipped share, SQNR, and what the user should look
/// into.
EdgeReport diagnoseEdge(ObserveOp observer, const TensorStatistics &statistics);

/// Warns of statistics that say little of an edge: no sample reached it, values
/// are not finite, it is constant, channels are dead. Values that are all not
/// finite are an error.
LogicalResult checkStatistics(ObserveOp observer,
                              const TensorStatistics &statistics);

/// Warns, once for all, of edges with too few elements for the divergence that
/// is to choose their range.
void warnOfFewElements(ArrayRef<ObserveOp> observers,
                       const StatisticsCollector &collector);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_EDGEDIAGNOSIS_H
