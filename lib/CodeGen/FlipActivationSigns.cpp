//===- FlipActivationSigns.cpp - Activations as unsigned bytes ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A dot product that reads activations as unsigned bytes needs their signs
// flipped. In a kernel's inner loop this takes an instruction for each of them,
// again for every block of output channels; what computes an activation does it
// once, and mostly for nothing: it adds the zero point anyway.
//
//===----------------------------------------------------------------------===//

#include "Kernels/CodeContraction.h"
#include "TargetPass.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "ptq/CodeGen/Passes.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

namespace mlir::ptq {
#define GEN_PASS_DEF_FLIPACTIVATIONSIGNSPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

/// The bit of a code that is its sign.
static constexpr int8_t kSignBit = INT8_MIN;

/// Whether `value` is a constant that kernels read as weights.
static bool isWeights(Value value) {
  Attribute constant;
  return matchPattern(value, m_Constant(&constant)) &&
         !isa<SplatElementsAttr>(constant) &&
         getElementTypeOrSelf(value).isInteger(8);
}

/// The input of `op`, a contraction of codes, that is its activations: the one
/// beside constant weights.
static std::optional<unsigned> findActivations(LinalgOp op) {
  for (unsigned input : {0u, 1u}) {
    Value activations = op->getOperand(input);
    if (isWeights(op->getOperand(1 - input)) &&
        !matchPattern(activations, m_Constant()) &&
        getElementTypeOrSelf(activations).isInteger(8) &&
        !hasFlippedSigns(op, input))
      return input;
  }
  return std::nullopt;
}

/// Whether the sums of `op` are added up in turn, as those of blocks with
/// scales of their own are. Their kernel reads the weights as unsigned.
static bool isSumOfBlock(LinalgOp op) {
  return llvm::any_of(op->getUsers(), [](Operation *user) {
    auto total = dyn_cast<LinalgOp>(user);
    return total && total.getNumReductionLoops() > 0;
  });
}

/// Whether `op` sums up bytes: what zero points of weights are multiplied with.
static bool isSumOfCodes(LinalgOp op) {
  if (!isa<linalg::GenericOp>(op) || op.getNumDpsInputs() != 1 ||
      op.getNumReductionLoops() == 0)
    return false;
  BlockArgument code = op.getBlock()->getArgument(0);
  return code.getType().isInteger(8) && code.hasOneUse() &&
         isa<arith::ExtSIOp>(*code.user_begin());
}

namespace {

/// Flips the signs of activations where they are computed.
class SignFlipper {
public:
  explicit SignFlipper(RewriterBase &rewriter) : rewriter(rewriter) {}

  /// Considers the activations of `op`, or what it sums up.
  void add(LinalgOp op) {
    if (isSumOfCodes(op)) {
      sums.insert(op);
      return;
    }
    if (std::optional<unsigned> activations = findActivations(op))
      contractions.insert({op, *activations});
  }

  /// Rewrites the contractions for which it pays; returns how many these are.
  unsigned run() {
    llvm::MapVector<Operation *, unsigned> chosen;
    for (auto [op, activations] : contractions)
      if (pays(cast<LinalgOp>(op), activations))
        chosen.insert({op, activations});
    for (auto [op, activations] : chosen)
      rewrite(cast<LinalgOp>(op), activations);
    // Sums read what is there anyway.
    for (Operation *op : sums)
      if (Value source = flipped.lookup(op->getOperand(0)))
        readFlipped(cast<LinalgOp>(op), /*input=*/0, source);
    for (Operation *op : llvm::reverse(replaced))
      if (op->use_empty())
        rewriter.eraseOp(op);
    return chosen.size();
  }

private:
  /// Signs that nothing flips on the way are worth a loop of its own if there
  /// are that many products for each.
  static constexpr int64_t kMinUses = 256;

  bool pays(LinalgOp op, unsigned activations) {
    Value value = op->getOperand(activations);
    return countProductsOfEach(op, value) >= kMinUses ||
           isFlippedForFree(value);
  }

  /// Whether all that read `value` read it as activations, or sum it up.
  bool feedsOnlyContractions(Value value) {
    return llvm::all_of(value.getUses(), [&](OpOperand &use) {
      Operation *user = use.getOwner();
      if (isa<tensor::DimOp>(user))
        return true;
      if (isTransparent(user))
        return feedsOnlyContractions(user->getResult(0));
      if (sums.contains(user))
        return true;
      auto found = contractions.find(user);
      return found != contractions.end() &&
             found->second == use.getOperandNumber();
    });
  }

  /// The code that `pad` writes around its source, if it is a constant.
  static std::optional<int8_t> getPadding(tensor::PadOp pad) {
    Value padding = pad.getConstantPaddingValue();
    APInt code;
    if (!padding || !matchPattern(padding, m_ConstantInt(&code)))
      return std::nullopt;
    return static_cast<int8_t>(code.getSExtValue());
  }

