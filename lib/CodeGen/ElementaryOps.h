//===- ElementaryOps.h - Ops that become long chains --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_ELEMENTARYOPS_H
#define PTQ_LIB_CODEGEN_ELEMENTARYOPS_H

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Block.h"

namespace mlir::ptq {

/// Whether `op` is a function that `ptq-expand-math` turns into dozens of
/// operations, most of which wait for the one before.
inline bool isElementaryFunction(Operation &op) {
  return isa<math::ErfOp, math::Exp2Op, math::ExpM1Op, math::ExpOp,
             math::Log1pOp, math::LogOp, math::TanhOp>(op);
}

/// Whether `body` computes one.
inline bool hasElementaryFunction(Block &body) {
  return llvm::any_of(body, isElementaryFunction);
}

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_ELEMENTARYOPS_H
