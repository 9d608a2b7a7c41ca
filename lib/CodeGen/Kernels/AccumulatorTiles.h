//===- AccumulatorTiles.h - Tiles of accumulators in registers --*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What kernels of sums share: what the accumulators of a tile begin with and
// what becomes of them.
//
// What the accumulators begin with, such as a bias, and what becomes of them,
// such as codes, are computed on the registers where nobody else needs the
// buffer of accumulators.
//
// A kernel may have the columns of a row in another order than memory has.
// Until the results are stored, all that is computed on them is in this order.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_ACCUMULATORTILES_H
#define PTQ_LIB_CODEGEN_KERNELS_ACCUMULATORTILES_H

#include "FusedNeighbours.h"
#include "RegisterTiles.h"

namespace mlir::ptq {

/// Emits the tiles of a kernel whose accumulators are vectors of one type.
class AccumulatorTileEmitter : public RegisterTileEmitter {
public:
  /// The accumulators are those of `op`, which has one output, with its
  /// `neighbours`.
  AccumulatorTileEmitter(RewriterBase &rewriter, linalg::LinalgOp op,
                         const RegisterTiling &tiling,
                         const FusedNeighbours &neighbours,
                         Type accumulatorElement);

protected:
  /// Adds all terms to the `accumulators` of `tile`.
  virtual SmallVector<Value> emitSums(const Tile &tile,
                                      ArrayRef<Value> accumulators) = 0;

  /// What to add to the accumulators of a vector of a tile's rows, which are
  /// integers; null if nothing is.
  virtual Value loadCorrection(int64_t column) { return nullptr; }

  /// Puts the columns of a full row of a tile into this order: for each lane of
  /// its vectors, the column.
  void setColumnOrder(ArrayRef<int64_t> order) {
    columnOrder.assign(order.begin(), order.end());
  }

  /// Whether the columns of a row of `tile` have that order.
  bool isReordered(const Tile &tile) const;

  VectorType getAccumulatorType() const { return accumulatorType; }

private:
  VectorType accumulatorType;
  int64_t lanes;
  int64_t numJoinedVectors;
  /// How many rows become one vector of results, which have these one after the
  /// other; unless their columns are in another order.
  int64_t numJoinedRows;

  /// The vectors of a row that are computed on together: all of them if their
  /// columns are in another order, and otherwise as many as one vector of
  /// results is made of.
  struct Group {
    int64_t row;
    int64_t column;
    int64_t numVectors;
    /// How many elements there are in the vectors.
    int64_t width;
    ArrayRef<int64_t> order;
  };

  void emitTile(const Tile &tile) override;
  void forEachGroup(const Tile &tile, function_ref<void(Group)> visit);
  TileVector getTileVector(Group group);

  SmallVector<Value> loadAccumulators(const Tile &tile);
  Value computeInitial(Group group);
  Value loadInitial(Group group);

  void storeAccumulators(const Tile &tile, ArrayRef<Value> accumulators);
  void storeSums(Group group, Value sums);

  Value createMask(int64_t width);

  FusedNeighbourEmitters fused;
  /// The column of each lane of a full row; empty if in order.
  SmallVector<int64_t> columnOrder;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_ACCUMULATORTILES_H
