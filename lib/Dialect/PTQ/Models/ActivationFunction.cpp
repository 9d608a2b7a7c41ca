//===- ActivationFunction.cpp - Sigmoid and its like ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ActivationFunction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Models/UniformValue.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

/// The one input that is not uniform, if it is read in order.
static OpOperand *findArgument(LinalgOp op) {
  OpOperand *argument = nullptr;
  for (OpOperand *input : op.getDpsInputOperands()) {
    if (matchUniformValue(input->get()))
      continue;
    if (argument)
      return nullptr;
    argument = input;
  }
  bool isReadInOrder =
      argument && op.getMatchingIndexingMap(argument).isIdentity() &&
      op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity();
  return isReadInOrder ? argument : nullptr;
}

/// Whether the body bends or saturates, and does nothing that needs a precise
/// argument.
static bool bends(Block *body) {
  bool saturates = false, hasExponential = false, hasQuotient = false;
  for (Operation &op : body->without_terminator()) {
    if (isa<math::SqrtOp, math::RsqrtOp, math::CbrtOp, math::LogOp,
            math::Log2Op, math::Log10Op, math::Log1pOp, math::PowFOp,
            linalg::IndexOp>(op))
      return false;
    saturates |= isa<math::TanhOp, math::ErfOp, math::AtanOp, arith::MaximumFOp,
                     arith::MinimumFOp, arith::MaxNumFOp, arith::MinNumFOp,
                     arith::SelectOp>(op);
    hasExponential |= isa<math::ExpOp, math::Exp2Op, math::ExpM1Op>(op);
    hasQuotient |= isa<arith::DivFOp>(op);
  }
  return saturates || (hasExponential && hasQuotient);
}

std::optional<unsigned> mlir::ptq::matchActivationFunction(LinalgOp op) {
  if (op->getNumResults() != 1 || op.hasPureBufferSemantics() ||
      !isa<FloatType>(getElementTypeOrSelf(op->getResult(0))) ||
      op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)))
    return std::nullopt;
  OpOperand *argument = findArgument(op);
  if (!argument || !isa<FloatType>(getElementTypeOrSelf(argument->get())) ||
      !bends(op.getBlock()) || matchClamp(op))
    return std::nullopt;
  return argument->getOperandNumber();
}
