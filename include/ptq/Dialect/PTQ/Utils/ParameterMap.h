//===- ParameterMap.h - Which scale an element has --------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_UTILS_PARAMETERMAP_H
#define PTQ_DIALECT_PTQ_UTILS_PARAMETERMAP_H

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/BuiltinTypes.h"
#include <optional>

namespace mlir::ptq {

/// From the index of an element of `type` to the index of its scale: the index
/// along `axis`, or the number of the block; nothing for one scale. A dimension
/// that one block covers has the constant number 0.
AffineMap getParameterMap(RankedTensorType type, std::optional<int64_t> axis,
                          std::optional<ArrayRef<int64_t>> blockSizes);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_UTILS_PARAMETERMAP_H
