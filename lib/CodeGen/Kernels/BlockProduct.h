//===- BlockProduct.h - Products with a scale for each block ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_BLOCKPRODUCT_H
#define PTQ_LIB_CODEGEN_KERNELS_BLOCKPRODUCT_H

#include "FusedNeighbours.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::ptq {

/// The ops that a product with a scale for each block consists of: the sums of
/// blocks start from something, are computed, and are added in float. Nobody
/// else sees the sums.
struct BlockProduct {
  /// Writes what the sums start from: zeros, or what takes zero points off.
  linalg::LinalgOp starts;
  /// The contraction of codes, and its operands that are activations and
  /// weights.
  linalg::LinalgOp sums;
  unsigned activations = 0;
  unsigned weights = 1;
  /// y = y + f32(sum) * (sx * sw), with inputs sum, sx and sw, or the same with
  /// sx * sw as one input, which is the weights'. It reduces over the blocks,
  /// in one loop or in several.
  linalg::GenericOp total;
  std::optional<unsigned> activationScale;
  unsigned weightScale = 1;

  /// The loop of `total` that each loop of `sums` is; none for the elements of
  /// a block.
  SmallVector<std::optional<unsigned>> totalLoops;
  /// The loop of `sums` along a block.
  unsigned elementLoop = 0;

  /// The product that the contraction of codes `sums` is part of, if it is
  /// part of one.
  static std::optional<BlockProduct> find(linalg::LinalgOp sums);

  /// Whether the sums start from zero.
  bool startsFromZero() const;

  /// Whether `op` may write what the sums are computed from.
  bool isDisturbedBy(linalg::LinalgOp op) const;

  /// The operand of the sums that is the activations.
  OpOperand &getActivations() const;

  /// The activations' indexing map.
  AffineMap getActivationMap() const;

  /// The dimension of the activations that is the elements of a block.
  unsigned getElementDim() const;

  /// Erases the ops and the `neighbours` of the total, all of which has been
  /// computed.
  void eraseWith(RewriterBase &rewriter, const FusedNeighbours &neighbours);
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_BLOCKPRODUCT_H
