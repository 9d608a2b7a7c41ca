//===- InsertObservers.cpp - Observe every edge that a scheme quantizes ---===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EdgePlacement.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Interpreter/EntryFunction.h"
#include "ptq/Interpreter/FloatElements.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_INSERTOBSERVERSPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// Makes observers, one for each value and way to quantize it, with unique
/// names. The observers of one value share its name, since they share its
/// statistics.
class ObserverFactory {
public:
  explicit ObserverFactory(ModuleOp module) {
    module.walk([&](ObserveOp op) {
      usedNames.insert(op.getEdge());
      names[op.getInput()] = op.getEdge().str();
      observers[{op.getInput(), op.getEncoding(), op.getEstimator(),
                 op.getRounding()}] = op;
    });
  }

  /// The observer of `value` for what follows; `isNew` says whether it was made
  /// now.
  ObserveOp getOrCreate(Value value, EncodingAttr encoding,
                        RangeEstimatorKind estimator, Rounding rounding,
                        bool &isNew) {
    ObserveOp &observer = observers[{value, encoding, estimator, rounding}];
    isNew = !observer;
    if (isNew) {
      OpBuilder builder(value.getContext());
      builder.setInsertionPointAfterValue(value);
      observer = ObserveOp::create(builder, value.getLoc(), value.getType(),
                                   value, getName(value), encoding, estimator,
                                   rounding, /*range=*/RangeAttr());
    }
    return observer;
  }

  /// Rounds what `operand` reads to `type`, and widens it again; once for each
  /// value and type.
  void roundTo(FloatType type, OpOperand &operand) {
    EdgePath path = traceToRoot(operand);
    makePathPrivate(path);
    auto valueType = cast<RankedTensorType>(path.root.getType());
    if (valueType.getElementTypeBitWidth() <= type.getWidth())
      return;
    Value &rounded = roundedValues[{path.root, type}];
    if (!rounded) {
      OpBuilder builder(path.root.getContext());
      builder.setInsertionPointAfterValue(path.root);
      Location loc = path.root.getLoc();
      Value narrow = arith::TruncFOp::create(builder, loc,
                                             valueType.clone(type), path.root);
      rounded = arith::ExtFOp::create(builder, loc, valueType, narrow);
    }
    path.operands.front()->set(rounded);
  }

private:
  StringRef getName(Value value) {
    std::string &name = names[value];
    if (!name.empty())
      return name;
    std::string base = getEdgeName(value);
    name = base;
    for (unsigned suffix = 1; !usedNames.insert(name).second; ++suffix)
      name = base + "." + std::to_string(suffix);
    return name;
  }

  llvm::StringSet<> usedNames;
  DenseMap<Value, std::string> names;
  DenseMap<std::tuple<Value, Attribute, RangeEstimatorKind, Rounding>,
           ObserveOp>
      observers;
  DenseMap<std::pair<Value, Type>, Value> roundedValues;
};

struct InsertObserversPass
    : public ptq::impl::InsertObserversPassBase<InsertObserversPass> {
  using Base::Base;

  void runOnOperation() override {
    sampleAxes = {};
    ObserverFactory factory(getOperation());
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (op->hasAttr(kSchemeAttrName))
        ops.push_back(op);
    });
    llvm::SmallPtrSet<Operation *, 32> quantized(ops.begin(), ops.end());
    // Functions of each element are quantized where their results are.
    if (outputs && failed(observeOutputs(factory)))
      return signalPassFailure();
    for (Operation *op : ops) {
      auto scheme = op->getAttrOfType<SchemeAttr>(kSchemeAttrName);
      op->removeAttr(kSchemeAttrName);
      auto quantizable = dyn_cast<QuantizableOpInterface>(op);
      if (!quantizable || quantizable.getQuantizableKind().empty()) {
        op->emitWarning("has a ptq.scheme but cannot be quantized; it stays in "
                        "float");
        continue;
      }
      if (isFunctionForFloat(quantizable, scheme, quantized)) {
        ++numFunctionsInFloat;
        remark::missed(op->getLoc(), remark::RemarkOpts::name("LeftInFloat")
                                         .category("ptq-insert-observers"))
            << remark::reason("no quantized op consumes what this function of "
                              "each element gives");
        continue;
      }
      if (Type type = findTypeWithoutCodes(quantizable)) {
        remark::missed(op->getLoc(), remark::RemarkOpts::name("LeftInFloat")
                                         .category("ptq-insert-observers"))
            << remark::reason("it computes on {0}, and codes stand for f32, "
                              "f16 or bf16",
                              type);
        continue;
      }
      observeOperands(quantizable, scheme, factory);
      observeResult(op, scheme, factory);
    }
  }

