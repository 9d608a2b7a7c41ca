//===- RegisterTiles.h - The loops around a register tile *- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_REGISTERTILES_H
#define PTQ_LIB_CODEGEN_KERNELS_REGISTERTILES_H

#include "FlatAccess.h"
#include "LoopNests.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::ptq {

/// The part of a structured op that is computed in registers.
struct RegisterTiling {
  /// The loop that becomes vectors, and the elements of one vector.
  unsigned vectorDim = 0;
  int64_t lanes = 1;
  /// The loop whose points share vector operands, if any.
  std::optional<unsigned> tileDim;
  /// The size of a tile: positions of `tileDim` by vectors of `vectorDim`.
  int64_t rows = 1;
  int64_t vectors = 1;
  /// The parallel loops that run inside of the one over vectors, around the
  /// rows; all others run outside.
  SmallVector<unsigned> innerDims;
  /// Whether the loop over rows runs around the one over vectors.
  bool rowsOutside = false;
  /// The parallel loops whose iterations run one after the other, since all of
  /// them update the same.
  SmallVector<unsigned> orderedDims;

  /// Chooses `rows` for `range` positions of `tileDim`: at most `limit`, a
  /// multiple of `unit` if that is one, and such that the tiles are even.
  void setRows(int64_t range, int64_t limit, int64_t unit = 1);

  /// The loops by whose positions the rows of a tile differ: one, if any.
  ArrayRef<unsigned> getTileDims() const {
    return tileDim ? ArrayRef<unsigned>(*tileDim) : ArrayRef<unsigned>();
  }
};

/// Emits the loops of a structured op on buffers, down to its register tiles:
/// all parallel loops but two outermost, then vectors, then rows.
class RegisterTileEmitter {
public:
  /// Without `touchesOutputs` whatever else is computed on registers takes the
  /// place of the op's outputs, and `computedInput` is an input with which it
  /// is so.
  RegisterTileEmitter(RewriterBase &rewriter, linalg::LinalgOp op,
                      const RegisterTiling &tiling, bool touchesOutputs = true,
                      std::optional<unsigned> computedInput = std::nullopt);
  virtual ~RegisterTileEmitter() = default;

  void emitLoops();

protected:
  /// One tile: the number of rows, and the elements of each vector of a row.
  /// Only the last vector may be narrower than the others.
  struct Tile {
    int64_t rows = 1;
    SmallVector<int64_t> widths;

    int64_t getNumVectors() const { return rows * widths.size(); }
  };

  /// Called at the `positions` of the outer loops, before the one over vectors.
  virtual void beginVectorLoop() {}

  /// Called where the vectors of `tile` are at `positions`, before the loops
  /// that share them.
  virtual void beginVectors(const Tile &tile) {}

  /// Emits the tile at `positions`.
  virtual void emitTile(const Tile &tile) = 0;

  /// The positions of reduction loop `dim` that the sums of the tile at
  /// `positions` are computed of: all, unless others are accounted for.
  virtual LoopPart getReductionPart(unsigned dim) {
    return {builder.getIndexAttr(0), ranges[dim]};
  }

  /// Runs the reduction loops `dims`, outermost first, around `emit`, which
  /// gets the carried values and returns the new ones.
  SmallVector<Value>
  emitReductions(ArrayRef<unsigned> dims, ValueRange carried,
                 function_ref<SmallVector<Value>(ValueRange)> emit);

  /// The position in every loop of a vector of the tile.
  SmallVector<OpFoldResult> getPositions(int64_t row, int64_t column);

  /// The address of a vector of the tile.
  Value getAddress(const FlatAccess &access, int64_t row, int64_t column);

  /// Calls `visit` for every vector of the tile, row by row.
  static void
  forEachVector(const Tile &tile,
                function_ref<void(int64_t row, int64_t column)> visit);

  const FlatAccess &getOutput(unsigned index) const {
    return accesses[numInputs + index];
  }

  RewriterBase &builder;
  Location loc;
  linalg::LinalgOp op;
  RegisterTiling tiling;
  unsigned numInputs;
  unsigned numOutputs;
  /// One for each operand, empty if it is not touched: the inputs, then the
  /// outputs.
  SmallVector<FlatAccess> accesses;
  /// The size of each loop.
  SmallVector<OpFoldResult> ranges;
  /// Where the loops around the insertion point are.
  SmallVector<OpFoldResult> positions;
  SmallVector<unsigned> reductionDims;

private:
  LoopOrder getOrder(unsigned dim) const;

  /// Loops over `dims`, around what `emitInner` emits.
  void emitLoops(ArrayRef<unsigned> dims, function_ref<void()> emitInner);
  /// Loops over the vectors of rows, with the widths of those in a tile.
  void emitVectorLoop(function_ref<void(SmallVector<int64_t> widths)> emit);
  /// Loops over the rows, with the number of those in a tile.
  void emitRowLoop(function_ref<void(int64_t rows)> emit);
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_REGISTERTILES_H
