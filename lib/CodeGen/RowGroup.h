//===- RowGroup.h - Ops that run row by row together ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// If all ops step through a buffer by the same strides, and each row stays
// within a step, their rows are disjoint.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_ROWGROUP_H
#define PTQ_LIB_CODEGEN_ROWGROUP_H

#include "OpRows.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/MapVector.h"
#include <optional>

namespace mlir::ptq {

/// An operand that is a buffer, and what of it the rows of its op touch.
struct BufferUse {
  linalg::LinalgOp op;
  OpOperand *operand;
  std::optional<RowAccess> access;
};

/// Ops that go through rows of the same number.
class RowGroup {
public:
  /// Adds `op`, if it can run row by row together with the others. Returns why
  /// it cannot, or null.
  const char *add(linalg::LinalgOp op);

  /// Chooses how many leading loops are outside and how many rows of the last
  /// one run at once, such that they take `cacheBytes`. Returns why nothing is
  /// gained, or null.
  const char *choose(int64_t cacheBytes);

  /// Replaces the ops by a loop.
  void emit(RewriterBase &rewriter);

  ArrayRef<linalg::LinalgOp> getOps() const { return ops; }

private:
  using Uses = llvm::MapVector<Value, SmallVector<BufferUse>>;

  /// What all ops use, for the first `numRows` leading loops; nothing if rows
  /// of different ops overlap.
  std::optional<Uses> findUses(ArrayRef<linalg::LinalgOp> ops,
                               size_t numRows) const;
  static bool areRowsDisjoint(ArrayRef<BufferUse> uses, ArrayRef<int64_t> rows);
  static bool isWritten(ArrayRef<BufferUse> uses) {
    return llvm::any_of(uses, [](const BufferUse &use) {
      return linalg::LinalgOp(use.op).isDpsInit(use.operand);
    });
  }
  bool sumsFloats() const;

  /// The sizes of `operand` that `size` rows touch.
  SmallVector<int64_t> getBlockShape(linalg::LinalgOp op, OpOperand &operand,
                                     int64_t size) const;
  /// The loop that is outside and indexes dimension `index` of `operand`.
  std::optional<size_t> getRowLoop(linalg::LinalgOp op, OpOperand &operand,
                                   unsigned index) const;
  /// The type of a buffer of `size` rows in place of `root`; null if somebody
  /// else needs it.
  MemRefType getBlockType(Value root, ArrayRef<BufferUse> uses,
                          int64_t size) const;

  void emitLoops(OpBuilder &builder, SmallVector<Value> &positions);
  void emitBlock(OpBuilder &builder, ArrayRef<Value> positions, int64_t size);
  Value cut(OpBuilder &builder, linalg::LinalgOp op, OpOperand &operand,
            ArrayRef<Value> positions, int64_t size,
            const llvm::DenseMap<Value, Value> &blocks);

  SmallVector<linalg::LinalgOp> ops;
  /// The sizes of the leading loops that all ops have.
  SmallVector<int64_t> rows;
  int64_t blockRows = 1;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_ROWGROUP_H