private:
  /// The scheme of the nearest op that `value` is computed by, if activations
  /// are quantized there.
  static SchemeAttr findSchemeBefore(Value value) {
    SetVector<Operation *> ops;
    auto add = [&](Operation *op) {
      for (Value operand : op->getOperands())
        if (Operation *producer = operand.getDefiningOp())
          ops.insert(producer);
    };
    if (Operation *producer = value.getDefiningOp())
      ops.insert(producer);
    for (size_t index = 0; index < ops.size(); ++index) {
      auto scheme = ops[index]->getAttrOfType<SchemeAttr>(kSchemeAttrName);
      if (scheme && scheme.getActivations())
        return scheme;
      add(ops[index]);
    }
    return {};
  }

  /// Observes what the entry function returns.
  LogicalResult observeOutputs(ObserverFactory &factory) {
    FailureOr<func::FuncOp> entry = findEntryFunction(getOperation());
    if (failed(entry))
      return failure();
    entry->walk([&](func::ReturnOp returnOp) {
      for (OpOperand &operand : returnOp->getOpOperands())
        observeOutput(operand, factory);
    });
    return success();
  }

  void observeOutput(OpOperand &operand, ObserverFactory &factory) {
    Value value = operand.get();
    if (!isa<RankedTensorType>(value.getType()) ||
        !isAtMostF32(getElementTypeOrSelf(value)))
      return;
    if (Operation *producer = value.getDefiningOp()) {
      // Somebody else has quantized it, or the op's own scheme says how.
      auto scheme = producer->getAttrOfType<SchemeAttr>(kSchemeAttrName);
      if (isa<DequantizeOp>(producer) || (scheme && scheme.getOutputs()))
        return;
    }
    SchemeAttr scheme = findSchemeBefore(value);
    if (!scheme || scheme.getActivations().isDynamic()) {
      ++numFloatOutputs;
      remark::missed(operand.getOwner()->getLoc(),
                     remark::RemarkOpts::name("LeftInFloat")
                         .category("ptq-insert-observers"))
          << remark::reason("no op before output {0} has its activations "
                            "quantized by constants",
                            operand.getOperandNumber());
      return;
    }
    bool isNew = false;
    ObserveOp observer =
        factory.getOrCreate(value, scheme.getActivations().perTensor(),
                            scheme.getEstimator(), Rounding::Nearest, isNew);
    operand.set(observer.getResult());
    ++numOutputs;
  }

  /// Whether `op` is a function of each element whose result is only needed in
  /// float: as a table it would have to give codes.
  static bool
  isFunctionForFloat(QuantizableOpInterface op, SchemeAttr scheme,
                     const llvm::SmallPtrSetImpl<Operation *> &quantized) {
    auto structured = dyn_cast<linalg::LinalgOp>(op.getOperation());
    if (!structured || scheme.getOutputs() ||
        classifyStructuredOp(structured) !=
            StructuredOpKind::ActivationFunction)
      return false;
    SmallVector<Operation *> worklist{op};
    while (!worklist.empty())
      for (Operation *user : worklist.pop_back_val()->getUsers()) {
        if (quantized.contains(user) || isa<ObserveOp>(user))
          return false;
        if (isa<QuantizationTransparentOpInterface>(user))
          worklist.push_back(user);
      }
    return true;
  }

  /// The type of an edge at `op` that is not a type that codes stand for, or
  /// null.
  static Type findTypeWithoutCodes(QuantizableOpInterface op) {
    auto hasCodes = [](Type type) {
      return isAtMostF32(getElementTypeOrSelf(type));
    };
    for (OpOperand &operand : op->getOpOperands()) {
      OperandRole role = op.getOperandRole(operand.getOperandNumber());
      if (role != OperandRole::Activation && role != OperandRole::Weight)
        continue;
      for (Type type :
           {operand.get().getType(), traceToRoot(operand).root.getType()})
        if (!hasCodes(type))
          return getElementTypeOrSelf(type);
    }
    for (Type type : op->getResultTypes())
      if (!hasCodes(type))
        return getElementTypeOrSelf(type);
    return {};
  }

  void observeOperands(QuantizableOpInterface op, SchemeAttr scheme,
                       ObserverFactory &factory) {
    // Roles follow from what is constant: ask before anything is inserted.
    SmallVector<OperandRole> roles = llvm::map_to_vector(
        llvm::seq(op->getNumOperands()),
        [&](unsigned operand) { return op.getOperandRole(operand); });
    auto getScheme = [&](OpOperand &operand) {
      unsigned number = operand.getOperandNumber();
      return scheme.getOperand(number, roles[number]);
    };
    bool isWeightOnly = llvm::none_of(op->getOpOperands(), [&](auto &operand) {
      return roles[operand.getOperandNumber()] == OperandRole::Activation &&
             getScheme(operand).getEncoding();
    });
    for (auto [operand, role] : llvm::zip_equal(op->getOpOperands(), roles)) {
      bool isEdge =
          role == OperandRole::Activation || role == OperandRole::Weight;
      Value root = traceToRoot(operand).root;
      if (!isEdge || !isa<RankedTensorType>(root.getType()))
        continue;
      // Whoever quantized it has chosen the parameters.
      if (root.getDefiningOp<DequantizeOp>()) {
        ++numQuantized;
        continue;
      }
      OperandSchemeAttr own = getScheme(operand);
      if (FloatType type = own.getFloatType())
        factory.roundTo(type, operand);
      if (own.getEncoding())
        observe(place(op, operand, role, own.getEncoding(), isWeightOnly), own,
                factory);
    }
  }

  EdgePlacement place(QuantizableOpInterface op, OpOperand &operand,
                      OperandRole role, EncodingAttr encoding,
                      bool isWeightOnly) {
    auto reportFallback = [&](Granularity granularity, StringRef reason) {
      countFallback(granularity);
      remark::missed(op->getLoc(),
                     remark::RemarkOpts::name("CoarserGranularity")
                         .category("ptq-insert-observers"))
          << remark::reason("no scale per {0}: {1}",
                            stringifyGranularity(granularity), reason);
    };
    return role == OperandRole::Weight
               ? placeWeight(op, operand, encoding, isWeightOnly,
                             reportFallback)
               : placeActivation(op, operand, encoding, sampleAxes,
                                 reportFallback);
  }

  void observe(const EdgePlacement &edge, OperandSchemeAttr scheme,
               ObserverFactory &factory) {
    Value value = edge.path.root;
    if (auto observer = value.getDefiningOp<ObserveOp>()) {
      // What another op has observed in the same way is used as it is.
      if (observer.getEncoding() == edge.encoding &&
          observer.getEstimator() == scheme.getEstimator() &&
          observer.getRounding() == scheme.getRounding())
        return;
      value = observer.getInput();
    }
    bool isNew = false;
    ObserveOp observer =
        factory.getOrCreate(value, edge.encoding, scheme.getEstimator(),
                            scheme.getRounding(), isNew);
    edge.path.operands.front()->set(observer.getResult());
    if (isNew)
      ++(matchPattern(value, m_Constant()) ? numWeights : numActivations);
  }

  void observeResult(Operation *op, SchemeAttr scheme,
                     ObserverFactory &factory) {
    if (!scheme.getOutputs() || op->getNumResults() != 1)
      return;
    Value result = op->getResult(0);
    bool isNew = false;
    ObserveOp observer =
        factory.getOrCreate(result, scheme.getOutputs(), scheme.getEstimator(),
                            Rounding::Nearest, isNew);
    result.replaceAllUsesExcept(observer.getResult(), observer);
    numActivations += isNew;
  }

  /// Counts that a scale for each of `granularity` cannot be had.
  void countFallback(Granularity granularity) {
    switch (granularity) {
    case Granularity::Axis:
      ++numPerTensorFallbacks;
      return;
    case Granularity::Block:
      ++numPerChannelFallbacks;
      return;
    case Granularity::Token:
      ++numPerTokenFallbacks;
      return;
    case Granularity::Tensor:
      return;
    }
  }

  SampleAxisAnalysis sampleAxes;
};

} // namespace
