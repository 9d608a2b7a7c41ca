//===- ElementwiseFunction.h - Tensor ops as functions of elements -*- C++
//-*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_MODELS_ELEMENTWISEFUNCTION_H
#define PTQ_DIALECT_PTQ_MODELS_ELEMENTWISEFUNCTION_H

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::ptq {

/// Whether `op`, of linalg or with elementwise traits, computes every element
/// of its one result, a tensor, from the same element of each operand that is
/// not uniform. All elements are of one float type.
bool isElementwiseFunction(Operation *op);

/// The tensors that an op that `isElementwiseFunction` is about reads.
SmallVector<Value> getElementwiseInputs(Operation *op);

/// Builds what such an op computes of one element. `elements` maps the tensors
/// that it reads to their elements; uniform ones become constants.
Value inlineElementwiseFunction(ImplicitLocOpBuilder &builder, Operation *op,
                                const IRMapping &elements);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_MODELS_ELEMENTWISEFUNCTION_H
