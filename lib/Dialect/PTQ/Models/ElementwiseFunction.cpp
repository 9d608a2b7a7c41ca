//===- ElementwiseFunction.cpp - Tensor ops as functions of elements ------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Models/ElementwiseFunction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "ptq/Dialect/PTQ/Models/UniformValue.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

bool mlir::ptq::isElementwiseFunction(Operation *op) {
  if (op->getNumResults() != 1 || !isPure(op))
    return false;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !isa<FloatType>(type.getElementType()) ||
      !llvm::all_of(op->getOperandTypes(), [&](Type operand) {
        return getElementTypeOrSelf(operand) == type.getElementType();
      }))
    return false;
  if (OpTrait::hasElementwiseMappableTraits(op))
    return true;
  auto structured = dyn_cast<LinalgOp>(op);
  if (!structured || structured.hasPureBufferSemantics() ||
      structured.getNumParallelLoops() != structured.getNumLoops() ||
      structured.hasIndexSemantics() ||
      structured.payloadUsesValueFromOperand(structured.getDpsInitOperand(0)) ||
      !structured.getMatchingIndexingMap(structured.getDpsInitOperand(0))
           .isIdentity())
    return false;
  return llvm::all_of(structured.getDpsInputOperands(), [&](OpOperand *input) {
    return matchUniformValue(input->get()) ||
           structured.getMatchingIndexingMap(input).isIdentity();
  });
}

SmallVector<Value> mlir::ptq::getElementwiseInputs(Operation *op) {
  if (auto structured = dyn_cast<LinalgOp>(op))
    return structured.getDpsInputs();
  return llvm::to_vector(op->getOperands());
}

Value mlir::ptq::inlineElementwiseFunction(ImplicitLocOpBuilder &builder,
                                           Operation *op,
                                           const IRMapping &elements) {
  SmallVector<Value> operands;
  for (Value input : getElementwiseInputs(op)) {
    Value element = elements.lookupOrNull(input);
    if (!element)
      element = arith::ConstantOp::create(builder, matchUniformValue(input));
    operands.push_back(element);
  }
  auto structured = dyn_cast<LinalgOp>(op);
  if (!structured) {
    OperationState state(op->getLoc(), op->getName(), operands,
                         getElementTypeOrSelf(op->getResult(0)),
                         op->getAttrs());
    return builder.create(state)->getResult(0);
  }
  IRMapping mapping;
  Block *body = structured.getBlock();
  for (auto [argument, operand] : llvm::zip(body->getArguments(), operands))
    mapping.map(argument, operand);
  for (Operation &scalar : body->without_terminator())
    builder.clone(scalar, mapping);
  return mapping.lookupOrDefault(body->getTerminator()->getOperand(0));
}
