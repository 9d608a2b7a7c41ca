//===- VectorSlices.h - Vectors joined and cut --------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_VECTORSLICES_H
#define PTQ_LIB_CODEGEN_KERNELS_VECTORSLICES_H

#include "mlir/IR/Builders.h"

namespace mlir::ptq {

/// `vectors`, of one element type, behind each other.
Value joinVectors(OpBuilder &builder, Location loc, ArrayRef<Value> vectors);

/// The `size` elements of `vector` from `first` on.
Value sliceVector(OpBuilder &builder, Location loc, Value vector, int64_t first,
                  int64_t size);

/// The elements of `vector` at the places in `picked`; all of them if empty.
Value pickElements(OpBuilder &builder, Location loc, Value vector,
                   ArrayRef<int64_t> picked);

/// `vector` with elements behind its own that may be anything, up to `size`.
Value padVector(OpBuilder &builder, Location loc, Value vector, int64_t size);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_VECTORSLICES_H
