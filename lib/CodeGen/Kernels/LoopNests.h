//===- LoopNests.h - Blocked loops around kernels --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_LOOPNESTS_H
#define PTQ_LIB_CODEGEN_KERNELS_LOOPNESTS_H

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"

namespace mlir::ptq {

/// Whether iterations may run at the same time, or one after the other.
enum class LoopOrder { Parallel, Ordered };

/// Calls `emit(position, size)` for consecutive blocks that cover
/// [0, `range`): once inside a loop over all blocks of the first of the sizes
/// `blocks`, then for the remainder, which is one smaller block if it is known
/// statically. If it is not there are loops over blocks of the other sizes, and
/// of one element. A loop of one iteration is not built.
void emitBlocks(OpBuilder &builder, Location loc, OpFoldResult range,
                ArrayRef<int64_t> blocks,
                function_ref<void(Value position, int64_t size)> emit,
                LoopOrder order = LoopOrder::Parallel);

/// Builds a nest of loops over `ranges` that carries `inits`. `emit` gets the
/// position in each range and the carried values, and returns the new ones.
SmallVector<Value> emitReductionNest(
    OpBuilder &builder, Location loc, ArrayRef<OpFoldResult> ranges,
    ValueRange inits,
    function_ref<SmallVector<Value>(ValueRange positions, ValueRange carried)>
        emit);

/// Some of a loop's positions: `size` of them from `first` on.
struct LoopPart {
  OpFoldResult first;
  OpFoldResult size;
};

/// A range that a loop goes through in blocks.
struct BlockedRange {
  OpFoldResult size;
  /// The sizes of blocks and of those that they consist of, the smallest first.
  /// Each divides the next one; `size` is static if there are any, and the last
  /// block may be short.
  SmallVector<int64_t> blocks;
};

/// Builds a nest of loops over `ranges`, with a loop over the blocks of each
/// size, that carries `inits`. The smallest blocks are unrolled if they are
/// small enough. `emit` gets the position in each range and the carried values,
/// and returns the new ones.
SmallVector<Value> emitBlockedReductionNest(
    OpBuilder &builder, Location loc, ArrayRef<BlockedRange> ranges,
    ValueRange inits,
    function_ref<SmallVector<Value>(ArrayRef<OpFoldResult> positions,
                                    ValueRange carried)>
        emit);

/// The value of `expr` at `dims`, as an index value.
Value applyExpr(OpBuilder &builder, Location loc, AffineExpr expr,
                ArrayRef<OpFoldResult> dims);

/// The values of `map` at `dims`, each as an index value.
SmallVector<Value> applyMap(OpBuilder &builder, Location loc, AffineMap map,
                            ArrayRef<OpFoldResult> dims);

/// `value` plus a constant.
OpFoldResult addConstant(OpBuilder &builder, Location loc, OpFoldResult value,
                         int64_t constant);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_LOOPNESTS_H
