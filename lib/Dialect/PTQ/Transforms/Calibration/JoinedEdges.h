//===- JoinedEdges.h - Edges that must share a range ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a loop carries is one value in several places: what an iteration reads,
// what it gives to the next one, and what the loop leaves behind. It has codes
// only if all of them are quantized alike, so their ranges come from what was
// seen in all these places together.
//
// Values that come together in other ways need nothing of the kind: there is
// one value behind a concatenation or a branch, and its range is that of all
// parts.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_JOINEDEDGES_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_JOINEDEDGES_H

#include "StatisticsCollector.h"

namespace mlir::ptq {

/// Gives the observers among `observers` that see what one loop carries, with
/// one encoding for the whole tensor and one estimator, the statistics of all
/// of them. Returns the number of observers whose statistics have changed.
int64_t joinLoopCarriedStatistics(ArrayRef<ObserveOp> observers,
                                  StatisticsCollector &collector);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_JOINEDEDGES_H
