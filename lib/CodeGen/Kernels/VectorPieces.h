//===- VectorPieces.h - Vectors of vectors ----------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_VECTORPIECES_H
#define PTQ_LIB_CODEGEN_KERNELS_VECTORPIECES_H

#include "mlir/IR/Builders.h"

namespace mlir::ptq {

/// `vectors`, of one element type, behind each other.
Value joinVectors(OpBuilder &builder, Location loc, ArrayRef<Value> vectors);

/// `size` elements of `vector` from `offset` on.
Value extractPiece(OpBuilder &builder, Location loc, Value vector,
                   int64_t offset, int64_t size);

/// `vector` with elements behind its own that may be anything, up to `size`.
Value padVector(OpBuilder &builder, Location loc, Value vector, int64_t size);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_VECTORPIECES_H
