//===- CodeContraction.h - Codes times weights ------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What all planners of kernels of dot products begin with: which factor is the
// activations and which the weights, the dot product that multiplies them, and
// what each loop does. A plan is a contraction and how it is computed.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_CODECONTRACTION_H
#define PTQ_LIB_CODEGEN_KERNELS_CODECONTRACTION_H

#include "WindowBorder.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/IR/SymbolTable.h"
#include "ptq/CodeGen/TargetDescription.h"
#include "ptq/Support/MatchExplanation.h"

namespace mlir::ptq {

/// Whether `op` adds products of two inputs of i8 or i16 to its output.
bool isCodeContraction(linalg::LinalgOp op);

/// Whether `op`, a contraction of codes, flips the sign bits of an input: in
/// memory they are flipped, too.
bool hasFlippedSigns(linalg::LinalgOp op, unsigned input);

/// A contraction of codes that kernels of dot products can be built on. All
/// addresses are linear in the loops, and the output stays in place while sums
/// are added up.
struct CodeContraction {
  linalg::LinalgOp op;
  /// The number of positions of each loop.
  SmallVector<int64_t> ranges;
  /// The dot product of the factors.
  const DotInstruction *dot = nullptr;
  /// Numbers of the input operands.
  unsigned activations = 0;
  unsigned weights = 1;
  /// Whether the sign bits of the activations are flipped in memory, which only
  /// is the case where the dot product reads them as unsigned.
  bool haveFlippedSigns = false;
  /// The weights if they are constants, of i8 or of i16.
  std::optional<ArrayRef<int8_t>> weightBytes;
  std::optional<ArrayRef<int16_t>> weightWords;
  /// The borders that windows of the activations reach into, as far as known.
  SmallVector<WindowBorder> borders;

  /// The description of `op`, a contraction of codes; if no kernel can be built
  /// on it, `explain` is told why. The weights are the constant input, or the
  /// second one if none is constant.
  static FailureOr<CodeContraction> find(linalg::LinalgOp op,
                                         const TargetDescription &target,
                                         SymbolTableCollection &symbols,
                                         ExplainFn explain);

  bool haveConstantWeights() const { return weightBytes || weightWords; }

  /// The width of an activation in memory.
  unsigned getActivationWidth() const;

  /// The width of the factors. Activations are widened for constant weights
  /// that are wider.
  unsigned getFactorWidth() const;

  /// The distance in elements between neighbouring positions of loop `dim`, if
  /// it is known statically.
  std::optional<int64_t> getActivationStride(unsigned dim) const;
  std::optional<int64_t> getWeightStride(unsigned dim) const;
  std::optional<int64_t> getOutputStride(unsigned dim) const;

  /// The parallel loops that run more than once and change the weights.
  SmallVector<unsigned> getChannelDims() const;
  /// All other parallel loops: they only change the activations.
  SmallVector<unsigned> getPositionDims() const;
  /// The reduction loops that run more than once.
  SmallVector<unsigned> getReductionDims() const;

  /// Whether the weights are those of single channels: there is a channel that
  /// nothing is summed over and that changes both factors.
  bool isDepthwise() const;

private:
  std::optional<int64_t> getStride(unsigned operand, unsigned dim) const;
  bool changesWeights(unsigned dim) const;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_CODECONTRACTION_H
