//===- TensorConstants.cpp - Constants of tensors, however stored ---------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::ptq;

FailureOr<SmallVector<float>> mlir::ptq::readFloatConstant(Value value) {
  TypedAttr attr;
  if (!matchPattern(value, m_Constant(&attr)) ||
      !getElementTypeOrSelf(attr.getType()).isF32())
    return failure();
  FailureOr<TensorValue> tensor =
      TensorValue::fromAttribute(attr, [] { return InFlightDiagnostic(); });
  if (failed(tensor))
    return failure();
  ArrayRef<float> data = tensor->getData<float>();
  return SmallVector<float>(data.begin(), data.end());
}

Value mlir::ptq::createTensorConstant(OpBuilder &builder, Location loc,
                                      const TensorValue &tensor,
                                      StringRef name) {
  constexpr int64_t kMaxDenseElements = 16;
  TypedAttr attr;
  if (tensor.getNumElements() <= kMaxDenseElements)
    attr = tensor.toDenseElements();
  else
    attr = tensor.toResource(name);
  return arith::ConstantOp::create(builder, loc, attr);
}

Value mlir::ptq::createFloatConstant(OpBuilder &builder, Location loc,
                                     ArrayRef<int64_t> shape,
                                     ArrayRef<float> values, StringRef name) {
  TensorValue tensor = TensorValue::allocateUninitialized(
      RankedTensorType::get(shape, builder.getF32Type()));
  llvm::copy(values, tensor.getMutableData<float>().begin());
  return createTensorConstant(builder, loc, tensor, name);
}
