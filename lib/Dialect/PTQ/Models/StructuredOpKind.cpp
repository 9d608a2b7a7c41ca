//===- StructuredOpKind.cpp - What a structured op computes ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ActivationFunction.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "ptq/Dialect/PTQ/Models/UniformValue.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

namespace {
/// What a body does with the block arguments of the inputs and the output.
enum class BodyKind { Other, Forward, Add, Mul, MulAdd, AccumulateSum, Max };
} // namespace

/// Looks through conversions between element types.
static Value stripCasts(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<arith::ExtFOp, arith::ExtSIOp, arith::ExtUIOp, arith::TruncFOp,
             arith::SIToFPOp>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// The number of the block argument that `value` is, up to conversions.
static std::optional<unsigned> getArgumentNumber(Value value, Block *body) {
  auto argument = dyn_cast<BlockArgument>(stripCasts(value));
  if (!argument || argument.getOwner() != body)
    return std::nullopt;
  return argument.getArgNumber();
}

/// Whether the two operands of `op` are the block arguments `lhs` and `rhs`, in
/// any order.
static bool takesArguments(Operation *op, Block *body, unsigned lhs,
                           unsigned rhs) {
  std::optional<unsigned> first = getArgumentNumber(op->getOperand(0), body);
  std::optional<unsigned> second = getArgumentNumber(op->getOperand(1), body);
  return first && second &&
         ((*first == lhs && *second == rhs) ||
          (*first == rhs && *second == lhs));
}

static BodyKind classifyBody(LinalgOp op) {
  Block *body = op.getBlock();
  if (op.getNumDpsInits() != 1 || op.getNumDpsInputs() == 0)
    return BodyKind::Other;
  unsigned output = op.getNumDpsInputs();
  Value yielded = body->getTerminator()->getOperand(0);
  if (getArgumentNumber(yielded, body) == 0u && isa<BlockArgument>(yielded))
    return BodyKind::Forward;
  Operation *root = stripCasts(yielded).getDefiningOp();
  if (!root || root->getNumOperands() != 2)
    return BodyKind::Other;

  bool isAdd = isa<arith::AddFOp, arith::AddIOp>(root);
  if (isAdd && output == 2 && takesArguments(root, body, 0, 1))
    return BodyKind::Add;
  if (isa<arith::MulFOp, arith::MulIOp>(root) && output == 2 &&
      takesArguments(root, body, 0, 1))
    return BodyKind::Mul;
  if (isa<arith::MaximumFOp, arith::MaxNumFOp, arith::MaxSIOp>(root) &&
      takesArguments(root, body, 0, output))
    return BodyKind::Max;
  if (isAdd && takesArguments(root, body, 0, output))
    return BodyKind::AccumulateSum;
  if (!isAdd || output != 2)
    return BodyKind::Other;
  // add(acc, mul(a, b)), in any order.
  for (unsigned accumulator : {0u, 1u}) {
    Operation *product =
        stripCasts(root->getOperand(1 - accumulator)).getDefiningOp();
    if (getArgumentNumber(root->getOperand(accumulator), body) == output &&
        product && isa<arith::MulFOp, arith::MulIOp>(product) &&
        takesArguments(product, body, 0, 1))
      return BodyKind::MulAdd;
  }
  return BodyKind::Other;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

static StructuredOpKind classifySumsOfProducts(LinalgOp op) {
  FailureOr<linalg::ConvolutionDimensions> window =
      linalg::inferConvolutionDims(op);
  if (succeeded(window)) {
    bool isDepthwise = !window->depth.empty() && window->inputChannel.empty();
    return isDepthwise ? StructuredOpKind::DepthwiseConvolution
                       : StructuredOpKind::Convolution;
  }
  // Matrix-vector and dot products lack m or n, which inferContractionDims
  // insists on, so only the maps' shape is asked for.
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  bool areProjections = llvm::all_of(
      maps, [](AffineMap map) { return map.isProjectedPermutation(); });
  return areProjections && op.getNumReductionLoops() > 0
             ? StructuredOpKind::Contraction
             : StructuredOpKind::Other;
}

/// Whether the op reduces over windows (the second input only gives the
/// window's shape), or over whole dimensions of its single input.
static bool isPooling(LinalgOp op) {
  if (op.getNumReductionLoops() == 0)
    return false;
  if (op.getNumDpsInputs() == 1)
    return op.getMatchingIndexingMap(op.getDpsInputOperand(0))
        .isProjectedPermutation();
  return op.getNumDpsInputs() == 2 &&
         succeeded(linalg::inferConvolutionDims(op));
}

/// Whether all loops are parallel, the output is written in order, and every
/// input is read through a projection (identity, broadcast or transpose).
static bool isElementwise(LinalgOp op) {
  if (op.getNumParallelLoops() != op.getNumLoops() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isPermutation())
    return false;
  return llvm::all_of(op.getDpsInputOperands(), [&](OpOperand *input) {
    return op.getMatchingIndexingMap(input).isProjectedPermutation(
        /*allowZeroInResults=*/true);
  });
}

bool mlir::ptq::isSumOfProducts(StructuredOpKind kind) {
  return kind == StructuredOpKind::Contraction ||
         kind == StructuredOpKind::Convolution ||
         kind == StructuredOpKind::DepthwiseConvolution;
}

int64_t mlir::ptq::countProductsOfEach(linalg::LinalgOp op, Value factor) {
  auto multiply = [](ArrayRef<int64_t> sizes) {
    uint64_t product = 1;
    for (int64_t size : sizes)
      if (ShapedType::isStatic(size))
        product = llvm::SaturatingMultiply<uint64_t>(product, size);
    return product;
  };
  auto type = cast<RankedTensorType>(factor.getType());
  uint64_t products = multiply(op.getStaticLoopRanges());
  return static_cast<int64_t>(std::min<uint64_t>(
      products / std::max<uint64_t>(multiply(type.getShape()), 1), INT64_MAX));
}

bool mlir::ptq::readsIntegers(Operation *op) {
  return llvm::any_of(op->getOperandTypes(), [](Type type) {
    return isa<IntegerType>(getElementTypeOrSelf(type));
  });
}

StructuredOpKind mlir::ptq::classifyStructuredOp(LinalgOp op) {
  if (op.hasPureBufferSemantics() || op->getNumResults() != 1)
    return StructuredOpKind::Other;
  switch (classifyBody(op)) {
  case BodyKind::MulAdd:
    return classifySumsOfProducts(op);
  case BodyKind::AccumulateSum:
    return isPooling(op) ? StructuredOpKind::SumPooling
                         : StructuredOpKind::Other;
  case BodyKind::Max:
    return isPooling(op) ? StructuredOpKind::MaxPooling
                         : StructuredOpKind::Other;
  case BodyKind::Add:
    return isElementwise(op) ? StructuredOpKind::ElementwiseAdd
                             : StructuredOpKind::Other;
  case BodyKind::Mul:
    return isElementwise(op) ? StructuredOpKind::ElementwiseMul
                             : StructuredOpKind::Other;
  case BodyKind::Forward:
    return op.getNumDpsInputs() == 1 && isElementwise(op)
               ? StructuredOpKind::Movement
               : StructuredOpKind::Other;
  case BodyKind::Other:
    return isElementwise(op) && matchActivationFunction(op)
               ? StructuredOpKind::ActivationFunction
               : StructuredOpKind::Other;
  }
  return StructuredOpKind::Other;
}

//===----------------------------------------------------------------------===//
// Clamps
//===----------------------------------------------------------------------===//

/// The value of `value` if it is a constant scalar, an element of a splat
/// constant, or of a filled tensor.
static std::optional<double> getConstantBound(LinalgOp op, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument)
    return matchUniformNumber(value);
  if (argument.getOwner() != op.getBlock() ||
      argument.getArgNumber() >= op.getNumDpsInputs())
    return std::nullopt;
  return matchUniformNumber(op->getOperand(argument.getArgNumber()));
}

namespace {
/// One side of a clamp: `value` limited by `bound` from below or above.
struct ClampStep {
  Value value;
  double bound;
  bool isLower;
};
} // namespace

/// Matches max(value, bound) and min(value, bound) in their spellings.
static std::optional<ClampStep> matchClampStep(LinalgOp op, Operation *step) {
  auto matchOperands = [&](Value lhs, Value rhs,
                           bool isLower) -> std::optional<ClampStep> {
    if (std::optional<double> bound = getConstantBound(op, rhs))
      return ClampStep{lhs, *bound, isLower};
    if (std::optional<double> bound = getConstantBound(op, lhs))
      return ClampStep{rhs, *bound, isLower};
    return std::nullopt;
  };
  if (isa<arith::MaximumFOp, arith::MaxNumFOp>(step))
    return matchOperands(step->getOperand(0), step->getOperand(1), true);
  if (isa<arith::MinimumFOp, arith::MinNumFOp>(step))
    return matchOperands(step->getOperand(0), step->getOperand(1), false);
  auto select = dyn_cast<arith::SelectOp>(step);
  auto compare = select ? select.getCondition().getDefiningOp<arith::CmpFOp>()
                        : arith::CmpFOp();
  if (!compare)
    return std::nullopt;
  // select(a > b, a, b) is a maximum, select(a < b, a, b) a minimum.
  bool isGreater, isSwapped;
  switch (compare.getPredicate()) {
  case arith::CmpFPredicate::OGT:
  case arith::CmpFPredicate::OGE:
  case arith::CmpFPredicate::UGT:
  case arith::CmpFPredicate::UGE:
    isGreater = true;
    break;
  case arith::CmpFPredicate::OLT:
  case arith::CmpFPredicate::OLE:
  case arith::CmpFPredicate::ULT:
  case arith::CmpFPredicate::ULE:
    isGreater = false;
    break;
  default:
    return std::nullopt;
  }
  if (select.getTrueValue() == compare.getLhs() &&
      select.getFalseValue() == compare.getRhs())
    isSwapped = false;
  else if (select.getTrueValue() == compare.getRhs() &&
           select.getFalseValue() == compare.getLhs())
    isSwapped = true;
  else
    return std::nullopt;
  return matchOperands(compare.getLhs(), compare.getRhs(),
                       isGreater != isSwapped);
}

std::optional<ClampBounds> mlir::ptq::matchClamp(LinalgOp op) {
  if (op.hasPureBufferSemantics() || op->getNumResults() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops())
    return std::nullopt;
  ClampBounds bounds{-std::numeric_limits<double>::infinity(),
                     std::numeric_limits<double>::infinity(),
                     /*input=*/0};
  Block *body = op.getBlock();
  Value value = body->getTerminator()->getOperand(0);
  bool anyStep = false;
  while (Operation *step = value.getDefiningOp()) {
    std::optional<ClampStep> match = matchClampStep(op, step);
    if (!match)
      return std::nullopt;
    // Steps further from the result apply first; what is already collected is
    // applied after them and wins.
    if (std::isnan(match->bound))
      return std::nullopt;
    double bound = std::clamp(match->bound, bounds.low, bounds.high);
    (match->isLower ? bounds.low : bounds.high) = bound;
    anyStep = true;
    value = match->value;
  }
  // What is clamped must be an input that is read in order.
  auto argument = dyn_cast<BlockArgument>(value);
  if (!anyStep || !argument || argument.getOwner() != body ||
      argument.getArgNumber() >= op.getNumDpsInputs())
    return std::nullopt;
  bounds.input = argument.getArgNumber();
  OpOperand *input = op.getDpsInputOperand(bounds.input);
  if (!op.getMatchingIndexingMap(input).isIdentity() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
    return std::nullopt;
  return bounds;
}

ClampBounds mlir::ptq::getFollowingClamp(Operation *op) {
  if (op->hasOneUse())
    if (auto user = dyn_cast<LinalgOp>(*op->user_begin()))
      if (std::optional<ClampBounds> bounds = matchClamp(user))
        return *bounds;
  return {-std::numeric_limits<double>::infinity(),
          std::numeric_limits<double>::infinity(), /*input=*/0};
}
