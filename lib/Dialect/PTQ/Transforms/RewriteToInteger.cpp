//===- RewriteToInteger.cpp - Compute on codes ----------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Integer/IntegerRewriting.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/Patterns.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_REWRITETOINTEGERPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

/// Why `op`, which is still in float, has not been rewritten.
static std::string explainFloat(Operation *op) {
  auto structured = dyn_cast<linalg::LinalgOp>(op);
  if (!structured)
    return ("no rewriting for " + op->getName().getStringRef()).str();
  std::string reason;
  auto explain = [&](const Twine &text) {
    reason = text.str();
    return failure();
  };
  switch (classifyStructuredOp(structured)) {
  case StructuredOpKind::Contraction:
  case StructuredOpKind::Convolution:
  case StructuredOpKind::DepthwiseConvolution:
    if (hasBlockScales(structured))
      (void)matchIntegerBlockProduct(structured, explain);
    else if (hasRunTimeParameters(structured))
      (void)matchIntegerDynamicProduct(structured, explain);
    else if (isActivationProduct(structured))
      (void)matchIntegerActivationProduct(structured, explain);
    else
      (void)matchIntegerProduct(structured, explain);
    break;
  case StructuredOpKind::SumPooling:
    (void)matchIntegerAverage(structured, explain);
    break;
  case StructuredOpKind::ElementwiseAdd:
  case StructuredOpKind::ElementwiseMul:
    (void)matchIntegerElementwise(structured, explain);
    break;
  case StructuredOpKind::ActivationFunction:
    for (Operation *user : structured->getUsers())
      if (auto quantize = dyn_cast<QuantizeOp>(user))
        (void)matchIntegerLookup(quantize, explain);
    break;
  default:
    break;
  }
  return reason.empty() ? "its result is needed in float" : reason;
}

/// Why `quantize`, whose input is dequantized codes, has not been rewritten.
static std::string explainPair(QuantizeOp quantize) {
  std::string reason;
  (void)matchIntegerScaleChange(quantize, [&](const Twine &text) {
    reason = text.str();
    return failure();
  });
  return reason;
}

/// Reports that `op` stays in float.
static void remarkLeftInFloat(Operation *op, StringRef reason,
                              StringRef suggestion) {
  auto function = op->getParentOfType<FunctionOpInterface>();
  remark::missed(op->getLoc(),
                 remark::RemarkOpts::name("LeftInFloat")
                     .category("ptq-rewrite-to-integer")
                     .function(function ? function.getName() : StringRef()))
      << remark::reason("{0}: {1}", op->getName().getStringRef(), reason)
      << remark::suggest("{0}", suggestion);
}

/// Whether an instance of QuantizableOpInterface is still in float.
static bool isQuantizableInFloat(Operation *op) {
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  return quantizable && !quantizable.getQuantizableKind().empty() &&
         !readsIntegers(op);
}

static int64_t countQuantizableInFloat(ModuleOp module) {
  int64_t count = 0;
  module.walk([&](Operation *op) { count += isQuantizableInFloat(op); });
  return count;
}

namespace {

struct RewriteToIntegerPass
    : ptq::impl::RewriteToIntegerPassBase<RewriteToIntegerPass> {
  using Base::Base;

  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populateRewriteToIntegerPatterns(set, requantize);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    int64_t before = countQuantizableInFloat(module);
    if (failed(applyPatternsGreedily(module, patterns)))
      module.emitWarning("rewriting to integers did not come to an end");
    int64_t after = countQuantizableInFloat(module);
    numRewritten += before - after;
    numLeftInFloat += after;
    emitRemarks(module);
  }

private:
  /// Tells of each quantizable op that is left, of each op that computes on
  /// dequantized values and is not quantizable, and of each pair of dequantize
  /// and quantize.
  void emitRemarks(ModuleOp module) {
    module.walk([&](Operation *op) {
      if (isQuantizableInFloat(op)) {
        remarkLeftInFloat(op, explainFloat(op),
                          "run ptq-calibrate and ptq-propagate-qdq before, "
                          "with encodings of i8 or i16");
        return;
      }
      bool readsDequantized =
          llvm::any_of(op->getOperands(), [](Value operand) {
            return operand.getDefiningOp<DequantizeOp>();
          });
      if (auto quantize = dyn_cast<QuantizeOp>(op);
          quantize && readsDequantized) {
        remarkLeftInFloat(op, explainPair(quantize),
                          "use constant scales of the whole tensor");
        return;
      }
      bool isEnd = isa<ChooseParametersOp, QuantizeOp>(op) ||
                   op->hasTrait<OpTrait::IsTerminator>();
      if (readsDequantized && !isEnd)
        remarkLeftInFloat(op,
                          "it computes on quantized values but has no "
                          "integer form",
                          "attach QuantizableOpInterface");
    });
  }

  FrozenRewritePatternSet patterns;
};

} // namespace

void mlir::ptq::populateRewriteToIntegerPatterns(
    RewritePatternSet &patterns, Requantization requantization) {
  populateIntegerActivationProductPatterns(patterns);
  populateIntegerAveragePatterns(patterns);
  populateIntegerBlockProductPatterns(patterns);
  populateIntegerDynamicProductPatterns(patterns);
  populateIntegerElementwisePatterns(patterns, requantization);
  populateIntegerLookupPatterns(patterns, requantization);
  populateIntegerProductPatterns(patterns);
  populateIntegerScaleChangePatterns(patterns);
  populateForwardDimPatterns(patterns);
  if (requantization == Requantization::FixedPoint)
    populateFixedPointRequantizationPatterns(patterns);
}
