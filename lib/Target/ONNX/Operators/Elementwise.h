//===- Elementwise.h - What elementwise operators share ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef PTQ_LIB_TARGET_ONNX_OPERATORS_ELEMENTWISE_H
#define PTQ_LIB_TARGET_ONNX_OPERATORS_ELEMENTWISE_H

#include "../Node.h"

namespace mlir::ptq::importer {

/// Imports an operator that applies `body` to each float of its first input.
LogicalResult importUnary(Node &node, TensorBuilder::ScalarFn body);

/// Sets output 0 to `body` of one element of each operand, with broadcasting.
/// The element type is that of the first operand unless given.
LogicalResult setElementwise(Node &node, ValueRange operands,
                             TensorBuilder::ScalarFn body,
                             Type elementType = Type());

/// `OpTy` of scalars, as the body of an operator.
template <typename OpTy>
Value createScalarOp(TensorBuilder &builder, ValueRange operands) {
  return OpTy::create(builder, operands.front().getType(), operands);
}

/// The scalar `value` in another element type, by the rules of Cast.
Value convertScalar(TensorBuilder &builder, Value value, Type type);

/// 1 / (1 + exp(-value)).
Value createSigmoid(TensorBuilder &builder, Value value);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_OPERATORS_ELEMENTWISE_H
