//===- ElementwiseOps.h - Building elementwise linalg -----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_UTILS_ELEMENTWISEOPS_H
#define PTQ_DIALECT_PTQ_UTILS_ELEMENTWISEOPS_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::ptq {

/// An uninitialized tensor of `type`, whose dynamic sizes are those of `like`,
/// a tensor of the same rank.
Value createEmptyTensor(ImplicitLocOpBuilder &builder, RankedTensorType type,
                        Value like);

/// An operand of an elementwise op, and how an element of it is found. An
/// operand that is no tensor is used by every element.
struct ElementwiseOperand {
  Value value;
  /// From the loops to the operand's element; the identity if it is not given.
  AffineMap map = {};
};

/// Builds an element of the result from the elements of the operands.
using MakeElementFn =
    function_ref<Value(ImplicitLocOpBuilder &, ValueRange elements)>;

/// A `linalg.generic` without reductions that writes to `init`, which is read
/// nowhere and gives the type of the result.
Value createElementwise(ImplicitLocOpBuilder &builder, Value init,
                        ArrayRef<ElementwiseOperand> operands,
                        MakeElementFn makeElement);

/// As above, into a new tensor of `type` that is shaped like the first operand.
Value createElementwise(ImplicitLocOpBuilder &builder, RankedTensorType type,
                        ArrayRef<ElementwiseOperand> operands,
                        MakeElementFn makeElement);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_UTILS_ELEMENTWISEOPS_H
