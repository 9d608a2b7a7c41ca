//===- BlockDotPlan.h - How sums of blocks become dot products --*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_BLOCKDOTPLAN_H
#define PTQ_LIB_CODEGEN_KERNELS_BLOCKDOTPLAN_H

#include "BlockProduct.h"
#include "FusedNeighbours.h"
#include "PackedBlocks.h"
#include "RegisterTiles.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/SymbolTable.h"
#include "ptq/CodeGen/TargetDescription.h"
#include "ptq/Support/MatchExplanation.h"

namespace mlir::ptq {

/// A product that is to become a kernel of dot products.
struct BlockDotPlan {
  /// The dot product of weights and activations. Where these have 16 bits and
  /// it multiplies bytes, it is that of their high bytes, which are signed, and
  /// `lowDot` that of their low ones, which are not.
  const DotInstruction *dot = nullptr;
  const DotInstruction *lowDot = nullptr;
  BlockFormat format;
  BlockWalk walk;
  /// Of the loops of the total.
  RegisterTiling tiling;
  /// What the sums start from, by loops of the total; none for zeros.
  std::optional<FusedNeighbour> starts;
  /// The inputs of that which are constants for each block and output channel,
  /// and become part of the packed weights.
  SmallVector<unsigned, 2> packedStarts;
  SmallVector<BlockNumbers, 2> numbers;
  /// The ops around the total.
  FusedNeighbours neighbours;
  /// The loops of the total over blocks, those of one position left out.
  SmallVector<unsigned> blockLoops;
  ArrayRef<int8_t> codes;
  SmallVector<float> scales;

  /// Whether the offset of the weights is taken off again for high bytes: it
  /// makes a byte unsigned, but these need signed ones.
  bool hasSignedWeights() const { return lowDot && !format.holdsNibbles(); }

  /// The width of the activations that the dot products multiply together.
  unsigned getActivationWidth() const {
    return dot->elementWidth * (lowDot ? 2 : 1);
  }
};

/// The plan for `product`. If there is none, `explain` is told why.
FailureOr<BlockDotPlan> planBlockDot(BlockProduct &product,
                                     const TargetDescription &target,
                                     SymbolTableCollection &symbols,
                                     ExplainFn explain);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_BLOCKDOTPLAN_H
