//===- WeightConstants.cpp - Codes of observed constants ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WeightConstants.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Interpreter/FloatElements.h"
#include "ptq/Quantization/ArrayQuantization.h"
#include "ptq/Quantization/ParameterLayout.h"

using namespace mlir;
using namespace mlir::ptq;

/// Fills `codes` with the codes of `values`, which have the shape of `codes`.
template <typename T>
static void quantizeInto(TensorValue &codes, ArrayRef<float> values,
                         EncodingAttr encoding,
                         const EdgeParameters &parameters) {
  SmallVector<float> scales;
  SmallVector<int32_t> zeroPoints;
  for (const QuantizationParameters &p : parameters.values) {
    scales.push_back(p.scale);
    zeroPoints.push_back(p.zeroPoint);
  }
  CodeRange range{encoding.getMinCode(), encoding.getMaxCode()};
  MutableArrayRef<T> target = codes.getMutableData<T>();
  encoding.getParameterLayout(codes.getShape())
      .forEachRun([&](const ElementRun &run) {
        ParameterRun part{scales.data() + run.parameter,
                          zeroPoints.data() + run.parameter, run.stride};
        quantizeArray<T>(values.slice(run.begin, run.count), part, range,
                         target.slice(run.begin, run.count));
      });
}

FailureOr<Value>
mlir::ptq::createWeightCodes(OpBuilder &builder, ObserveOp observer,
                             const EdgeParameters &parameters) {
  FailureOr<TensorValue> constant = evaluateConstant(observer.getInput());
  if (failed(constant) || !isAtMostF32(constant->getElementType()))
    return observer.emitOpError("observes a constant whose data is missing");
  FloatElements values(*constant);
  EncodingAttr encoding = observer.getEncoding();
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  TensorValue codes =
      TensorValue::allocateUninitialized(type.clone(encoding.getStorage()));
  if (codes.getElementByteSize() == 1)
    quantizeInto<int8_t>(codes, values.get(), encoding, parameters);
  else
    quantizeInto<int16_t>(codes, values.get(), encoding, parameters);
  Location loc = observer.getLoc();
  StringRef name = observer.getEdge();
  return createCodeConstant(builder, loc, codes, name);
}
