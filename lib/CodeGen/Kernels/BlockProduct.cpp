//===- BlockProduct.cpp - Products with a scale for each block ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BlockProduct.h"
#include "CodeContraction.h"
#include "FusedNeighbours.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

/// Whether `value` is the sum or product of `lhs` and `rhs`, in this order.
template <typename OpTy>
static bool isCombination(Value value, Value lhs, Value rhs) {
  auto op = value.getDefiningOp<OpTy>();
  return op && op.getLhs() == lhs && op.getRhs() == rhs;
}

/// Finds the scales of `product.total`, if it adds f32(sum) * (sx * sw) to its
/// output, block after block.
static LogicalResult matchTotal(BlockProduct &product) {
  linalg::GenericOp op = product.total;
  unsigned numInputs = op.getNumDpsInputs();
  if (numInputs < 2 || numInputs > 3 || op.getNumDpsInits() != 1 ||
      op.getNumReductionLoops() == 0)
    return failure();
  Block *body = op.getBlock();
  Value sum = body->getArgument(0), output = body->getArgument(numInputs);
  auto result =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!sum.getType().isInteger(32) || !output.getType().isF32() || !result ||
      result.getLhs() != output)
    return failure();
  auto term = result.getRhs().getDefiningOp<arith::MulFOp>();
  auto value =
      term ? term.getLhs().getDefiningOp<arith::SIToFPOp>() : arith::SIToFPOp();
  if (!value || value.getIn() != sum)
    return failure();
  product.weightScale = numInputs - 1;
  if (numInputs == 2)
    return success(term.getRhs() == body->getArgument(1));
  product.activationScale = 1;
  return success(isCombination<arith::MulFOp>(
      term.getRhs(), body->getArgument(1), body->getArgument(2)));
}

/// Whether what `op` writes is none of `inputs`.
static bool leavesAlone(LinalgOp op, ValueRange inputs) {
  return llvm::all_of(op.getDpsInits(), [&](Value output) {
    Value written = getViewedBuffer(output);
    return isDistinctBuffer(written) && llvm::all_of(inputs, [&](Value input) {
             Value read = getViewedBuffer(input);
             return read != written && isDistinctBuffer(read);
           });
  });
}

/// Whether the sums can be computed tile by tile with the total: nobody writes
/// what they are computed from in between, nor does the total.
static bool canMove(const BlockProduct &product) {
  LinalgOp sums = product.sums;
  linalg::GenericOp generic = product.total;
  auto total = cast<LinalgOp>(generic.getOperation());
  if (sums->getBlock() != total->getBlock() || !sums->isBeforeInBlock(total) ||
      product.isDisturbedBy(total) || !leavesAlone(total, total.getDpsInputs()))
    return false;
  for (Operation *op = sums->getNextNode(); op != total;
       op = op->getNextNode()) {
    auto writer = dyn_cast<LinalgOp>(op);
    if (!leavesMemory(op) && (!writer || product.isDisturbedBy(writer)))
      return false;
  }
  return true;
}

/// The loops of `total` that those of `sums` are, found from how both index the
/// sums, and the loop that is none.
static LogicalResult matchLoops(BlockProduct &product) {
  AffineMap written =
      product.sums.getMatchingIndexingMap(product.sums.getDpsInitOperand(0));
  AffineMap read =
      product.total.getMatchingIndexingMap(product.total.getDpsInputOperand(0));
  if (!written.isProjectedPermutation() || !read.isPermutation() ||
      product.sums.getNumReductionLoops() != 1)
    return failure();
  product.totalLoops.resize(product.sums.getNumLoops());
  for (auto [from, to] :
       llvm::zip_equal(written.getResults(), read.getResults()))
    product.totalLoops[cast<AffineDimExpr>(from).getPosition()] =
        cast<AffineDimExpr>(to).getPosition();
  SmallVector<unsigned> reductions;
  product.sums.getReductionDims(reductions);
  product.elementLoop = reductions.front();
  // Elements are a dimension of their own.
  AffineExpr element =
      getAffineDimExpr(product.elementLoop, written.getContext());
  return success(
      llvm::all_of(product.sums.getDpsInputOperands(), [&](OpOperand *input) {
        AffineMap map = product.sums.getMatchingIndexingMap(input);
        return llvm::count_if(map.getResults(),
                              [&](AffineExpr index) {
                                return index.isFunctionOfDim(
                                    product.elementLoop);
                              }) == 1 &&
               map.getResultPosition(element);
      }));
}

std::optional<BlockProduct> BlockProduct::find(LinalgOp sums) {
  OpOperand *output = sums.getDpsInitOperand(0);
  if (!output->get().getDefiningOp<memref::AllocOp>())
    return std::nullopt;
  SmallVector<OpOperand *> uses = getOrderedUses(output->get(), sums);
  auto *written = llvm::find(uses, output);
  if (written == uses.end() || written == uses.begin() ||
      written + 1 == uses.end())
    return std::nullopt;
  // Others may use the buffer before and behind, but not what is in it.
  bool isOverwritten =
      written + 2 == uses.end() || isa<linalg::FillOp>(written[2]->getOwner());
  BlockProduct product;
  product.sums = sums;
  product.starts = cast<LinalgOp>(written[-1]->getOwner());
  product.total = dyn_cast<linalg::GenericOp>(written[1]->getOwner());
  if (!isOverwritten || !product.starts.isDpsInit(written[-1]) ||
      !product.total || written[1]->getOperandNumber() != 0 ||
      failed(matchTotal(product)) || !canMove(product) ||
      failed(matchLoops(product)))
    return std::nullopt;
  return product;
}

bool BlockProduct::startsFromZero() const {
  LinalgOp op = starts;
  auto fill = dyn_cast<linalg::FillOp>(op.getOperation());
  return fill && matchPattern(fill.getInputs().front(), m_Zero());
}

bool BlockProduct::isDisturbedBy(LinalgOp op) const {
  SmallVector<Value> inputs;
  for (LinalgOp reader : {starts, sums})
    for (Value input : reader.getDpsInputs())
      if (isa<MemRefType>(input.getType()))
        inputs.push_back(input);
  return !leavesAlone(op, inputs);
}

OpOperand &BlockProduct::getActivations() const {
  LinalgOp op = sums;
  return op->getOpOperand(activations);
}

AffineMap BlockProduct::getActivationMap() const {
  LinalgOp op = sums;
  return op.getMatchingIndexingMap(&getActivations());
}

unsigned BlockProduct::getElementDim() const {
  AffineMap map = getActivationMap();
  return *map.getResultPosition(
      getAffineDimExpr(elementLoop, map.getContext()));
}

void BlockProduct::eraseWith(RewriterBase &rewriter,
                             const FusedNeighbours &neighbours) {
  neighbours.eraseWith(rewriter, total);
  rewriter.eraseOp(sums);
  rewriter.eraseOp(starts);
}
