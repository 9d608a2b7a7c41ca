//===- CodeContraction.cpp - Codes times weights ------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeContraction.h"
#include "FlatAccess.h"
#include "PackedWeights.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

/// Whether `op` flips the sign bit of a byte.
static bool isSignFlip(arith::XOrIOp op) {
  APInt mask;
  return op && op.getType().isInteger(8) &&
         matchPattern(op.getRhs(), m_ConstantInt(&mask)) && mask.isSignMask();
}

/// The argument of i8 or i16 whose sign extension `value` is, maybe after its
/// sign has been flipped; null if it is none.
static BlockArgument matchExtension(Value value) {
  auto extension = value.getDefiningOp<arith::ExtSIOp>();
  if (!extension || !extension.getType().isInteger())
    return {};
  Value code = extension.getIn();
  if (!code.getType().isInteger(8) && !code.getType().isInteger(16))
    return {};
  if (auto flip = code.getDefiningOp<arith::XOrIOp>(); isSignFlip(flip))
    code = flip.getLhs();
  return dyn_cast<BlockArgument>(code);
}

bool mlir::ptq::hasFlippedSigns(linalg::LinalgOp op, unsigned input) {
  return llvm::any_of(op.getBlock()->getArgument(input).getUsers(),
                      [](Operation *user) {
                        return isSignFlip(dyn_cast<arith::XOrIOp>(user));
                      });
}

bool mlir::ptq::isCodeContraction(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 ||
      op.getNumReductionLoops() == 0)
    return false;
  Block *body = op.getBlock();
  auto sum =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddIOp>();
  if (!sum)
    return false;
  BlockArgument accumulator = body->getArgument(2);
  Value product = sum.getLhs() == accumulator   ? sum.getRhs()
                  : sum.getRhs() == accumulator ? sum.getLhs()
                                                : Value();
  auto multiplication =
      product ? product.getDefiningOp<arith::MulIOp>() : arith::MulIOp();
  if (!multiplication)
    return false;
  BlockArgument lhs = matchExtension(multiplication.getLhs());
  BlockArgument rhs = matchExtension(multiplication.getRhs());
  return lhs && rhs && lhs != rhs && lhs != accumulator && rhs != accumulator;
}

//===----------------------------------------------------------------------===//
// Factors
//===----------------------------------------------------------------------===//

static unsigned getCodeWidth(linalg::LinalgOp op, unsigned operand) {
  return getElementTypeOrSelf(op->getOperand(operand)).getIntOrFloatBitWidth();
}

/// Whether all `weights` are of at most `magnitude`.
static bool areSmall(ArrayRef<int8_t> weights, int64_t magnitude) {
  return llvm::all_of(weights, [&](int8_t weight) {
    return weight >= -magnitude && weight <= magnitude;
  });
}

/// Finds the input that is constant weights, if one is.
static void findConstantWeights(CodeContraction &contraction,
                                SymbolTableCollection &symbols) {
  linalg::LinalgOp op = contraction.op;
  for (unsigned weights : {1u, 0u}) {
    if (!FlatAccess::startsAtOrigin(op, op->getOpOperand(weights)))
      continue;
    Value factor = op->getOperand(weights);
    if (FailureOr<ArrayRef<int8_t>> bytes =
            getConstantIntegers<int8_t>(factor, symbols);
        succeeded(bytes))
      contraction.weightBytes = *bytes;
    else if (FailureOr<ArrayRef<int16_t>> words =
                 getConstantIntegers<int16_t>(factor, symbols);
             succeeded(words))
      contraction.weightWords = *words;
    else
      continue;
    contraction.activations = 1 - weights;
    contraction.weights = weights;
    return;
  }
}

FailureOr<CodeContraction>
CodeContraction::find(linalg::LinalgOp op, const TargetDescription &target,
                      SymbolTableCollection &symbols, ExplainFn explain) {
  if (!op.hasPureBufferSemantics())
    return explain("not on buffers");
  if (!op.getBlock()->getArguments().back().getType().isInteger(32))
    return explain("the sums are wider than i32");
  for (OpOperand &operand : op->getOpOperands())
    if (!FlatAccess::isLinear(op, operand) || op.isScalar(&operand))
      return explain("an operand's address is not linear in the loops");
  if (!FlatAccess::areOutputsFixed(op))
    return explain("the output moves with a reduction");
  CodeContraction contraction;
  contraction.op = op;
  contraction.ranges = op.getStaticLoopRanges();
  findConstantWeights(contraction, symbols);
  contraction.dot = target.getPreferredDot(contraction.getFactorWidth());
  if (!contraction.dot)
    return explain("the target has no dot product");
  // Where bytes would be widened for it, small weights allow for pairs of
  // bytes.
  const DotInstruction *pairs = target.getDotOfPairs();
  if (pairs && contraction.getActivationWidth() == 8 &&
      contraction.dot->elementWidth > 8 && contraction.weightBytes &&
      areSmall(*contraction.weightBytes, pairs->largestFactor))
    contraction.dot = pairs;
  contraction.haveFlippedSigns = hasFlippedSigns(op, contraction.activations);
  if (hasFlippedSigns(op, contraction.weights) ||
      (contraction.haveFlippedSigns && !contraction.dot->unsignedA))
    return explain("the signs of a factor are flipped, which the dot product "
                   "does not need");
  return contraction;
}

unsigned CodeContraction::getActivationWidth() const {
  return getCodeWidth(op, activations);
}

unsigned CodeContraction::getFactorWidth() const {
  unsigned width = getActivationWidth();
  return weightWords ? std::max(width, getCodeWidth(op, weights)) : width;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

std::optional<int64_t> CodeContraction::getStride(unsigned operand,
                                                  unsigned dim) const {
  return FlatAccess::getStaticStride(op, op->getOpOperand(operand), dim);
}

std::optional<int64_t>
CodeContraction::getActivationStride(unsigned dim) const {
  return getStride(activations, dim);
}

std::optional<int64_t> CodeContraction::getWeightStride(unsigned dim) const {
  return getStride(weights, dim);
}

std::optional<int64_t> CodeContraction::getOutputStride(unsigned dim) const {
  return getStride(/*operand=*/2, dim);
}

bool CodeContraction::changesWeights(unsigned dim) const {
  return ranges[dim] != 1 && getWeightStride(dim) != 0;
}

SmallVector<unsigned> CodeContraction::getChannelDims() const {
  SmallVector<unsigned> dims;
  linalg::LinalgOp(op).getParallelDims(dims);
  llvm::erase_if(dims, [&](unsigned dim) { return !changesWeights(dim); });
  return dims;
}

SmallVector<unsigned> CodeContraction::getPositionDims() const {
  SmallVector<unsigned> dims;
  linalg::LinalgOp(op).getParallelDims(dims);
  llvm::erase_if(dims, [&](unsigned dim) { return changesWeights(dim); });
  return dims;
}

SmallVector<unsigned> CodeContraction::getReductionDims() const {
  SmallVector<unsigned> dims;
  linalg::LinalgOp(op).getReductionDims(dims);
  llvm::erase_if(dims, [&](unsigned dim) { return ranges[dim] == 1; });
  return dims;
}

bool CodeContraction::isDepthwise() const {
  return llvm::any_of(getChannelDims(), [&](unsigned dim) {
    return getActivationStride(dim) != 0;
  });
}
