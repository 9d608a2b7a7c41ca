//===- Gather.h - Rows of a table -------------------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_OPERATORS_GATHER_H
#define PTQ_LIB_TARGET_ONNX_OPERATORS_GATHER_H

#include "../TensorBuilder.h"

namespace mlir::ptq::importer {

/// `index`, of index type, as a position in [0, size): from -size on it counts
/// from the end; others are clamped to the nearest position.
Value createPosition(TensorBuilder &builder, Value index, int64_t size);

/// The positions of `data` along the static dimension `axis` that `indices`
/// name, as a `linalg.generic` that extracts elements of `data`. The dimensions
/// of `indices` take the place of `axis`. Indices from -size on count from the
/// end; others are clamped to the nearest position, so that nothing outside of
/// `data` is read. With `areInRange` the indices need neither.
Value createGather(TensorBuilder &builder, Value data, Value indices,
                   int64_t axis, bool areInRange);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_OPERATORS_GATHER_H
