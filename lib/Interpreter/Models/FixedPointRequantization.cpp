//===- FixedPointRequantization.cpp - Requantize by integers --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FixedPointRequantization.h"
#include "ptq/Interpreter/IntegerElements.h"
#include "ptq/Quantization/FixedPoint.h"
#include "ptq/Quantization/ParameterLayout.h"

using namespace mlir;
using namespace mlir::ptq;

/// Codes of accumulators, element by element in the order of `layout`.
template <typename AccT, typename CodeT>
static void
requantize(ArrayRef<AccT> accumulators, const ParameterLayout &layout,
           ArrayRef<FixedPointMultiplier> multipliers, int32_t zeroPoint,
           CodeRange range, MutableArrayRef<CodeT> codes) {
  layout.forEachRun([&](const ElementRun &run) {
    for (int64_t i = 0; i < run.count; ++i)
      codes[run.begin + i] = static_cast<CodeT>(requantizeFixedPoint(
          accumulators[run.begin + i],
          multipliers[run.parameter + i * run.stride], zeroPoint, range));
  });
}

LogicalResult mlir::ptq::evaluateFixedPoint(RequantizeOp op,
                                            EvaluationFrame &frame) {
  const TensorValue input = frame.get(op.getInput());
  const TensorValue mantissas = frame.get(op.getMultiplier());
  const TensorValue shifts = frame.get(op.getShift());
  ParameterLayout layout =
      op.getAxis() ? ParameterLayout::alongAxis(input.getShape(), *op.getAxis())
                   : ParameterLayout::perTensor(input.getShape());
  if (mantissas.getNumElements() != layout.getNumParameters() ||
      shifts.getNumElements() != layout.getNumParameters())
    return op.emitError("multipliers ")
           << mantissas.getType() << " and shifts " << shifts.getType()
           << " do not fit data of type " << input.getType();
  SmallVector<FixedPointMultiplier> multipliers;
  for (int64_t i = 0; i < shifts.getNumElements(); ++i) {
    int64_t shift = readInteger(shifts, i);
    if (shift < kMinFixedPointShift || shift > kMaxFixedPointShift)
      return op.emitError("shift must be from ")
             << kMinFixedPointShift << " to " << kMaxFixedPointShift << ", got "
             << shift;
    multipliers.push_back({static_cast<int32_t>(readInteger(mantissas, i)),
                           static_cast<int32_t>(shift)});
  }
  FailureOr<TensorValue> result = frame.allocate(
      op, input.getShape(), getElementTypeOrSelf(op.getResult().getType()));
  if (failed(result))
    return failure();
  if (result->getElementByteSize() > 4)
    return op.emitError("the interpreter does not quantize to i64");

  CodeRange range{op.getLowCode(), op.getHighCode()};
  auto zeroPoint =
      op.getZeroPoint()
          ? static_cast<int32_t>(readInteger(frame.get(op.getZeroPoint()), 0))
          : 0;
  visitIntegerType(input.getElementByteSize(), [&](auto accumulator) {
    visitIntegerType(result->getElementByteSize(), [&](auto code) {
      requantize(input.getData<decltype(accumulator)>(), layout, multipliers,
                 zeroPoint, range, result->getMutableData<decltype(code)>());
    });
  });
  frame.set(op.getResult(), std::move(*result));
  return success();
}