  /// Whether flipped signs of what `op` reads are those of its result.
  static bool isTransparent(Operation *op) {
    if (auto pad = dyn_cast<tensor::PadOp>(op))
      return getPadding(pad).has_value();
    return isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op);
  }

  /// Whether an elementwise op computes `value` for contractions only, or it is
  /// copied into a border.
  bool isFlippedForFree(Value value) {
    if (!feedsOnlyContractions(value))
      return false;
    Operation *op = value.getDefiningOp();
    if (op && isa<tensor::PadOp>(op) && isTransparent(op))
      return true;
    if (op && isTransparent(op))
      return isFlippedForFree(op->getOperand(0));
    auto producer = dyn_cast_or_null<linalg::GenericOp>(op);
    return producer && producer.getNumReductionLoops() == 0;
  }

  /// `value` with flipped signs, which are flipped as early as nobody else
  /// needs the others.
  Value flip(Value value) {
    if (Value known = flipped.lookup(value))
      return known;
    Operation *op = value.getDefiningOp();
    Value result;
    if (op && isTransparent(op) && feedsOnlyContractions(value)) {
      Value source = flip(op->getOperand(0));
      rewriter.setInsertionPoint(op);
      result = cloneOn(op, source);
      replaced.push_back(op);
    } else {
      rewriter.setInsertionPointAfterValue(value);
      ImplicitLocOpBuilder builder(value.getLoc(), rewriter);
      result = createElementwise(
          builder, cast<RankedTensorType>(value.getType()), {{value}},
          [](ImplicitLocOpBuilder &body, ValueRange elements) {
            return createFlipped(body, elements.front());
          });
    }
    flipped[value] = result;
    return result;
  }

  /// `op`, a transparent one, on `source`.
  Value cloneOn(Operation *op, Value source) {
    auto pad = dyn_cast<tensor::PadOp>(op);
    if (!pad) {
      Operation *clone = rewriter.clone(*op);
      clone->setOperand(0, source);
      return clone->getResult(0);
    }
    auto code = static_cast<int8_t>(*getPadding(pad) ^ kSignBit);
    Value padding = arith::ConstantOp::create(rewriter, pad.getLoc(),
                                              rewriter.getI8IntegerAttr(code));
    return tensor::PadOp::create(
        rewriter, pad.getLoc(), pad.getResultType(), source,
        pad.getMixedLowPad(), pad.getMixedHighPad(), padding, pad.getNofold());
  }

  static Value createFlipped(ImplicitLocOpBuilder &builder, Value code) {
    Value sign =
        arith::ConstantOp::create(builder, builder.getI8IntegerAttr(kSignBit));
    return arith::XOrIOp::create(builder, code, sign);
  }

  /// The products on activations with flipped signs, which `op` flips back.
  void rewrite(LinalgOp op, unsigned activations) {
    Value source = flip(op->getOperand(activations));
    rewriter.setInsertionPoint(op);
    if (!isa<linalg::GenericOp>(op)) {
      FailureOr<linalg::GenericOp> general =
          linalg::generalizeNamedOp(rewriter, op);
      if (failed(general))
        return;
      // Whoever asks for the users of a value still has to find this one.
      contractions.insert({general->getOperation(), activations});
      op = cast<LinalgOp>(general->getOperation());
    }
    readFlipped(op, activations, source);
  }

  /// Has `op` read `source`, whose signs it flips back, in place of `input`.
  void readFlipped(LinalgOp op, unsigned input, Value source) {
    rewriter.modifyOpInPlace(op, [&] {
      op->setOperand(input, source);
      BlockArgument code = op.getBlock()->getArgument(input);
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPointToStart(op.getBlock());
      ImplicitLocOpBuilder body(op.getLoc(), rewriter);
      Value back = createFlipped(body, code);
      code.replaceAllUsesExcept(back, back.getDefiningOp());
    });
  }

  RewriterBase &rewriter;
  /// The operand of each that is its activations.
  llvm::MapVector<Operation *, unsigned> contractions;
  /// Sums of codes, which may be activations of these.
  llvm::SetVector<Operation *> sums;
  llvm::DenseMap<Value, Value> flipped;
  /// What there is a copy of on flipped signs, operands first.
  SmallVector<Operation *> replaced;
};

struct FlipActivationSignsPass
    : TargetPass<ptq::impl::FlipActivationSignsPassBase,
                 FlipActivationSignsPass> {
  using Base::Base;

  void runOnTarget(const TargetDescription &target) override {
    const DotInstruction *dot = target.getPreferredDot(8);
    if (!dot || !dot->unsignedA)
      return;
    IRRewriter rewriter(&getContext());
    SignFlipper flipper(rewriter);
    getOperation().walk([&](LinalgOp op) {
      if (op.hasPureTensorSemantics() &&
          (isSumOfCodes(op) || (isCodeContraction(op) && !isSumOfBlock(op))))
        flipper.add(op);
    });
    numContractions += flipper.run();
  }
};

} // namespace
