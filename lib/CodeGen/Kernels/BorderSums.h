//===- BorderSums.h - What a border adds to sums ----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel that leaves out the rows of a window that are border begins with
// what these would have added. All codes of the border are the same, so that
// this is the code times a sum of weights: the ones of the rows before the
// image, and of those behind it. Mostly the dot product would read zeros, and
// there is nothing to add: real zeros are the lowest codes behind a ReLU, and
// with flipped signs the lowest code is 0.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_BORDERSUMS_H
#define PTQ_LIB_CODEGEN_KERNELS_BORDERSUMS_H

#include "DotPlan.h"

namespace mlir::ptq {

class BorderSums {
public:
  /// Nothing is added.
  BorderSums() = default;

  /// Prepares what is added to products with `packed` weights, of one shift,
  /// where the border of `plan` is left out; a table in the module, unless it
  /// is nothing.
  template <typename T>
  BorderSums(RewriterBase &rewriter, const DotPlan &plan,
             const PackedWeights<T> &packed, SymbolTableCollection &symbols);

  bool isZero() const { return !table; }

  /// What is added to sums of the rows `inside` of a window: a vector, for as
  /// many places of the packed weights from `place` on. Not if it is zero.
  Value load(OpBuilder &builder, Location loc, const LoopPart &inside,
             Value place) const;

private:
  /// For each place of the weights, and each number of rows from none up to
  /// all: what the first rows add, then the same for all but the first.
  Value table;
  int64_t numRows = 0;
  int64_t numPlaces = 0;
  int64_t lanes = 0;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_BORDERSUMS_H
