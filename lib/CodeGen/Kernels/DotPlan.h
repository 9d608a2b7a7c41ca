//===- DotPlan.h - How a contraction becomes dot products ---*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_DOTPLAN_H
#define PTQ_LIB_CODEGEN_KERNELS_DOTPLAN_H

#include "FusedNeighbours.h"
#include "PackedWeights.h"
#include "RegisterTiles.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/SymbolTable.h"
#include "ptq/CodeGen/TargetDescription.h"
#include "ptq/Support/MatchExplanation.h"

namespace mlir::ptq {

/// Whether `op` adds products of two inputs of i8 or i16 to its output.
bool isCodeContraction(linalg::LinalgOp op);

/// Whether `op`, a contraction of codes, flips the sign bits of an input: in
/// memory they are flipped, too.
bool hasFlippedSigns(linalg::LinalgOp op, unsigned input);

/// What a contraction of codes multiplies, and by which instruction.
struct DotOperands {
  const DotInstruction *dot;
  /// Numbers of the input operands.
  unsigned activations;
  unsigned weights;
  /// Whether the sign bits of the activations are flipped in memory, which only
  /// is the case where the dot product reads them as unsigned.
  bool haveFlippedSigns;
  /// The weights if they are constants, of i8 or of i16.
  std::optional<ArrayRef<int8_t>> weightBytes;
  std::optional<ArrayRef<int16_t>> weightWords = {};

  bool haveConstantWeights() const { return weightBytes || weightWords; }
};

/// The operands of `op`, a contraction of codes, if kernels of dot products can
/// be built on them; if not, `explain` is told why. The weights are the
/// constant input, or the second one if none is constant.
FailureOr<DotOperands> findDotOperands(linalg::LinalgOp op,
                                       const TargetDescription &target,
                                       SymbolTableCollection &symbols,
                                       ExplainFn explain);

/// A contraction that is to become a dot product kernel. Weights that are not
/// constant are packed at run time.
struct DotPlan : DotOperands {
  RegisterTiling tiling;
  WeightWalk walk;
  /// The parallel loops that change the weights beside the vector loop.
  SmallVector<unsigned> batchDims;
  /// The reduction loops of the run, and those around it, outermost first.
  /// Loops that run once are neither.
  SmallVector<unsigned> runDims;
  SmallVector<unsigned> outerDims;
  /// What is computed on the accumulators before and behind the sums.
  FusedNeighbours neighbours;
};

/// The plan for `op`, a contraction of codes. If there is none, `explain` is
/// told why.
FailureOr<DotPlan> planDot(linalg::LinalgOp op, const TargetDescription &target,
                           SymbolTableCollection &symbols, ExplainFn explain);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_DOTPLAN_H
