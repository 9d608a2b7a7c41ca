//===- SumRounding.cpp - How far rounded sums move outputs ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Execution/SumRounding.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/EntryFunction.h"
#include "ptq/Interpreter/IntegerElements.h"
#include <cfloat>
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::ptq;

/// By how much more than in these trials an element may move.
static constexpr double kSlack = 4.0;

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

/// Whether `op` gives one tensor of sums of floats.
static bool isFloatSum(Operation *op) {
  if (op->getNumResults() != 1 ||
      !isa<FloatType>(getElementTypeOrSelf(op->getResult(0))) ||
      !isa<RankedTensorType>(op->getResult(0).getType()))
    return false;
  if (isa<linalg::SoftmaxOp>(op))
    return true;
  auto structured = dyn_cast<linalg::LinalgOp>(op);
  return structured && structured.getNumReductionLoops() > 0 &&
         structured.getBlock()
             ->walk([](arith::AddFOp) { return WalkResult::interrupt(); })
             .wasInterrupted();
}

/// Beyond what another order costs a sum of some thousand terms. Narrow sums
/// are rounded once, at the end.
static double getRelativeError(Type elementType) {
  if (elementType.isF16())
    return std::ldexp(1.0, -10);
  if (elementType.isBF16())
    return std::ldexp(1.0, -7);
  return std::ldexp(1.0, elementType.isF64() ? -49 : -20);
}

/// What the terms of the sums of `op` amount to without their signs; of narrow
/// sums, whose last rounding is all that counts, the sums themselves.
static Value getMagnitudes(ImplicitLocOpBuilder &builder, Operation *op) {
  Value sums = op->getResult(0);
  Value magnitudes = math::AbsFOp::create(builder, sums);
  Type elementType = getElementTypeOrSelf(sums);
  if (elementType.isF16() || elementType.isBF16())
    return magnitudes;
  IRMapping mapping;
  for (Value operand : op->getOperands())
    if (isa<FloatType>(getElementTypeOrSelf(operand)))
      mapping.map(operand, math::AbsFOp::create(builder, operand));
  Value terms = builder.clone(*op, mapping)->getResult(0);
  return arith::AddFOp::create(builder, magnitudes,
                               math::AbsFOp::create(builder, terms));
}

/// `value` with elements of `elementType`.
static Value convert(ImplicitLocOpBuilder &builder, Value value,
                     Type elementType) {
  auto type = cast<RankedTensorType>(value.getType());
  unsigned from = type.getElementTypeBitWidth();
  unsigned to = elementType.getIntOrFloatBitWidth();
  if (from == to)
    return value;
  RankedTensorType converted = type.clone(elementType);
  if (from < to)
    return arith::ExtFOp::create(builder, converted, value);
  return arith::TruncFOp::create(builder, converted, value);
}

/// Adds errors to the sums of `op`, which an observer makes of magnitudes.
static ObserveOp addErrors(Operation *op) {
  ImplicitLocOpBuilder builder(op->getLoc(), op->getContext());
  builder.setInsertionPointAfter(op);
  Value sums = op->getResult(0);
  SmallVector<OpOperand *> uses =
      llvm::map_to_vector(sums.getUses(), [](OpOperand &use) { return &use; });
  Value magnitudes =
      convert(builder, getMagnitudes(builder, op), builder.getF32Type());
  // The encoding says nothing here.
  auto encoding = EncodingAttr::get(builder.getContext(), builder.getI8Type(),
                                    Symmetry::Symmetric);
  auto observer =
      ObserveOp::create(builder, magnitudes.getType(), magnitudes,
                        builder.getStringAttr("errors"), encoding,
                        RangeEstimatorKind::MinMax, Rounding::Nearest,
                        /*range=*/RangeAttr());
  Value errors = convert(builder, observer.getResult(),
                         getElementTypeOrSelf(sums.getType()));
  Value wrong = arith::AddFOp::create(builder, sums, errors);
  for (OpOperand *use : uses)
    use->set(wrong);
  return observer;
}

