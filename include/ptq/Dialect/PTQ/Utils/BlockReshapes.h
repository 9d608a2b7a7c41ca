//===- BlockReshapes.h - Blocks as a dimension of their own -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scales of blocks are indexed by quotients of a loop, along which nothing can
// be a vector. Split into blocks and elements of a block, the dimension gives
// loops that index scales plainly.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_UTILS_BLOCKRESHAPES_H
#define PTQ_DIALECT_PTQ_UTILS_BLOCKRESHAPES_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::ptq {

/// Splits dimension `dim` of `tensor`, whose size is static, into blocks of
/// `blockSize`: [..., n, ...] becomes [..., ceil(n / blockSize), blockSize,
/// ...]. A short last block is filled up with zeros.
Value createSplitIntoBlocks(ImplicitLocOpBuilder &builder, Value tensor,
                            int64_t dim, int64_t blockSize);

/// Joins dimensions `dim` and `dim + 1` of `tensor`, which are blocks and their
/// elements.
Value createJoinedBlocks(ImplicitLocOpBuilder &builder, Value tensor,
                         int64_t dim);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_UTILS_BLOCKRESHAPES_H
