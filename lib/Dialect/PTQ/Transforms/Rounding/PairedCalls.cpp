//===- PairedCalls.cpp - Samples in the float and quantized network -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PairedCalls.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::ptq;

PairedCalls::PairedCalls(ModuleOp module, EdgeParameterMap parameters,
                         const WorkSharing &workSharing)
    : floatNetwork(module), quantizedNetwork(module),
      parameters(std::move(parameters)), workSharing(workSharing) {
  quantizedNetwork.setObserverModel(
      [this](ObserveOp observer, TensorValue value) {
        return quantize(observer, std::move(value));
      });
}

/// What quantization makes of a value, or an error at `observer`.
static FailureOr<TensorValue>
quantizeOrReport(ObserveOp observer, const TensorValue &value,
                 const EdgeParameters &parameters) {
  TensorValue result =
      quantizeAndDequantize(value, observer.getEncoding(), parameters);
  if (!result)
    return observer.emitOpError("not enough memory to quantize a value of ")
           << value.getType();
  return result;
}

FailureOr<TensorValue> PairedCalls::quantize(ObserveOp observer,
                                             TensorValue value) const {
  if (auto constant = constants.find(observer); constant != constants.end())
    return constant->second;
  auto it = parameters.find(observer);
  if (it == parameters.end())
    return value;
  return quantizeOrReport(observer, value, it->second);
}

LogicalResult PairedCalls::quantizeConstants(ModuleOp module) {
  for (auto &[op, edgeParameters] : parameters) {
    auto observer = cast<ObserveOp>(op);
    TypedAttr attr;
    if (!matchPattern(observer.getInput(), m_Constant(&attr)))
      continue;
    FailureOr<TensorValue> value = TensorValue::fromAttribute(
        attr, [&] { return observer.emitOpError(); });
    if (failed(value))
      return failure();
    FailureOr<TensorValue> quantized =
        quantizeOrReport(observer, *value, edgeParameters);
    if (failed(quantized))
      return failure();
    constants[op] = std::move(*quantized);
  }
  return success();
}

LogicalResult PairedCalls::begin(const SampleRunner &runner,
                                 ArrayRef<int64_t> calls) {
  func::FuncOp function = runner.getFunction();
  if (failed(quantizeConstants(floatNetwork.getModule())))
    return failure();
  for (int64_t call : calls) {
    FailureOr<SmallVector<TensorValue>> arguments = runner.readArguments(call);
    if (failed(arguments))
      return failure();
    FailureOr<PausableCall> floatCall =
        PausableCall::begin(floatNetwork, function, *arguments);
    FailureOr<PausableCall> quantizedCall =
        PausableCall::begin(quantizedNetwork, function, *arguments);
    if (failed(floatCall) || failed(quantizedCall))
      return failure();
    floatCalls.push_back(std::move(*floatCall));
    quantizedCalls.push_back(std::move(*quantizedCall));
  }
  return success();
}

LogicalResult PairedCalls::advanceTo(Operation *op) {
  return workSharing.tryForEach(2 * getNumCalls(), [&](int64_t index) {
    std::vector<PausableCall> &calls = index % 2 ? quantizedCalls : floatCalls;
    return calls[index / 2].advanceTo(op);
  });
}

void PairedCalls::replaceQuantized(Value value, const TensorValue &tensor) {
  for (PausableCall &call : quantizedCalls)
    call.replace(value, tensor);
}
