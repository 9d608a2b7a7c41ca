//===- StatisticsTables.h - Statistics to and from tables -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_STATISTICSTABLES_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_STATISTICSTABLES_H

#include "StatisticsCollector.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::ptq {

/// Merges the tables in the files `paths`, which are of `module`, and gives the
/// statistics of `observers` to `collector`. Returns the number of samples.
/// Reports tables that cannot be read, and those of another model.
FailureOr<int64_t> readStatisticsTables(ModuleOp module,
                                        ArrayRef<std::string> paths,
                                        ArrayRef<ObserveOp> observers,
                                        StatisticsCollector &collector);

/// Writes the statistics of `observers` over `samples` samples to the file
/// `path`. Reports a file that cannot be written.
LogicalResult writeStatisticsTable(ModuleOp module, StringRef path,
                                   ArrayRef<ObserveOp> observers,
                                   const StatisticsCollector &collector,
                                   int64_t samples);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_STATISTICSTABLES_H
