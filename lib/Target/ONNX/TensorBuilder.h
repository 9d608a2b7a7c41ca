//===- TensorBuilder.h - Building linalg on tensors -------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_TENSORBUILDER_H
#define PTQ_LIB_TARGET_ONNX_TENSORBUILDER_H

#include "ConstantTensor.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include <optional>

namespace mlir::ptq::importer {

/// The shape of a value that is a ranked tensor.
ArrayRef<int64_t> getShape(Value tensor);

/// The type of a tensor's elements.
Type getElementType(Value tensor);

/// Whether a tensor of `type` can exist: its static dimensions are positive and
/// the number of elements they make is one that memory could hold.
bool hasPlausibleSize(RankedTensorType type);

/// The shape that `shapes` broadcast to by ONNX's (NumPy's) rules: aligned at
/// the last dimension, size 1 stretches. A dynamic dimension goes together with
/// dynamic ones and with 1. Null if they do not fit together.
std::optional<SmallVector<int64_t>>
inferBroadcastShape(ArrayRef<ArrayRef<int64_t>> shapes);

/// Builds the ops on tensors that operators are made of, at one location. The
/// callers have checked shapes and element types.
class TensorBuilder : public ImplicitLocOpBuilder {
public:
  using ImplicitLocOpBuilder::ImplicitLocOpBuilder;
  using ScalarFn = function_ref<Value(TensorBuilder &, ValueRange)>;

  /// The sizes of `tensor`: attributes, and a `tensor.dim` where dynamic.
  SmallVector<OpFoldResult> getSizes(Value tensor);

  /// The size of the batch, where it is symbolic.
  Value createBatch();
  /// A scalar constant; for integers, the largest or smallest where `value` is
  /// infinite.
  Value createScalar(Type elementType, double value);
  /// An uninitialized tensor.
  Value createEmpty(ArrayRef<OpFoldResult> sizes, Type elementType);
  /// A tensor with all elements `value`.
  Value createFilled(ArrayRef<OpFoldResult> sizes, Type elementType,
                     double value);

  /// `tensor` repeated along new dimensions: `dimensions` of the result, which
  /// has `sizes`, are those that `tensor` lacks.
  Value createBroadcast(Value tensor, ArrayRef<OpFoldResult> sizes,
                        ArrayRef<int64_t> dimensions);
  /// `tensor` broadcast to `sizes`, by ONNX's rules.
  Value createBroadcastTo(Value tensor, ArrayRef<OpFoldResult> sizes);
  /// `tensor` with `low` and `high` elements of `value` before and after it;
  /// itself where there are none.
  Value createPad(Value tensor, ArrayRef<int64_t> low, ArrayRef<int64_t> high,
                  double value);
  /// Dimension i of the result is dimension permutation[i] of `tensor`.
  Value createTranspose(Value tensor, ArrayRef<int64_t> permutation);
  /// `tensor` in another shape, by collapsing and expanding dimensions; a
  /// constant becomes another constant. Both shapes may have one dynamic
  /// dimension. Null if they hold different numbers of elements.
  Value createReshape(Value tensor, ArrayRef<int64_t> shape);

  /// A `linalg.generic` that computes one element of the result from one of
  /// each operand by `body`, with ONNX's broadcasting of the operands. The
  /// element type of the result is that of the first operand unless given.
  Value createElementwise(ValueRange operands, ScalarFn body,
                          Type elementType = Type());
  /// `body` over `dimensions`, starting with `initial`; drops the dimensions.
  /// The operands of `body` are the element and the accumulator.
  Value createReduction(Value tensor, ArrayRef<int64_t> dimensions,
                        double initial, ScalarFn body);

private:
  /// `tensor` without the dimensions of size 1 that broadcasting to `shape`
  /// stretches, and the dimensions of `shape` that are left, in order.
  std::pair<Value, SmallVector<int64_t>>
  dropStretchedDims(Value tensor, ArrayRef<int64_t> shape);
};

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_TENSORBUILDER_H
