//===- CarriedValues.cpp - Loops that carry codes -------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "JoinedValues.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/Transforms/StaticParameters.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::ptq;

/// The float value of `codes` that `op` has given, or an op like it.
static Value createDequantize(OpBuilder &builder, QuantizeOp op, Value codes) {
  auto type = cast<RankedTensorType>(codes.getType());
  return DequantizeOp::create(
      builder, op.getLoc(),
      type.clone(op.getInput().getType().getElementType()), codes,
      copyParameter(builder, op.getScale()),
      copyParameter(builder, op.getZeroPoint()), /*axis=*/IntegerAttr(),
      /*block_size=*/DenseI64ArrayAttr());
}

namespace {

/// A loop that carries a value which is quantized alike wherever it is read, in
/// the loop and behind it, carries codes.
struct CarryCodes : OpRewritePattern<scf::ForOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(scf::ForOp loop,
                                PatternRewriter &rewriter) const override {
    for (unsigned number = 0; number < loop.getNumRegionIterArgs(); ++number)
      if (QuantizeOp quantize = matchCarried(loop, number))
        return carry(loop, number, quantize, rewriter);
    return rewriter.notifyMatchFailure(
        loop, "no carried value that is quantized wherever it is read");
  }

private:
  static bool areAlike(QuantizeOp a, QuantizeOp b) {
    std::optional<StaticParameters> first =
        matchStaticParameters(a.getScale(), a.getZeroPoint());
    std::optional<StaticParameters> second =
        matchStaticParameters(b.getScale(), b.getZeroPoint());
    return first && second && first->scale == second->scale &&
           first->zeroPoint == second->zeroPoint &&
           a.getType() == b.getType() && a.getLowCode() == b.getLowCode() &&
           a.getHighCode() == b.getHighCode();
  }

  /// Collects the quantizes that read what `loop` carries as value `number`,
  /// wherever it goes from there. Failure if anything else reads it.
  static LogicalResult collectReaders(scf::ForOp loop, unsigned number,
                                      SetVector<QuantizeOp> &readers) {
    SetVector<Value> places;
    places.insert(loop.getRegionIterArg(number));
    places.insert(loop.getResult(number));
    for (size_t i = 0; i < places.size(); ++i)
      for (OpOperand &use : places[i].getUses())
        if (auto quantize = dyn_cast<QuantizeOp>(use.getOwner()))
          readers.insert(quantize);
        else if (!passOn(use, places))
          return failure();
    return success();
  }

  /// Adds the values to which `use` passes its operand on, whole or as a part
  /// of a tensor; false if it does something else.
  static bool passOn(OpOperand &use, SetVector<Value> &places) {
    Operation *user = use.getOwner();
    unsigned number = use.getOperandNumber();
    auto carry = [&](scf::ForOp loop, unsigned index) {
      places.insert(loop.getRegionIterArg(index));
      places.insert(loop.getResult(index));
      return true;
    };
    if (auto loop = dyn_cast<scf::ForOp>(user))
      return number >= loop.getNumControlOperands() &&
             carry(loop, number - loop.getNumControlOperands());
    if (isa<tensor::InsertSliceOp, arith::SelectOp>(user))
      return places.insert(user->getResult(0)), true;
    if (!isa<scf::YieldOp>(user))
      return false;
    Operation *parent = user->getParentOp();
    if (auto loop = dyn_cast<scf::ForOp>(parent))
      return carry(loop, number);
    if (!isa<scf::IfOp>(parent))
      return false;
    places.insert(parent->getResult(number));
    return true;
  }

  /// The quantize that all readers of value `number` are like; null if they are
  /// not, or there is none.
  static QuantizeOp matchCarried(scf::ForOp loop, unsigned number) {
    SetVector<QuantizeOp> readers;
    if (failed(collectReaders(loop, number, readers)) || readers.empty())
      return {};
    QuantizeOp first = readers.front();
    bool canMove = llvm::all_of(readers, [&](QuantizeOp quantize) {
      return hasMovableParameters(quantize) && areAlike(first, quantize);
    });
    return canMove ? first : QuantizeOp();
  }

  static LogicalResult carry(scf::ForOp loop, unsigned number,
                             QuantizeOp reader, PatternRewriter &rewriter) {
    SmallVector<Value> inits(loop.getInitArgs());
    inits[number] = createQuantizeLike(rewriter, reader, inits[number]);
    // Like the readers, which are replaced one by one.
    auto quantize = inits[number].getDefiningOp<QuantizeOp>();
    Operation *yield = loop.getBody()->getTerminator();
    rewriter.setInsertionPoint(yield);
    Value codes =
        createQuantizeLike(rewriter, quantize, yield->getOperand(number));
    rewriter.modifyOpInPlace(yield, [&] { yield->setOperand(number, codes); });
    rewriter.setInsertionPoint(loop);
    auto onCodes = scf::ForOp::create(
        rewriter, loop.getLoc(), loop.getLowerBound(), loop.getUpperBound(),
        loop.getStep(), inits, /*bodyBuilder=*/nullptr);
    Block *body = onCodes.getBody();
    if (!body->empty())
      rewriter.eraseOp(&body->back());
    SmallVector<Value> arguments(body->getArguments());
    // Readers read the codes. Whatever carries the value on will, too, once its
    // own quantize has risen.
    Value argument = loop.getRegionIterArg(number);
    rewriter.setInsertionPointToStart(body);
    arguments[number + 1] =
        createDequantize(rewriter, quantize, body->getArgument(number + 1));
    for (Operation *user : llvm::make_early_inc_range(argument.getUsers()))
      if (isa<QuantizeOp>(user))
        rewriter.replaceOp(user, body->getArgument(number + 1));
    rewriter.mergeBlocks(loop.getBody(), body, arguments);
    rewriter.setInsertionPointAfter(onCodes);
    Value result = loop.getResult(number);
    Value values =
        createDequantize(rewriter, quantize, onCodes.getResult(number));
    for (Operation *user : llvm::make_early_inc_range(result.getUsers()))
      if (isa<QuantizeOp>(user))
        rewriter.replaceOp(user, onCodes.getResult(number));
    rewriter.replaceAllUsesWith(result, values);
    for (auto [index, other] : llvm::enumerate(loop.getResults()))
      if (index != number)
        rewriter.replaceAllUsesWith(other, onCodes.getResult(index));
    rewriter.eraseOp(loop);
    return success();
  }
};

} // namespace

void mlir::ptq::populateCarriedValuePatterns(RewritePatternSet &patterns) {
  patterns.add<CarryCodes>(patterns.getContext());
}
