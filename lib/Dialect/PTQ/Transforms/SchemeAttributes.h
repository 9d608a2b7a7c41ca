//===- SchemeAttributes.h - Choices as attributes ---------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SCHEMEATTRIBUTES_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SCHEMEATTRIBUTES_H

#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Recipe/SchemeChoice.h"

namespace mlir::ptq {

/// The scheme that `choice` is for `op`, with `operands` that differ; null
/// where the op stays in float. Dynamic schemes are for sums of products only,
/// weight-only schemes for ops with weights.
SchemeAttr buildScheme(QuantizableOpInterface op, const SchemeChoice &choice,
                       ArrayRef<Attribute> operands = {});

/// What `choice` is for one operand of `op`.
OperandSchemeAttr buildOperandScheme(QuantizableOpInterface op, unsigned number,
                                     const SchemeChoice &choice);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SCHEMEATTRIBUTES_H
