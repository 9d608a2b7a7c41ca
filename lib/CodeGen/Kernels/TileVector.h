//===- TileVector.h - A vector of a tile of a kernel ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_TILEVECTOR_H
#define PTQ_LIB_CODEGEN_KERNELS_TILEVECTOR_H

#include "mlir/IR/OpDefinition.h"

namespace mlir::ptq {

/// A vector of a tile of a kernel.
struct TileVector {
  /// Where it is in each loop of the kernel.
  SmallVector<OpFoldResult> positions;
  int64_t width;
  /// Its numbers in the tile.
  int64_t row;
  int64_t column;
  /// Which of the `width` elements are where in the vector; empty if in order.
  ArrayRef<int64_t> order = {};
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_TILEVECTOR_H
