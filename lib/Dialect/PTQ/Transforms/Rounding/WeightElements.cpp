//===- WeightElements.cpp - Where the elements of a weight come from ------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WeightElements.h"
#include "mlir/IR/BuiltinOps.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Interpreter/Interpreter.h"
#include "llvm/ADT/BitVector.h"

using namespace mlir;
using namespace mlir::ptq;

/// f32 holds integers up to this exactly.
static constexpr int64_t kDigit = 1 << 20;

/// Sends a tensor with the shape of the root of `path` down to its end.
static FailureOr<TensorValue> sendDown(const EdgePath &path, TensorValue value,
                                       const Interpreter &interpreter) {
  for (OpOperand *operand : ArrayRef(path.operands).drop_back()) {
    Operation *op = operand->getOwner();
    SmallVector<TensorValue> operands;
    for (OpOperand &other : op->getOpOperands()) {
      FailureOr<TensorValue> tensor =
          &other == operand ? std::move(value) : evaluateConstant(other.get());
      if (failed(tensor))
        return failure();
      operands.push_back(std::move(*tensor));
    }
    FailureOr<SmallVector<TensorValue>> results =
        interpreter.evaluate(op, operands);
    if (failed(results))
      return failure();
    value = std::move(results->front());
  }
  return value;
}

FailureOr<SmallVector<int64_t>> mlir::ptq::traceElements(const EdgePath &path) {
  auto type = cast<RankedTensorType>(path.root.getType());
  int64_t count = type.getNumElements();
  if (path.operands.size() == 1)
    return llvm::to_vector(llvm::seq<int64_t>(0, count));
  auto module = path.operands.front()->getOwner()->getParentOfType<ModuleOp>();
  if (!module || !type.getElementType().isF32())
    return failure();
  // Elements are told apart by two digits. Counting begins at 1, since 0 is
  // what padding adds.
  TensorValue low = TensorValue::allocateUninitialized(type);
  TensorValue high = TensorValue::allocateUninitialized(type);
  if (!low || !high)
    return failure();
  for (int64_t i = 0; i < count; ++i) {
    low.getMutableData<float>()[i] = static_cast<float>((i + 1) % kDigit);
    high.getMutableData<float>()[i] = static_cast<float>((i + 1) / kDigit);
  }
  Interpreter interpreter(module);
  FailureOr<TensorValue> lowAtEnd = sendDown(path, std::move(low), interpreter);
  FailureOr<TensorValue> highAtEnd =
      sendDown(path, std::move(high), interpreter);
  if (failed(lowAtEnd) || failed(highAtEnd))
    return failure();
  SmallVector<int64_t> elements;
  llvm::BitVector isUsed(count);
  for (auto [lowDigit, highDigit] : llvm::zip_equal(
           lowAtEnd->getData<float>(), highAtEnd->getData<float>())) {
    int64_t element = static_cast<int64_t>(highDigit) * kDigit +
                      static_cast<int64_t>(lowDigit) - 1;
    if (element < 0 || element >= count || isUsed.test(element))
      return failure();
    isUsed.set(element);
    elements.push_back(element);
  }
  return elements;
}
