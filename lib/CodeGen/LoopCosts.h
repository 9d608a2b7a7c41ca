//===- LoopCosts.h - How long loops take ------------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Estimates of how long code takes on one thread, in operations of vectors.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_LOOPCOSTS_H
#define PTQ_LIB_CODEGEN_LOOPCOSTS_H

#include "mlir/IR/Operation.h"

namespace mlir::ptq {

/// How often the body of `op` runs at most; a number of which nothing is known
/// counts as one.
double getNumIterations(Operation *op);

/// The cost of `op`, if the ops in its regions cost what `getInnerCost` says.
double sumCosts(Operation *op, function_ref<double(Operation *)> getInnerCost);

/// The cost of `op`.
double getCost(Operation *op);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_LOOPCOSTS_H
