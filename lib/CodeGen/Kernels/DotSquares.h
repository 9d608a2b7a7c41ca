//===- DotSquares.h - Accumulators of several rows ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dot product may multiply r rows of activations with r columns of weights,
// into squares of r x r lanes. Its accumulators then hold r rows of lanes / r
// columns. A kernel sees plain rows, whose vectors are as long: r such vectors,
// one of each row, are r accumulators, and become them before the reduction
// and rows again behind it.
//
// The packed weights of a vector of columns are those of its accumulators one
// behind the other, so that PackedWeights.h need not know.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_DOTSQUARES_H
#define PTQ_LIB_CODEGEN_KERNELS_DOTSQUARES_H

#include "mlir/IR/Builders.h"
#include "ptq/CodeGen/TargetDescription.h"

namespace mlir::ptq {

/// Turns rows into squares and back. Rows are taken in groups of `dot.rows`, of
/// which the last one may be short; what its lanes of rows that do not exist
/// hold does not matter.
class DotSquares {
public:
  DotSquares(OpBuilder &builder, Location loc, const DotInstruction &dot)
      : builder(builder), loc(loc), dot(dot) {}

  /// The groups of `rows` rows.
  int64_t getNumGroups(int64_t rows) const {
    return llvm::divideCeil(rows, dot.rows);
  }

  /// The accumulators for `vectors`, of `rows` rows, row by row: group by
  /// group, and for each of its vectors of columns one behind the other.
  SmallVector<Value> fromRows(ValueRange vectors, int64_t rows) const;

  /// The way back.
  SmallVector<Value> toRows(ValueRange accumulators, int64_t rows) const;

  /// The factors for the accumulators of one vector of columns among `weights`.
  SmallVector<Value> splitWeights(Value weights) const;

  /// `runs` of the activations, one for each row of a group, in all lanes: each
  /// of them as one integer.
  Value spreadActivations(ArrayRef<Value> runs) const;

private:
  OpBuilder &builder;
  Location loc;
  const DotInstruction &dot;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_DOTSQUARES_H
