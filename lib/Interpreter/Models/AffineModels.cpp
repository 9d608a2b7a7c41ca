//===- AffineModels.cpp - Arithmetic on indices by maps -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/IR/Builders.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/EvaluationFrame.h"

using namespace mlir;
using namespace mlir::ptq;

/// The results of the map of `op` for its operands.
template <typename OpTy>
static FailureOr<SmallVector<int64_t>> applyMap(OpTy op,
                                                EvaluationFrame &frame) {
  Builder builder(op->getContext());
  SmallVector<Attribute> operands, attributes;
  for (Value operand : op->getOperands())
    operands.push_back(builder.getIndexAttr(frame.getInteger(operand)));
  bool hasPoison = false;
  if (failed(op.getMap().constantFold(operands, attributes, &hasPoison)) ||
      hasPoison)
    return op->emitError("divides by a number that is not positive");
  return llvm::map_to_vector(attributes, [](Attribute attribute) {
    return cast<IntegerAttr>(attribute).getInt();
  });
}

namespace {
/// The one result of affine.apply, the least or largest of the others.
template <typename OpTy>
struct MapModel : EvaluableOpInterface::ExternalModel<MapModel<OpTy>, OpTy> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    FailureOr<SmallVector<int64_t>> results = applyMap(cast<OpTy>(op), frame);
    if (failed(results))
      return failure();
    int64_t result = std::is_same_v<OpTy, affine::AffineMaxOp>
                         ? *llvm::max_element(*results)
                         : *llvm::min_element(*results);
    frame.set(op->getResult(0),
              TensorValue::fromScalar(op->getResult(0).getType(), result));
    return success();
  }
};
} // namespace

void mlir::ptq::registerAffineModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, affine::AffineDialect *) {
    affine::AffineApplyOp::attachInterface<MapModel<affine::AffineApplyOp>>(
        *context);
    affine::AffineMaxOp::attachInterface<MapModel<affine::AffineMaxOp>>(
        *context);
    affine::AffineMinOp::attachInterface<MapModel<affine::AffineMinOp>>(
        *context);
  });
}
