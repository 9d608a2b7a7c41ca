//===- SummarizeQuantization.cpp - One line on what was done --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_SUMMARIZEQUANTIZATIONPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

/// Whether `op` reads constant codes to gather rows of them.
static bool isGatherOfCodes(tensor::ExtractOp op) {
  auto storage = dyn_cast<IntegerType>(op.getType());
  auto gather = dyn_cast<linalg::GenericOp>(op->getParentOp());
  return storage && storage.getWidth() <= 16 && gather &&
         hasConstantRoot(op.getTensorMutable()) &&
         !isOnlyParameter(gather.getResult(0));
}

/// Whether `value` are rows of codes, of which the gather is what is quantized.
static bool areGatheredCodes(Value value) {
  auto gather = value.getDefiningOp<linalg::GenericOp>();
  return gather && llvm::any_of(gather.getBlock()->getOps<tensor::ExtractOp>(),
                                isGatherOfCodes);
}

/// Whether an operand that carries information is dequantized right before.
static bool hasQuantizedOperand(QuantizableOpInterface op) {
  return llvm::any_of(op->getOpOperands(), [&](OpOperand &operand) {
    OperandRole role = op.getOperandRole(operand.getOperandNumber());
    if (role != OperandRole::Activation && role != OperandRole::Weight)
      return false;
    // What stands for an accumulator has left the integers already.
    auto dequantize = traceToRoot(operand).root.getDefiningOp<DequantizeOp>();
    return dequantize &&
           dequantize.getInput().getType().getElementTypeBitWidth() <= 16 &&
           !areGatheredCodes(dequantize.getInput());
  });
}

/// Whether `op` computes codes element by element from two tensors of codes, as
/// residual sums and products do.
static bool areCodesOfCodes(linalg::LinalgOp op) {
  auto isCode = [](Value value) {
    Type type = getElementTypeOrSelf(value);
    return type.isInteger(8) || type.isInteger(16);
  };
  return op.getNumParallelLoops() == op.getNumLoops() &&
         op.getNumDpsInputs() == 2 && op.getNumDpsInits() == 1 &&
         isCode(op.getDpsInits().front()) &&
         llvm::all_of(op.getDpsInputs(), isCode);
}

/// The codes that `value` has been dequantized from, or is.
static Value getCodes(Value value) {
  if (auto dequantize = value.getDefiningOp<DequantizeOp>())
    return dequantize.getInput();
  return value;
}

/// Whether `op` is a sum or product of two tensors of codes, or of values that
/// have codes.
static bool isElementwiseOnPair(linalg::LinalgOp op) {
  if (areCodesOfCodes(op))
    return true;
  StructuredOpKind kind = classifyStructuredOp(op);
  return (kind == StructuredOpKind::ElementwiseAdd ||
          kind == StructuredOpKind::ElementwiseMul) &&
         llvm::all_of(op.getDpsInputs(), [](Value input) {
           return input.getDefiningOp<DequantizeOp>();
         });
}

/// Whether `sums` are scaled to codes or values. Sums of codes that other ops
/// compute with are part of these.
static bool isAccumulator(Value sums) {
  return llvm::any_of(sums.getUsers(), [](Operation *user) {
    if (isa<RequantizeOp, DequantizeOp>(user))
      return true;
    auto transparent = dyn_cast<QuantizationTransparentOpInterface>(user);
    return transparent && transparent.preservesRange() &&
           isAccumulator(user->getResult(0));
  });
}

/// Whether `op` has become an integer contraction, convolution or sum, or
/// computes codes of codes.
static bool isIntegerCompute(linalg::LinalgOp op) {
  if (op->getNumResults() != 1 ||
      !getElementTypeOrSelf(op->getResult(0)).isInteger())
    return false;
  StructuredOpKind kind = classifyStructuredOp(op);
  return areCodesOfCodes(op) || kind == StructuredOpKind::Contraction ||
         kind == StructuredOpKind::Convolution ||
         kind == StructuredOpKind::DepthwiseConvolution ||
         (kind == StructuredOpKind::SumPooling &&
          isAccumulator(op->getResult(0)));
}

/// Whether `op` computes on codes or has quantized operands; none where it is
/// neither that nor could be.
static std::optional<bool> isQuantized(Operation *op) {
  if (auto structured = dyn_cast<linalg::LinalgOp>(op);
      structured && isIntegerCompute(structured))
    return true;
  if (isa<LookupOp>(op))
    return true;
  if (auto extract = dyn_cast<tensor::ExtractOp>(op);
      extract && isGatherOfCodes(extract))
    return true;
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  if (!quantizable || quantizable.getQuantizableKind().empty() ||
      readsIntegers(op))
    return std::nullopt;
  return hasQuantizedOperand(quantizable);
}

namespace {
struct SummarizeQuantizationPass
    : public ptq::impl::SummarizeQuantizationPassBase<
          SummarizeQuantizationPass> {
  using Base::Base;

  void runOnOperation() override {
    unsigned numQuantized = 0;
    unsigned numFloat = 0;
    // A sum whose result is quantized in several ways, or needed in float too,
    // is computed as often.
    llvm::DenseSet<std::pair<Value, Value>> pairsOfCodes;
    getOperation().walk([&](Operation *op) {
      if (auto structured = dyn_cast<linalg::LinalgOp>(op);
          structured && isElementwiseOnPair(structured) &&
          !pairsOfCodes
               .insert(
                   {getCodes(op->getOperand(0)), getCodes(op->getOperand(1))})
               .second)
        return;
      if (std::optional<bool> quantized = isQuantized(op))
        ++(*quantized ? numQuantized : numFloat);
    });
    llvm::errs() << "ptq: " << numQuantized
                 << (numQuantized == 1 ? " op" : " ops") << " quantized, "
                 << numFloat
                 << " left in float (--remarks-filter='ptq.*' says why)\n";
  }
};
} // namespace
