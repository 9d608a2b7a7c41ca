//===- WeightElements.h - Where weights come from ---------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_WEIGHTELEMENTS_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_WEIGHTELEMENTS_H

#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"

namespace mlir::ptq {

/// For each element of the operand at the end of `path`, the element of the
/// root that it is. Failure where an element is not one of the root, as those
/// that padding adds are not, where one is used twice, or where the way depends
/// on more than constants.
FailureOr<SmallVector<int64_t>> traceElements(const EdgePath &path);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_WEIGHTELEMENTS_H
