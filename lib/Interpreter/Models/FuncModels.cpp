//===- FuncModels.cpp - Calls ---------------------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/EvaluationFrame.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {
struct CallModel
    : EvaluableOpInterface::ExternalModel<CallModel, func::CallOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto call = cast<func::CallOp>(op);
    auto callee = SymbolTable::lookupNearestSymbolFrom<FunctionOpInterface>(
        op, call.getCalleeAttr());
    if (!callee)
      return op->emitError("calls '")
             << call.getCallee() << "', which does not exist";
    SmallVector<TensorValue> arguments;
    for (Value operand : op->getOperands())
      arguments.push_back(frame.take(op, operand));
    FailureOr<SmallVector<TensorValue>> results =
        frame.call(op, callee, arguments);
    if (failed(results))
      return failure();
    for (auto [result, value] : llvm::zip_equal(op->getResults(), *results))
      frame.set(result, std::move(value));
    return success();
  }
};
} // namespace

void mlir::ptq::registerFuncModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, func::FuncDialect *) {
    func::CallOp::attachInterface<CallModel>(*context);
  });
}
