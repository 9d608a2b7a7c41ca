//===- VectorizeContractions.cpp - Integer dot product kernels --------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matrix products and convolutions of codes with weights of bytes become
// kernels: CodeContraction.h describes what they multiply, DotPlan.h decides
// how, DotKernel.h says what they are. For depthwise convolutions
// DepthwisePlan.h and DepthwiseKernel.h do, and for convolutions with fewer
// products WinogradPlan.h and WinogradKernel.h. Sums of blocks that have scales
// of their own are those of BlockDotPlan.h and BlockDotKernel.h.
//
// Where the dot product multiplies wider factors than bytes, activations that
// are read for many output channels are widened before.
//
//===----------------------------------------------------------------------===//

#include "Kernels/BlockDotKernel.h"
#include "Kernels/BlockDotPlan.h"
#include "Kernels/DepthwiseKernel.h"
#include "Kernels/DepthwisePlan.h"
#include "Kernels/DotKernel.h"
#include "Kernels/DotPlan.h"
#include "Kernels/WinogradKernel.h"
#include "Kernels/WinogradPlan.h"
#include "TargetPass.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Remarks.h"
#include "ptq/CodeGen/Passes.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_VECTORIZECONTRACTIONSPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

namespace {

//===----------------------------------------------------------------------===//
// Wide activations
//===----------------------------------------------------------------------===//

constexpr StringLiteral kLostStrides =
    "activations that have to be widened are part of a buffer, and their size "
    "is not static";

/// Whether a copy of `buffer` has static strides wherever `buffer` has, which a
/// plan has been made with.
bool keepsStaticStrides(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  return type.getLayout().isIdentity() || type.hasStaticShape();
}

/// Builds `kernel` on a copy of operand `number` with elements of i16 in place
/// of i8, which is what the dot product multiplies: each is read for many
/// output channels, and widened once.
linalg::LinalgOp createOnWideActivations(RewriterBase &rewriter,
                                         linalg::LinalgOp kernel,
                                         unsigned number) {
  Location loc = kernel.getLoc();
  rewriter.setInsertionPoint(kernel);
  Value narrow = kernel->getOperand(number);
  auto type = cast<MemRefType>(narrow.getType());
  SmallVector<Value> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      sizes.push_back(memref::DimOp::create(rewriter, loc, narrow, dim));
  Value wide = memref::AllocOp::create(
      rewriter, loc, MemRefType::get(type.getShape(), rewriter.getI16Type()),
      sizes, rewriter.getI64IntegerAttr(kBufferAlignment));
  SmallVector<AffineMap> maps(2,
                              rewriter.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  linalg::GenericOp::create(
      rewriter, loc, /*resultTensorTypes=*/TypeRange(), ValueRange{narrow},
      ValueRange{wide}, maps, iterators,
      [](OpBuilder &body, Location loc, ValueRange elements) {
        Value code = arith::ExtSIOp::create(body, loc, body.getI16Type(),
                                            elements.front());
        linalg::YieldOp::create(body, loc, code);
      });
  auto onWide = cast<linalg::LinalgOp>(rewriter.clone(*kernel));
  onWide->setOperand(number, wide);
  onWide.getBlock()->getArgument(number).setType(rewriter.getI16Type());
  rewriter.eraseOp(kernel);
  return onWide;
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

struct VectorizeContractionsPass
    : TargetPass<ptq::impl::VectorizeContractionsPassBase,
                 VectorizeContractionsPass> {
  using Base::Base;

  void runOnTarget(const TargetDescription &target) override {
    // Where in a buffer a kernel writes cannot be told: all borders are found
    // before the first one is built.
    SmallVector<std::pair<linalg::LinalgOp, SmallVector<WindowBorder>>>
        contractions;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (isCodeContraction(op))
        contractions.push_back({op, findWindowBorders(op)});
    });
    IRRewriter rewriter(&getContext());
    SymbolTableCollection symbols;
    for (auto &[op, borders] : contractions) {
      std::string reason;
      auto explain = [&](const Twine &why) {
        reason = why.str();
        return failure();
      };
      if (succeeded(buildBlockKernel(rewriter, op, target, symbols, explain)) ||
          succeeded(
              buildKernel(rewriter, op, borders, target, symbols, explain))) {
        ++numContractions;
        continue;
      }
      ++numMissed;
      reportMiss(op, reason);
    }
  }

private:
  /// Builds the kernel with the fewest products that there is a plan for.
  LogicalResult buildKernel(RewriterBase &rewriter, linalg::LinalgOp op,
                            ArrayRef<WindowBorder> borders,
                            const TargetDescription &target,
                            SymbolTableCollection &symbols, ExplainFn explain) {
    FailureOr<CodeContraction> contraction =
        CodeContraction::find(op, target, symbols, explain);
    if (failed(contraction))
      return failure();
    contraction->borders.assign(borders.begin(), borders.end());
    if (winograd) {
      FailureOr<WinogradPlan> plan =
          planWinograd(*contraction, target, explain);
      if (succeeded(plan)) {
        replace(rewriter, op, plan->neighbours,
                [&] { emitWinogradKernel(rewriter, *plan, target, symbols); });
        ++numWinograd;
        return success();
      }
    }
    if (succeeded(
            buildDotKernel(rewriter, *contraction, target, symbols, explain)))
      return success();
    if (!contraction->isDepthwise())
      return failure();
    FailureOr<DepthwisePlan> plan =
        planDepthwise(*contraction, target, explain);
    if (failed(plan))
      return failure();
    replace(rewriter, op, plan->neighbours,
            [&] { emitDepthwiseKernel(rewriter, *plan, target, symbols); });
    return success();
  }

  LogicalResult buildDotKernel(RewriterBase &rewriter,
                               const CodeContraction &contraction,
                               const TargetDescription &target,
                               SymbolTableCollection &symbols,
                               ExplainFn explain) {
    FailureOr<DotPlan> plan = planDot(contraction, target, explain);
    if (failed(plan))
      return failure();
    // Otherwise every product would widen its activation.
    if (plan->getActivationWidth() < plan->dot->elementWidth) {
      if (!keepsStaticStrides(plan->op->getOperand(plan->activations)))
        return explain(kLostStrides);
      linalg::LinalgOp onWide =
          createOnWideActivations(rewriter, plan->op, plan->activations);
      FailureOr<CodeContraction> wide =
          CodeContraction::find(onWide, target, symbols, explain);
      assert(succeeded(wide) && "wide activations are read the same way");
      wide->borders = contraction.borders;
      plan = planDot(*wide, target, explain);
      assert(succeeded(plan) && "wide activations are read the same way");
    }
    replace(rewriter, plan->op, plan->neighbours,
            [&] { emitDotKernel(rewriter, *plan, symbols); });
    numBorders += plan->border.has_value();
    return success();
  }

  LogicalResult buildBlockKernel(RewriterBase &rewriter, linalg::LinalgOp op,
                                 const TargetDescription &target,
                                 SymbolTableCollection &symbols,
                                 ExplainFn explain) {
    std::optional<BlockProduct> product = BlockProduct::find(op);
    if (!product)
      return failure();
    FailureOr<BlockDotPlan> plan =
        planBlockDot(*product, target, symbols, explain);
    if (failed(plan))
      return failure();
    Type code = getElementTypeOrSelf(op->getOperand(product->activations));
    if (code.getIntOrFloatBitWidth() < plan->getActivationWidth()) {
      if (!keepsStaticStrides(op->getOperand(product->activations)))
        return explain(kLostStrides);
      op = createOnWideActivations(rewriter, op, product->activations);
      product = BlockProduct::find(op);
      assert(product && "wide activations are read the same way");
      plan = planBlockDot(*product, target, symbols, explain);
      assert(succeeded(plan) && "wide activations are read the same way");
    }
    const FusedNeighbours &neighbours = plan->neighbours;
    rewriter.setInsertionPoint(neighbours.epilogue
                                   ? neighbours.epilogue->op
                                   : linalg::LinalgOp(product->total));
    emitBlockDotKernel(rewriter, *product, *plan, symbols);
    numFused += 1 + neighbours.getNumOps();
    product->eraseWith(rewriter, neighbours);
    return success();
  }

  /// Erases `op` with its neighbours; the kernel that `emit` emits takes the
  /// place of the epilogue.
  void replace(RewriterBase &rewriter, linalg::LinalgOp op,
               const FusedNeighbours &neighbours, function_ref<void()> emit) {
    rewriter.setInsertionPoint(neighbours.epilogue ? neighbours.epilogue->op
                                                   : op);
    emit();
    numFused += neighbours.getNumOps();
    neighbours.eraseWith(rewriter, op);
  }

  /// A contraction without dot products is many times slower.
  void reportMiss(Operation *op, StringRef reason) {
    auto options = remark::RemarkOpts::name("MissedDotProduct")
                       .category("ptq-vectorize-contractions");
    remark::missed(op->getLoc(), options) << remark::reason("{0}", reason);
  }
};

} // namespace
