//===- FusedNeighbours.h - What comes before and after a kernel -*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The accumulators of a kernel are in registers. Where they begin with a bias,
// and are requantized when they are done, an elementwise op before the kernel
// writes the buffer of accumulators, and one behind it reads it. Both can be
// computed on the registers: then there is no such buffer.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_FUSEDNEIGHBOURS_H
#define PTQ_LIB_CODEGEN_KERNELS_FUSEDNEIGHBOURS_H

#include "FlatAccess.h"
#include "FusedExtrema.h"
#include "TileVector.h"
#include "VectorPayload.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::ptq {

/// The buffer that `value` is a view of.
Value getViewedBuffer(Value value);

/// Whether a buffer of this root is another one wherever its root is another
/// one: outputs do not overlap inputs, and what is allocated is new. What a
/// loop carries, for one, may be anything.
bool isDistinctBuffer(Value root);

/// Whether `op` only allocates, or has no effect on memory.
bool leavesMemory(Operation *op);

/// Whether nothing from `first` up to `last`, in one block, writes to `values`.
bool leaveAsTheyAre(Operation *first, Operation *last, ValueRange values);

/// The uses of `buffer` in the order of the program; none if some are not by
/// structured ops in the block of `kernel`, or several by the same.
SmallVector<OpOperand *> getOrderedUses(Value buffer, linalg::LinalgOp kernel);

/// An elementwise op that reads or writes the accumulators of a kernel.
struct FusedNeighbour {
  linalg::LinalgOp op;
  /// For each loop of the op, the one of the kernel that indexes the same
  /// dimension of the accumulators.
  SmallVector<unsigned> loops;
  /// The loop along which the kernel has vectors.
  unsigned vectorDim;
  /// The input that is the accumulators; none where the op writes them.
  std::optional<unsigned> accumulator;

  /// How many elements neighbouring positions of the kernel's loop `loop` are
  /// apart in the op's output, if that is known.
  std::optional<int64_t> getResultStride(unsigned loop) const;
};

/// The ops around a kernel. Each one only with those before it.
struct FusedNeighbours {
  /// What the accumulators begin with.
  std::optional<FusedNeighbour> initial;
  /// All that becomes of them.
  std::optional<FusedNeighbour> epilogue;
  /// What is measured of that.
  std::optional<FusedExtrema> extrema;

  /// Finds the ops around `kernel`, a contraction on buffers with one output,
  /// whose vectors lie along its loop `vectorDim`. For an epilogue the buffer
  /// of accumulators must be allocated here, and be overwritten before anybody
  /// else reads it; the order of memory accesses must allow the kernel to take
  /// the place of the epilogue.
  static FusedNeighbours find(linalg::LinalgOp kernel, unsigned vectorDim);

  /// Finds extrema as well, for a kernel that computes each result once and
  /// keeps the order that `tiling` is given for that.
  void findExtrema(linalg::LinalgOp kernel, RegisterTiling &tiling);

  unsigned getNumOps() const {
    return initial.has_value() + epilogue.has_value() + extrema.has_value();
  }

  /// Erases them with `kernel`, all of which has been computed, and the buffer
  /// of accumulators if it has no other use.
  void eraseWith(RewriterBase &rewriter, linalg::LinalgOp kernel) const;
};

/// Computes a neighbour on vectors of a kernel. Operands that do not depend on
/// `tileDims`, loops of the kernel by whose positions the rows of a tile
/// differ, are loaded once for all of them.
class FusedNeighbourEmitter {
public:
  /// Builds the views of the operands at the insertion point.
  FusedNeighbourEmitter(OpBuilder &builder, const FusedNeighbour &neighbour,
                        ArrayRef<unsigned> tileDims);

  using LoadFn = std::function<Value(const TileVector &vector)>;

  /// Has `load` give the elements of input `number` in a vector, in place of
  /// its buffer, which holds the same.
  void loadBy(unsigned number, LoadFn load) { loads[number] = std::move(load); }

  /// Takes `extrema` of the results.
  void measure(const FusedExtrema &extrema) {
    measuring.emplace(builder, extrema, neighbour);
  }

  /// Forgets what has been loaded: for another tile of the kernel.
  void beginTile() { loaded.clear(); }

  /// What `vector` begins with.
  Value emitInitial(const TileVector &vector);

  /// Computes the results from the accumulators of a tile's `vectors`, and
  /// stores them. Those of `numJoined` vectors, whose elements are in order,
  /// follow each other in memory, and are computed together.
  void emitResults(ArrayRef<TileVector> vectors, ArrayRef<Value> accumulators,
                   int64_t numJoined = 1);

private:
  SmallVector<OpFoldResult>
  getOwnPositions(ArrayRef<OpFoldResult> positions) const;
  PayloadPart loadOperands(const TileVector &vector, Value accumulators);
  PayloadPart joinOperands(ArrayRef<TileVector> vectors,
                           ArrayRef<Value> accumulators);
  /// The same as `emitResults`, but nothing is measured; gives the results.
  SmallVector<Value> emitJoined(ArrayRef<TileVector> vectors,
                                ArrayRef<Value> accumulators,
                                int64_t numJoined);
  void store(const TileVector &vector, Value results);

  OpBuilder &builder;
  Location loc;
  const FusedNeighbour &neighbour;
  SmallVector<unsigned> tileDims;
  /// One for each operand; none for the accumulators.
  SmallVector<std::optional<FlatAccess>> accesses;
  /// By input; for those that have one.
  llvm::SmallDenseMap<unsigned, LoadFn> loads;
  /// By input, row and column.
  llvm::DenseMap<std::tuple<unsigned, int64_t, int64_t>, Value> loaded;
  std::optional<ExtremaEmitter> measuring;
};

/// Computes the ops around a kernel, as far as there are any.
struct FusedNeighbourEmitters {
  /// Builds the views of all operands at the insertion point.
  FusedNeighbourEmitters(OpBuilder &builder, const FusedNeighbours &neighbours,
                         ArrayRef<unsigned> tileDims);

  std::optional<FusedNeighbourEmitter> initial;
  /// Takes extrema of the results as well, if any are fused.
  std::optional<FusedNeighbourEmitter> epilogue;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_FUSEDNEIGHBOURS_H
