//===- ElementParameters.cpp - The parameters that elements have ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ElementParameters.h"
#include "FloatWidths.h"

using namespace mlir;
using namespace mlir::ptq;

static SmallVector<int32_t> readZeroPoints(const TensorValue &value) {
  if (value.getElementByteSize() == 1)
    return SmallVector<int32_t>(value.getData<int8_t>());
  return SmallVector<int32_t>(value.getData<int32_t>());
}

FailureOr<ElementParameters>
ElementParameters::create(Operation *op, EvaluationFrame &frame,
                          ArrayRef<int64_t> shape, Value scale, Value zeroPoint,
                          std::optional<int64_t> axis,
                          std::optional<ArrayRef<int64_t>> blocks) {
  ElementParameters map(axis     ? ParameterLayout::alongAxis(shape, *axis)
                        : blocks ? ParameterLayout::inBlocks(shape, *blocks)
                                 : ParameterLayout::perTensor(shape));
  FailureOr<TensorValue> scales = widenToF32(op, frame, frame.get(scale));
  if (failed(scales))
    return failure();
  map.scales = *scales;
  if (map.scales.getShape() != map.layout.getParameterShape())
    return op->emitError("scales ")
           << map.scales.getType() << " do not fit data of type "
           << RankedTensorType::get(shape, map.scales.getElementType());
  if (!zeroPoint)
    return map;
  map.zeroPoints = readZeroPoints(frame.get(zeroPoint));
  // A zero point for the whole tensor goes with any scales.
  if (map.zeroPoints.size() == 1)
    map.zeroPoints.resize(map.scales.getNumElements(), map.zeroPoints.front());
  if (static_cast<int64_t>(map.zeroPoints.size()) !=
      map.scales.getNumElements())
    return op->emitError("has ") << map.zeroPoints.size() << " zero points for "
                                 << map.scales.getNumElements() << " scales";
  return map;
}
