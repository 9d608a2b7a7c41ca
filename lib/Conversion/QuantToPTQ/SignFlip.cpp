//===- SignFlip.cpp - Between unsigned numbers and codes ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SignFlip.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::ptq;

Value mlir::ptq::createSignFlip(ImplicitLocOpBuilder &builder, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  Type elementType = type.getElementType();
  auto flip = [&](ImplicitLocOpBuilder &body, ValueRange elements) -> Value {
    APInt sign = APInt::getSignMask(elementType.getIntOrFloatBitWidth());
    Value mask =
        arith::ConstantOp::create(body, body.getIntegerAttr(elementType, sign));
    return arith::XOrIOp::create(body, elements.front(), mask);
  };
  return createElementwise(builder, type, {{value}}, flip);
}

Value mlir::ptq::matchSignFlip(Value value) {
  auto generic = value.getDefiningOp<linalg::GenericOp>();
  if (!generic || generic.getNumDpsInputs() != 1 ||
      generic.getNumDpsInits() != 1 ||
      generic.getNumParallelLoops() != generic.getNumLoops() ||
      !llvm::all_of(generic.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }))
    return {};
  auto flip = generic.getBody()
                  ->getTerminator()
                  ->getOperand(0)
                  .getDefiningOp<arith::XOrIOp>();
  APInt mask;
  if (!flip || flip.getLhs() != generic.getBody()->getArgument(0) ||
      !matchPattern(flip.getRhs(), m_ConstantInt(&mask)) || !mask.isSignMask())
    return {};
  return generic.getDpsInputOperand(0)->get();
}

void mlir::ptq::eraseUnusedStorage(Operation *root) {
  llvm::SetVector<Operation *> candidates;
  root->walk([&](Operation *op) {
    bool isStored =
        op->getNumResults() == 1 &&
        (isa<arith::ConstantOp>(op) || matchSignFlip(op->getResult(0)));
    if (isStored && op->use_empty())
      candidates.insert(op);
  });
  while (!candidates.empty()) {
    Operation *op = candidates.pop_back_val();
    if (!isOpTriviallyDead(op))
      continue;
    for (Value operand : op->getOperands())
      if (Operation *producer = operand.getDefiningOp())
        candidates.insert(producer);
    op->erase();
  }
}
