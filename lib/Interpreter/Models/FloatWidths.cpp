//===- FloatWidths.cpp - Floats of any width, computed with in f32 --------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FloatWidths.h"
#include "../Elementwise/Kernels.h"

using namespace mlir;
using namespace mlir::ptq;

FailureOr<TensorValue> mlir::ptq::widenToF32(Operation *op,
                                             EvaluationFrame &frame,
                                             const TensorValue &value) {
  if (value.getElementType().isF32())
    return value;
  FailureOr<TensorValue> result =
      frame.allocate(op, value.getShape(), Float32Type::get(op->getContext()));
  KernelCall widen =
      getReadingKernelCall(value.getElementType(), IntegerReading::Any);
  if (failed(result) || !widen.kernel)
    return failure();
  KernelArguments args{result->getMutableRawData().data(),
                       {value.getRawData().data()},
                       static_cast<size_t>(value.getNumElements()),
                       0};
  widen.kernel(args);
  return result;
}

FailureOr<TensorValue> mlir::ptq::narrowFromF32(Operation *op,
                                                EvaluationFrame &frame,
                                                TensorValue value,
                                                Type elementType) {
  if (elementType.isF32())
    return value;
  FailureOr<TensorValue> result =
      frame.allocate(op, value.getShape(), elementType);
  KernelCall narrow = getWritingKernelCall(elementType);
  if (failed(result) || !narrow.kernel)
    return failure();
  KernelArguments args{result->getMutableRawData().data(),
                       {value.getRawData().data()},
                       static_cast<size_t>(value.getNumElements()),
                       0};
  narrow.kernel(args);
  return result;
}
