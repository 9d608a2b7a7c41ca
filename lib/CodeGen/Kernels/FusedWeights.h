//===- FusedWeights.h - Weights that a kernel dequantizes -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weight-only quantization leaves an elementwise op in front of a sum of
// products: it computes float weights from codes, scales and zero points, all
// of them constants. A kernel that computes them on vectors where it would have
// loaded them reads the codes only, which are a fraction of the size.
//
// The constants are laid out for that when the code is generated: in panels of
// as many output channels as a tile has, so that the kernel reads all of them
// from the first byte to the last.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_FUSEDWEIGHTS_H
#define PTQ_LIB_CODEGEN_KERNELS_FUSEDWEIGHTS_H

#include "FlatAccess.h"
#include "LoopNests.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"
#include "ptq/Support/MatchExplanation.h"

namespace mlir::ptq {

/// Whether `op`, on buffers, computes floats from constants, bytes among them,
/// element by element.
bool isWeightDequantization(linalg::LinalgOp op);

/// A dequantization that is computed in a kernel, or constant floats, for which
/// there is nothing to compute.
struct FusedWeights {
  /// The dequantization; null for constant floats.
  linalg::LinalgOp op;
  /// The only op that reads the floats, and the number of that operand.
  linalg::LinalgOp kernel;
  unsigned operand;
  /// For each loop of `op` where it is, as an expression of the kernel's loops.
  SmallVector<AffineExpr> loops;

  /// A constant that `op` or else the kernel reads, as panels of consecutive
  /// positions of the kernel's vectors and as what is left beyond the last full
  /// panel.
  struct Input {
    /// Indexed by the kernel's loops and, as a last dimension, the position of
    /// the panel.
    Value panels;
    AffineMap map;
    /// The same for the rest; null if this input has no panels.
    Value rest;
    AffineMap restMap;
  };
  SmallVector<Input> inputs;
  /// The first position that is in no full panel.
  int64_t restPosition = 0;
  /// How many positions a panel has.
  int64_t panelSize = 0;

  /// Finds the kernel that could compute `op`, a dequantization. If there is
  /// none, `explain` is told why.
  static FailureOr<FusedWeights> find(linalg::LinalgOp op, ExplainFn explain);

  /// `reader`, an operand of a kernel, as weights that are constant floats.
  static FusedWeights getConstant(OpOperand &reader);

  /// Why vectors along the kernel's loop `vectorDim` cannot be computed; null
  /// if they can.
  const char *findObstacle(unsigned vectorDim) const;

  /// Whether the floats differ between positions of the kernel's loop `dim`.
  bool dependsOn(unsigned dim) const;

  /// The blocks in which the kernel should go through its loop `dim`, of `size`
  /// positions: those that have a scale or a byte in common.
  BlockedRange getBlockedRange(unsigned dim, OpFoldResult size) const;

  /// Lays out the constants in panels of `size` positions of the kernel's loop
  /// `vectorDim`, which has `range` of them.
  void pack(RewriterBase &rewriter, unsigned vectorDim, int64_t range,
            int64_t size, SymbolTableCollection &symbols);

  /// Erases the op, if any, and its buffer, which nobody reads any more.
  void erase(RewriterBase &rewriter) const;
};

/// Computes weights on vectors of a kernel.
class FusedWeightsEmitter {
public:
  /// Builds the views of the constants at the insertion point.
  FusedWeightsEmitter(OpBuilder &builder, const FusedWeights &weights,
                      unsigned vectorDim);

  /// The `width` weights at `positions`, one for each loop of the kernel.
  /// `panel` is where the panel begins that they belong to.
  Value emit(ArrayRef<OpFoldResult> positions, OpFoldResult panel,
             int64_t width);

private:
  OpBuilder &builder;
  Location loc;
  const FusedWeights &weights;
  unsigned vectorDim;
  /// One for each input: its panels, and the rest.
  SmallVector<FlatAccess> panels;
  SmallVector<FlatAccess> rests;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_FUSEDWEIGHTS_H
