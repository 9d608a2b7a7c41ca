//===- KnownRange.cpp - Ranges that follow from a definition --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Models/KnownRange.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Interval arithmetic
//===----------------------------------------------------------------------===//

namespace {
/// Where a number lies; infinite where a side is open.
struct Interval {
  double low = -INFINITY;
  double high = INFINITY;

  bool isNonnegative() const { return low >= 0; }
};
} // namespace

static Interval join(Interval a, Interval b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

static Interval operator+(Interval a, Interval b) {
  return {a.low + b.low, a.high + b.high};
}

static Interval operator-(Interval a) { return {-a.high, -a.low}; }

/// A product of ends: an infinite end stands for arbitrarily large numbers, so
/// that 0 times it is 0.
static double multiplyEnds(double a, double b) {
  return a == 0 || b == 0 ? 0 : a * b;
}

static Interval operator*(Interval a, Interval b) {
  double products[] = {multiplyEnds(a.low, b.low), multiplyEnds(a.low, b.high),
                       multiplyEnds(a.high, b.low),
                       multiplyEnds(a.high, b.high)};
  return {*llvm::min_element(products), *llvm::max_element(products)};
}

static Interval getReciprocal(Interval a) {
  if (a.low < 0 && a.high > 0)
    return {};
  // An end at 0 belongs to the side on which the rest lies.
  double low = a.high == 0 ? -INFINITY : 1 / a.high;
  double high = a.low == 0 ? INFINITY : 1 / a.low;
  return {low, high};
}

/// The image of `a` under a function that never falls.
template <typename Function>
static Interval mapEnds(Interval a, Function function) {
  return {function(a.low), function(a.high)};
}

static Interval getMagnitude(Interval a) {
  if (a.low >= 0)
    return a;
  if (a.high <= 0)
    return -a;
  return {0, std::max(-a.low, a.high)};
}

//===----------------------------------------------------------------------===//
// Analysis
//===----------------------------------------------------------------------===//

namespace {
/// Finds the intervals of scalars and of the elements of tensors.
class IntervalAnalysis {
public:
  Interval get(Value value) {
    auto [it, isNew] = known.try_emplace(value);
    // Where the way leads back to itself nothing is known, and neither is
    // beyond a depth that no definition needs.
    if (!isNew || depth == kMaxDepth)
      return it->second;
    ++depth;
    Interval interval = compute(value);
    --depth;
    return known[value] = interval;
  }

private:
  static constexpr unsigned kMaxDepth = 64;

  Interval compute(Value value);
  Interval computeOp(Operation *op);
  Interval computeStructured(linalg::LinalgOp op);
  bool isNormalized(Operation *op);

  DenseMap<Value, Interval> known;
  unsigned depth = 0;
};
} // namespace

Interval IntervalAnalysis::compute(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto op =
        dyn_cast_or_null<linalg::LinalgOp>(argument.getOwner()->getParentOp());
    if (!op || argument.getArgNumber() >= op.getNumDpsInputs())
      return {};
    return get(op->getOperand(argument.getArgNumber()));
  }
  Operation *op = value.getDefiningOp();
  if (op->getNumResults() != 1)
    return {};
  if (auto observer = dyn_cast<ObserveOp>(op))
    return get(observer.getInput());
  if (isa<linalg::SoftmaxOp>(op) || isNormalized(op))
    return {0, 1};
  if (auto transparent = dyn_cast<QuantizationTransparentOpInterface>(op);
      transparent && transparent.preservesRange()) {
    // Padding adds zeros.
    Interval interval = {0, 0};
    for (OpOperand &operand : op->getOpOperands())
      if (transparent.isTransparentFor(operand.getOperandNumber()))
        interval = join(interval, get(operand.get()));
    return interval;
  }
  if (auto structured = dyn_cast<linalg::LinalgOp>(op))
    return computeStructured(structured);
  return computeOp(op);
}

Interval IntervalAnalysis::computeStructured(linalg::LinalgOp op) {
  if (op.getNumParallelLoops() == op.getNumLoops())
    return get(op.getBlock()->getTerminator()->getOperand(0));
  // A sum of numbers that are not negative is none either.
  if (classifyStructuredOp(op) == StructuredOpKind::SumPooling &&
      get(op.getDpsInputs().front()).isNonnegative() &&
      get(op.getDpsInits().front()).isNonnegative())
    return {0, INFINITY};
  return {};
}

