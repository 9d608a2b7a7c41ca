//===- FixedPointRequantization.cpp - Requantize by integers --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FixedPointRequantization.h"
#include "ptq/Quantization/FixedPoint.h"
#include "ptq/Quantization/ParameterLayout.h"

using namespace mlir;
using namespace mlir::ptq;

static int64_t readInteger(const TensorValue &value, int64_t index) {
  switch (value.getElementByteSize()) {
  case 1:
    return value.getData<int8_t>()[index];
  case 4:
    return value.getData<int32_t>()[index];
  default:
    return value.getData<int64_t>()[index];
  }
}

/// Writes `code` to element `index` of `codes`.
static void writeCode(TensorValue &codes, int64_t index, int32_t code) {
  switch (codes.getElementByteSize()) {
  case 1:
    codes.getMutableData<int8_t>()[index] = static_cast<int8_t>(code);
    return;
  case 2:
    codes.getMutableData<int16_t>()[index] = static_cast<int16_t>(code);
    return;
  default:
    codes.getMutableData<int32_t>()[index] = code;
  }
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
  for (int64_t i = 0; i < shifts.getNumElements(); ++i)
    if (int64_t shift = readInteger(shifts, i);
        shift < kMinFixedPointShift || shift > kMaxFixedPointShift)
      return op.emitError("shift must be from ")
             << kMinFixedPointShift << " to " << kMaxFixedPointShift << ", got "
             << shift;
  FailureOr<TensorValue> result = frame.allocate(
      op, input.getShape(), getElementTypeOrSelf(op.getResult().getType()));
  if (failed(result))
    return failure();
  if (result->getElementByteSize() > 4)
    return op.emitError("the interpreter does not quantize to i64");

  CodeRange codes{op.getLowCode(), op.getHighCode()};
  auto zeroPoint =
      op.getZeroPoint()
          ? static_cast<int32_t>(readInteger(frame.get(op.getZeroPoint()), 0))
          : 0;
  layout.forEachRun([&](const ElementRun &run) {
    for (int64_t i = 0; i < run.count; ++i) {
      int64_t parameter = run.parameter + i * run.stride;
      FixedPointMultiplier multiplier{
          static_cast<int32_t>(readInteger(mantissas, parameter)),
          static_cast<int32_t>(readInteger(shifts, parameter))};
      int64_t index = run.begin + i;
      writeCode(*result, index,
                requantizeFixedPoint(readInteger(input, index), multiplier,
                                     zeroPoint, codes));
    }
  });
  frame.set(op.getResult(), std::move(*result));
  return success();
}
