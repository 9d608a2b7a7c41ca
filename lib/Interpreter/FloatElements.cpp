//===- FloatElements.cpp - Tensors of f32, f16 and bf16 as f32 ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Interpreter/FloatElements.h"
#include "Elementwise/Kernels.h"

using namespace mlir;
using namespace mlir::ptq;

bool mlir::ptq::isAtMostF32(Type type) {
  return isa<Float32Type, Float16Type, BFloat16Type>(type);
}

FloatElements::FloatElements(const TensorValue &tensor) {
  Type type = tensor.getElementType();
  assert(isAtMostF32(type) && "elements that f32 does not hold");
  KernelCall widen = getReadingKernelCall(type, IntegerReading::Any);
  if (!widen.kernel) {
    elements = tensor.getData<float>();
    return;
  }
  widened.resize(tensor.getNumElements());
  widen.kernel({widened.data(),
                {tensor.getRawData().data(), nullptr, nullptr},
                widened.size(),
                widen.immediate});
  elements = widened;
}

TensorValue mlir::ptq::createFromFloats(RankedTensorType type,
                                        ArrayRef<float> values) {
  assert(isAtMostF32(type.getElementType()) && "no narrower type than f32");
  TensorValue result = TensorValue::allocateUninitialized(type);
  if (!result)
    return result;
  MutableArrayRef<char> data = result.getMutableRawData();
  KernelCall narrow = getWritingKernelCall(type.getElementType());
  if (!narrow.kernel) {
    llvm::copy(values, result.getMutableData<float>().begin());
    return result;
  }
  narrow.kernel({data.data(),
                 {values.data(), nullptr, nullptr},
                 values.size(),
                 narrow.immediate});
  return result;
}
