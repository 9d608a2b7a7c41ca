//===- DotProducts.h - Sums of products, as targets have them ---*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a kernel adds to its accumulators with. Where the target adds pairs of
// products of bytes in lanes of 16 bits, a dot product is two: one that sums
// pairs, of which several fit such a lane if the factors are small enough, and
// one that adds neighbouring lanes to those of 32 bits.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_DOTPRODUCTS_H
#define PTQ_LIB_CODEGEN_KERNELS_DOTPRODUCTS_H

#include "mlir/IR/Builders.h"
#include "ptq/CodeGen/TargetDescription.h"

namespace mlir::ptq {

/// `sum` plus the products of `a` and `b`, whatever `dot` is.
Value createDot(OpBuilder &builder, Location loc, const DotInstruction &dot,
                Value sum, Value a, Value b);

/// Lanes of 16 bits for the dot product of pairs `dot` that hold nothing yet.
Value createPairSums(OpBuilder &builder, Location loc,
                     const DotInstruction &dot);

/// `pairSums` plus the products of `a` and `b`.
Value addPairs(OpBuilder &builder, Location loc, const DotInstruction &dot,
               Value pairSums, Value a, Value b);

/// `sum` plus the `pairSums` that belong to its lanes.
Value addPairSums(OpBuilder &builder, Location loc, const DotInstruction &dot,
                  Value sum, Value pairSums);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_DOTPRODUCTS_H
