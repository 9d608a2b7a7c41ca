//===- ElementwiseModel.h - arith and math on any shape ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_MODELS_ELEMENTWISEMODEL_H
#define PTQ_LIB_INTERPRETER_MODELS_ELEMENTWISEMODEL_H

#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/EvaluationFrame.h"

namespace mlir::ptq {

/// Runs an op that `getKernelCall` has a kernel for, on operands of one shape.
/// Operands of rank 0 go with any shape (the condition of a select).
LogicalResult evaluateElementwise(Operation *op, EvaluationFrame &frame);

/// The model of such an op.
template <typename OpTy>
struct ElementwiseModel
    : EvaluableOpInterface::ExternalModel<ElementwiseModel<OpTy>, OpTy> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    return evaluateElementwise(op, frame);
  }
};

template <typename... Ops>
void attachElementwiseModels(MLIRContext *context) {
  (Ops::template attachInterface<ElementwiseModel<Ops>>(*context), ...);
}

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_MODELS_ELEMENTWISEMODEL_H