/// Scalar arithmetic, or the same on the elements of tensors.
Interval IntervalAnalysis::computeOp(Operation *op) {
  auto operand = [&](unsigned number) { return get(op->getOperand(number)); };
  return llvm::TypeSwitch<Operation *, Interval>(op)
      .Case([&](arith::ConstantOp constant) -> Interval {
        Attribute value = constant.getValue();
        if (auto splat = dyn_cast<SplatElementsAttr>(value))
          value = splat.getSplatValue<Attribute>();
        auto number = dyn_cast<FloatAttr>(value);
        if (!number || number.getValue().isNaN())
          return {};
        double x = number.getValueAsDouble();
        return {x, x};
      })
      .Case([&](linalg::FillOp fill) { return get(fill.value()); })
      .Case([&](arith::AddFOp) { return operand(0) + operand(1); })
      .Case([&](arith::SubFOp) { return operand(0) + -operand(1); })
      .Case([&](arith::NegFOp) { return -operand(0); })
      .Case([&](arith::MulFOp) {
        return op->getOperand(0) == op->getOperand(1)
                   ? getMagnitude(operand(0)) * getMagnitude(operand(0))
                   : operand(0) * operand(1);
      })
      .Case(
          [&](arith::DivFOp) { return operand(0) * getReciprocal(operand(1)); })
      .Case<arith::MaximumFOp, arith::MaxNumFOp>([&](Operation *) {
        return Interval{std::max(operand(0).low, operand(1).low),
                        std::max(operand(0).high, operand(1).high)};
      })
      .Case<arith::MinimumFOp, arith::MinNumFOp>([&](Operation *) {
        return Interval{std::min(operand(0).low, operand(1).low),
                        std::min(operand(0).high, operand(1).high)};
      })
      .Case([&](arith::SelectOp) { return join(operand(1), operand(2)); })
      .Case<arith::ExtFOp, arith::TruncFOp>(
          [&](Operation *) { return operand(0); })
      .Case([&](arith::UIToFPOp) -> Interval {
        bool isBoolean =
            getElementTypeOrSelf(op->getOperand(0).getType()).isInteger(1);
        return {0, isBoolean ? 1.0 : INFINITY};
      })
      .Case([&](math::AbsFOp) { return getMagnitude(operand(0)); })
      .Case([&](math::ExpOp) {
        return mapEnds(operand(0), [](double x) { return std::exp(x); });
      })
      .Case([&](math::Exp2Op) {
        return mapEnds(operand(0), [](double x) { return std::exp2(x); });
      })
      .Case([&](math::TanhOp) {
        return mapEnds(operand(0), [](double x) { return std::tanh(x); });
      })
      .Case([&](math::ErfOp) {
        return mapEnds(operand(0), [](double x) { return std::erf(x); });
      })
      .Case([&](math::SqrtOp) {
        return mapEnds(operand(0),
                       [](double x) { return std::sqrt(std::max(x, 0.0)); });
      })
      .Case<math::SinOp, math::CosOp>(
          [&](Operation *) { return Interval{-1, 1}; })
      .Default([](Operation *) { return Interval(); });
}

/// Whether `op` divides numbers that are not negative by their sum, or
/// multiplies them by its reciprocal, as a softmax does that has been taken
/// apart. The sum may have been moved or broadcast.
bool IntervalAnalysis::isNormalized(Operation *op) {
  auto structured = dyn_cast<linalg::LinalgOp>(op);
  if (!structured || structured.getNumDpsInputs() != 2 ||
      structured.getNumParallelLoops() != structured.getNumLoops())
    return false;
  Block *body = structured.getBlock();
  Operation *last = body->getTerminator()->getOperand(0).getDefiningOp();
  if (!isa_and_present<arith::DivFOp, arith::MulFOp>(last))
    return false;
  auto lhs = dyn_cast<BlockArgument>(last->getOperand(0));
  auto rhs = dyn_cast<BlockArgument>(last->getOperand(1));
  if (!lhs || !rhs || lhs.getOwner() != body || rhs.getOwner() != body ||
      lhs == rhs)
    return false;
  Value numerator = op->getOperand(lhs.getArgNumber());
  Value divisor = traceToRoot(op->getOpOperand(rhs.getArgNumber())).root;
  if (isa<arith::MulFOp>(last)) {
    auto reciprocal = divisor.getDefiningOp<linalg::LinalgOp>();
    if (!reciprocal || reciprocal.getNumDpsInputs() != 1)
      return false;
    auto division = reciprocal.getBlock()
                        ->getTerminator()
                        ->getOperand(0)
                        .getDefiningOp<arith::DivFOp>();
    if (!division || !matchPattern(division.getLhs(), m_OneFloat()) ||
        division.getRhs() != reciprocal.getBlock()->getArgument(0))
      return false;
    divisor = traceToRoot(reciprocal->getOpOperand(0)).root;
  }
  auto sum = divisor.getDefiningOp<linalg::LinalgOp>();
  return sum && classifyStructuredOp(sum) == StructuredOpKind::SumPooling &&
         sum->getOperand(0) == numerator && get(numerator).isNonnegative() &&
         get(sum.getDpsInits().front()).isNonnegative();
}

std::optional<RealRange> mlir::ptq::getKnownRange(Value value) {
  Interval interval = IntervalAnalysis().get(value);
  if (interval.low < -1 || interval.high > 1 || interval.low >= interval.high)
    return std::nullopt;
  return RealRange{interval.low, interval.high};
}
