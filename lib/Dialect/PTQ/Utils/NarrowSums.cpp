//===- NarrowSums.cpp - Structured ops that add up f16 or bf16 ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Utils/NarrowSums.h"

using namespace mlir;
using namespace mlir::ptq;

FailureOr<NarrowSum> mlir::ptq::findNarrowSum(linalg::LinalgOp op,
                                              ExplainFn explain) {
  if (!op.hasPureTensorSemantics() || op.getNumDpsInits() != 1 ||
      op.getNumReductionLoops() == 0)
    return explain("no reduction to one tensor");
  Block *body = op.getBlock();
  BlockArgument output = body->getArguments().back();
  if (!isa<Float16Type, BFloat16Type>(output.getType()))
    return explain("sums are not of f16 or bf16");
  auto addition =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!addition || !output.hasOneUse() ||
      *output.getUsers().begin() != addition)
    return explain("terms are not just added up");
  NarrowSum sum{addition, addition.getLhs() == output ? 1u : 0u, {}};
  auto product =
      addition->getOperand(sum.termNumber).getDefiningOp<arith::MulFOp>();
  if (product && product->hasOneUse())
    sum.product = product;
  return sum;
}
