//===- IterationSpace.h - Loops and addresses of structured ops -*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a structured op means for memory: the extent of every loop, and for
// every operand the distance that one step of each loop moves in it. A window
// `h * 2 + kh` is nothing special here, since the address is linear in both
// loops; a convolution is a contraction whose strides happen to overlap.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_STRUCTURED_ITERATIONSPACE_H
#define PTQ_LIB_INTERPRETER_STRUCTURED_ITERATIONSPACE_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "ptq/Interpreter/TensorValue.h"

namespace mlir::ptq {

/// Where a loop nest reads or writes an operand.
struct Access {
  /// The element at the origin of the loops.
  int64_t offset = 0;
  /// Elements from one iteration of each loop to the next. 0 for loops of one
  /// iteration.
  SmallVector<int64_t, 6> strides;
};

struct IterationSpace {
  SmallVector<int64_t, 6> sizes;
  SmallVector<bool, 6> isReduction;
  /// One for each operand, inputs first.
  SmallVector<Access, 4> accesses;

  unsigned getNumLoops() const { return sizes.size(); }
  bool isEmpty() const { return llvm::is_contained(sizes, 0); }

  /// Removes loops of one iteration and merges neighbours that every operand
  /// walks through as if they were one. Does not change the order in which
  /// elements are visited.
  void simplify();
};

/// The loops of a structured op and which element each operand has in an
/// iteration: all that the IR says, without sizes.
class LoopNest {
public:
  /// Reports an error at `op` where a map is not linear, unless it is that of
  /// an input and divides by positive constants.
  static FailureOr<LoopNest> create(linalg::LinalgOp op);

  /// Finds the extents from the shapes of the operands and checks that every
  /// access stays within its operand. An input that is read at quotients or
  /// remainders is replaced in `operands` by its elements in the order of the
  /// loops. Reports an error at `op` where shapes disagree or an access is out
  /// of bounds.
  FailureOr<IterationSpace>
  getSpace(Operation *op, MutableArrayRef<TensorValue> operands) const;

private:
  /// `constant + sum of coefficients[i] * d_i`: the index in one dimension.
  struct LinearForm {
    int64_t constant = 0;
    SmallVector<int64_t, 6> coefficients;
    /// The loop that the index is equal to, if it is one.
    std::optional<unsigned> loop;
  };

  /// An input that is read at quotients or remainders, and where.
  struct DividedInput {
    unsigned operand;
    AffineMap map;
  };

  bool isDivided(unsigned operand) const {
    return llvm::any_of(dividedInputs, [&](const DividedInput &input) {
      return input.operand == operand;
    });
  }
  SmallVector<LinearForm, 4> getForms(AffineMap map, bool &isLinear) const;
  static LogicalResult addScaled(LinearForm &form, AffineExpr expr,
                                 int64_t factor);
  static LogicalResult checkBounds(Operation *op, const LinearForm &form,
                                   ArrayRef<int64_t> sizes, int64_t size,
                                   unsigned operand, unsigned dim);
  LogicalResult inferSizes(Operation *op, ArrayRef<TensorValue> operands,
                           MutableArrayRef<int64_t> sizes) const;

  SmallVector<bool, 6> isReduction;
  /// For every operand, the index in each of its dimensions.
  SmallVector<SmallVector<LinearForm, 4>, 4> indices;
  /// Their indices are those of what they are replaced by.
  SmallVector<DividedInput, 1> dividedInputs;
};

/// Counts through the iterations of some loops, the last one fastest, and keeps
/// the offsets of a list of accesses.
class LoopCounter {
public:
  LoopCounter(const IterationSpace &space, ArrayRef<unsigned> loops);

  /// Moves on; false after the last iteration, with everything at the origin.
  bool next();

  int64_t getOffset(unsigned access) const { return offsets[access]; }
  /// The current iteration of the loop at `position` in the list.
  int64_t getIndex(unsigned position) const { return indices[position]; }

private:
  const IterationSpace &space;
  SmallVector<unsigned, 6> loops;
  SmallVector<int64_t, 6> indices;
  /// Relative to the offsets of the accesses.
  SmallVector<int64_t, 4> offsets;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_STRUCTURED_ITERATIONSPACE_H
