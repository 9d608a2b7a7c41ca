//===- PTQModels.cpp - Observation and quantization -----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/EvaluationFrame.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {
struct ObserveModel
    : EvaluableOpInterface::ExternalModel<ObserveModel, ObserveOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto observe = cast<ObserveOp>(op);
    TensorValue value = frame.take(op, observe.getInput());
    frame.notifyObserved(observe, value);
    frame.set(observe.getResult(), std::move(value));
    return success();
  }
};
} // namespace

void mlir::ptq::registerPTQModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, PTQDialect *) {
    ObserveOp::attachInterface<ObserveModel>(*context);
  });
}
