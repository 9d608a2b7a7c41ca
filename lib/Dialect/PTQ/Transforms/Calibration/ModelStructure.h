//===- ModelStructure.h - When models are alike to a table ------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_MODELSTRUCTURE_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_MODELSTRUCTURE_H

#include "mlir/IR/BuiltinOps.h"
#include "ptq/Calibration/CalibrationTable.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

namespace mlir::ptq {

/// The structure of a module: the names of its ops, which values they use, the
/// types, and the names of observed edges. Values of constants, encodings and
/// estimators do not belong to it, so a table serves another choice of ranges.
struct ModelStructure {
  /// A hash of the whole.
  std::string hash;
  /// The given observers, each with a hash of what comes before it.
  std::vector<EdgeIdentity> edges;
};

ModelStructure describeStructure(ModuleOp module,
                                 ArrayRef<ObserveOp> observers);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_CALIBRATION_MODELSTRUCTURE_H
