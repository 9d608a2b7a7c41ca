//===- PayloadKernel.h - A structured op on vectors -------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_PAYLOADKERNEL_H
#define PTQ_LIB_CODEGEN_KERNELS_PAYLOADKERNEL_H

#include "FusedNeighbours.h"
#include "LoopNests.h"
#include "RegisterTiles.h"
#include "ptq/CodeGen/TargetDescription.h"
#include "ptq/Support/MatchExplanation.h"

namespace mlir::ptq {

/// How `op`, on buffers, becomes vectors. If it cannot, `explain` is told why.
FailureOr<RegisterTiling> planPayload(linalg::LinalgOp op,
                                      const TargetDescription &target,
                                      ExplainFn explain);

/// Emits an op with its payload on vectors.
class PayloadEmitter : public RegisterTileEmitter {
public:
  /// `computedInput` is an input that `loadOperand` does not load.
  PayloadEmitter(RewriterBase &rewriter, linalg::LinalgOp op,
                 const RegisterTiling &tiling,
                 const FusedNeighbours &neighbours = {},
                 std::optional<unsigned> computedInput = std::nullopt);

protected:
  /// How the loop over the reduction `dim` runs.
  virtual BlockedRange getReductionRange(unsigned dim) const;

  /// Whether input `input` differs between positions of loop `dim`.
  virtual bool dependsOn(unsigned input, unsigned dim) const;

  /// Operand `index` for a vector of the tile.
  virtual Value loadOperand(unsigned index, const Tile &tile, int64_t row,
                            int64_t column);

  /// Runs the reductions on the accumulators of a tile.
  virtual SmallVector<Value> emitSums(const Tile &tile,
                                      ArrayRef<Value> accumulators);

  /// Stores the results of a tile: for each of its vectors, in each output.
  virtual void storeResults(const Tile &tile, ArrayRef<Value> results);

  /// The payload on a vector of the tile, without what its arguments are.
  PayloadPart createPart(int64_t width, int64_t row, int64_t column);

private:
  /// Loads what is the same for all vectors of a row.
  void beginVectorLoop() override;

  /// Loads the accumulators of a tile, runs the reductions, and stores.
  void emitTile(const Tile &tile) override;

  /// The payload for every vector of the tile. Operands that do not depend on
  /// the row or the column are loaded once.
  SmallVector<Value> emitPayload(const Tile &tile, ValueRange accumulators);

  TileVector getTileVector(const Tile &tile, int64_t row, int64_t column);

  /// The position in loop `dim` of each element.
  Value emitIndex(unsigned dim, int64_t width, int64_t row, int64_t column);

  FusedNeighbourEmitters fused;
  /// The elements of inputs that all vectors of a row share, by their number.
  llvm::DenseMap<unsigned, Value> shared;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_PAYLOADKERNEL_H
