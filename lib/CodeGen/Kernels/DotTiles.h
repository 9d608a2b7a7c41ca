//===- DotTiles.h - Register tiles of dot products -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What kernels of dot products share: what the accumulators of a tile begin
// with and what becomes of them.
//
// Where the dot product reads activations as unsigned, their sign bits are
// flipped, which adds 128 to each; 128 times the sum of the weights is taken
// from the accumulator at the start. Mostly they have been flipped before,
// where the activations were computed.
//
// What the accumulators begin with, such as a bias, and what becomes of them,
// such as codes, are computed on the registers where nobody else needs the
// buffer of accumulators.
//
// A kernel may have the columns of a row in another order than memory has.
// Until the results are stored, all that is computed on them is in this order.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_DOTTILES_H
#define PTQ_LIB_CODEGEN_KERNELS_DOTTILES_H

#include "CodeContraction.h"
#include "FusedNeighbours.h"
#include "RegisterTiles.h"
#include "mlir/IR/SymbolTable.h"
#include "ptq/CodeGen/TargetDescription.h"

namespace mlir::ptq {

/// Emits the tiles of a kernel whose accumulators are those of a dot product.
class DotTileEmitter : public RegisterTileEmitter {
public:
  DotTileEmitter(RewriterBase &rewriter, const CodeContraction &contraction,
                 const RegisterTiling &tiling,
                 const FusedNeighbours &neighbours);

protected:
  /// Adds all products to the `accumulators` of `tile`.
  virtual SmallVector<Value> emitSums(const Tile &tile,
                                      ArrayRef<Value> accumulators) = 0;

  /// Makes up for flipped signs, if the dot product needs them, of activations
  /// whose weights have these sums in each column.
  void correctSigns(ArrayRef<int32_t> columnSums,
                    SymbolTableCollection &symbols);

  /// The same with what to add, in a buffer of i32; null if nothing is.
  void correctSigns(Value corrections) { correction = corrections; }

  /// Where the corrections for a vector of a tile's rows begin: at its column,
  /// unless batches of columns have their own.
  virtual Value getCorrectionAddress(int64_t column);

  /// What to add to the accumulators of a vector of a tile's rows; null if
  /// nothing is.
  virtual Value loadCorrection(int64_t column);

  /// Puts the columns of a full row of a tile into this order: for each lane of
  /// its vectors, the column.
  void setColumnOrder(ArrayRef<int64_t> order) {
    columnOrder.assign(order.begin(), order.end());
  }

  /// Whether the columns of a row of `tile` have that order.
  bool isReordered(const Tile &tile) const;

  /// `codes`, activations, with flipped signs if the dot product reads them as
  /// unsigned and they are not flipped yet.
  Value flipSigns(Value codes);

  /// `sum` plus the products of the factors.
  Value createDot(Value sum, Value activations, Value weights);

  VectorType getAccumulatorType();
  Type getFactorType() { return builder.getIntegerType(dot.elementWidth); }

  const DotInstruction &dot;

private:
  bool haveFlippedSigns;
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

  std::optional<FusedNeighbourEmitter> initial;
  std::optional<FusedNeighbourEmitter> epilogue;
  /// What to add for the flipped signs, by column; null if nothing is.
  Value correction;
  /// The column of each lane of a full row; empty if in order.
  SmallVector<int64_t> columnOrder;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_DOTTILES_H
