//===- StructuredOpBuilder.h - A structured op on other types ---*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_UTILS_STRUCTUREDOPBUILDER_H
#define PTQ_DIALECT_PTQ_UTILS_STRUCTUREDOPBUILDER_H

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::ptq {

/// Builds `op`, which has one result, again on `operands` of other element
/// types: the inputs and then the init. A named op builds its body by itself,
/// with signed conversions; the body of any other yields what `makeElement`
/// builds from the block's arguments.
Value rebuildStructuredOp(
    OpBuilder &builder, linalg::LinalgOp op, ValueRange operands,
    function_ref<Value(ImplicitLocOpBuilder &, Block &)> makeElement);

/// An uninitialized tensor of the shape of the result of `op`, with elements of
/// `elementType`. Makes no use of the values in the op's init: what is asked
/// for dynamic sizes is the empty tensor at the beginning of them.
Value createEmptyResult(ImplicitLocOpBuilder &builder, linalg::LinalgOp op,
                        Type elementType);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_UTILS_STRUCTUREDOPBUILDER_H