/// The values that depend on sums of floats. Control flow is not looked into:
/// what happens in the regions of an op is said of all its results.
static llvm::DenseSet<Value> findInexactValues(func::FuncOp function) {
  llvm::DenseSet<Value> inexact;
  for (Operation &op : function.getOps()) {
    WalkResult found = op.walk([&](Operation *nested) {
      bool isInexact = isFloatSum(nested) || isa<func::CallOp>(nested) ||
                       llvm::any_of(nested->getOperands(), [&](Value operand) {
                         return inexact.contains(operand);
                       });
      return isInexact ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (found.wasInterrupted())
      inexact.insert_range(op.getResults());
  }
  return inexact;
}

//===----------------------------------------------------------------------===//
// Measuring
//===----------------------------------------------------------------------===//

double mlir::ptq::getElementAsDouble(const TensorValue &tensor, int64_t index) {
  auto type = dyn_cast<FloatType>(tensor.getElementType());
  if (!type)
    return static_cast<double>(readInteger(tensor, index));
  unsigned bytes = tensor.getElementByteSize();
  uint64_t bits = 0;
  std::memcpy(&bits, tensor.getRawData().data() + index * bytes, bytes);
  return APFloat(type.getFloatSemantics(), APInt(8 * bytes, bits))
      .convertToDouble();
}

bool OutputTolerance::allows(double expected, double actual) const {
  if (isExact)
    return false;
  if (mayOverflow)
    return true;
  return std::fabs(expected - actual) <= kSlack * largestMove;
}

SumRounding::SumRounding(OwningOpRef<ModuleOp> module, func::FuncOp entry,
                         ErrorMap relativeErrors, SmallVector<bool> isExact,
                         uint64_t seed)
    : module(std::move(module)), entry(entry),
      relativeErrors(std::move(relativeErrors)), isExact(std::move(isExact)),
      random(seed), interpreter(*this->module) {
  interpreter.setObserverModel(
      [this](ObserveOp observer, TensorValue value) -> FailureOr<TensorValue> {
        TensorValue errors = makeErrors(observer, value);
        if (!errors)
          return observer.emitError("not enough memory for errors of sums");
        return errors;
      });
}

FailureOr<std::unique_ptr<SumRounding>> SumRounding::create(ModuleOp module,
                                                            uint64_t seed) {
  OwningOpRef<ModuleOp> copy = module.clone();
  FailureOr<func::FuncOp> entry = findEntryFunction(*copy);
  if (failed(entry))
    return failure();
  llvm::DenseSet<Value> inexact = findInexactValues(*entry);
  SmallVector<bool> isExact;
  for (Value output : entry->getBody().back().getTerminator()->getOperands())
    isExact.push_back(!inexact.contains(output));
  SmallVector<Operation *> sums;
  copy->walk([&](Operation *op) {
    if (isFloatSum(op))
      sums.push_back(op);
  });
  ErrorMap relativeErrors;
  for (Operation *op : sums)
    relativeErrors[addErrors(op)] =
        getRelativeError(getElementTypeOrSelf(op->getResult(0)));
  return std::unique_ptr<SumRounding>(
      new SumRounding(std::move(copy), *entry, std::move(relativeErrors),
                      std::move(isExact), seed));
}

/// Random errors of sums whose terms have these magnitudes.
TensorValue SumRounding::makeErrors(ObserveOp observer,
                                    const TensorValue &magnitudes) {
  auto found = relativeErrors.find(observer);
  if (found == relativeErrors.end())
    return magnitudes;
  TensorValue errors = TensorValue::allocate(magnitudes.getType());
  if (!errors)
    return errors;
  for (auto [error, magnitude] : llvm::zip_equal(errors.getMutableData<float>(),
                                                 magnitudes.getData<float>())) {
    if (magnitude > FLT_MAX / 4)
      mayOverflow = true;
    double part = std::ldexp(static_cast<double>(random() >> 11), -52) - 1;
    error = static_cast<float>(magnitude * found->second * part);
  }
  return errors;
}

SmallVector<OutputTolerance> SumRounding::getTolerances() const {
  return llvm::map_to_vector(isExact, [](bool exact) {
    OutputTolerance tolerance;
    tolerance.isExact = exact;
    return tolerance;
  });
}

LogicalResult
SumRounding::measure(ArrayRef<TensorValue> inputs,
                     ArrayRef<TensorValue> outputs,
                     MutableArrayRef<OutputTolerance> tolerances) {
  mayOverflow = false;
  FailureOr<SmallVector<TensorValue>> moved =
      interpreter.call(cast<FunctionOpInterface>(entry.getOperation()), inputs);
  if (failed(moved))
    return failure();
  for (auto [tolerance, before, after] :
       llvm::zip_equal(tolerances, outputs, *moved)) {
    tolerance.mayOverflow |= mayOverflow;
    for (int64_t i = 0, e = before.getNumElements(); i < e; ++i) {
      double move = std::fabs(getElementAsDouble(before, i) -
                              getElementAsDouble(after, i));
      if (std::isfinite(move))
        tolerance.largestMove = std::max(tolerance.largestMove, move);
    }
  }
  return success();
}
