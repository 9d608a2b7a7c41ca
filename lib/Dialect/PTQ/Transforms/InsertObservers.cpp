//===- InsertObservers.cpp - Observe every edge that a scheme quantizes ---===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_INSERTOBSERVERSPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// Makes observers, one for each value and encoding, with unique names. The
/// observers of one value share its name, since they share its statistics.
class ObserverFactory {
public:
  explicit ObserverFactory(ModuleOp module) {
    module.walk([&](ObserveOp op) {
      usedNames.insert(op.getEdge());
      names[op.getInput()] = op.getEdge().str();
      observers[{op.getInput(), op.getEncoding()}] = op;
    });
  }

  /// The observer of `value` for `encoding`; `isNew` says whether it was made
  /// now.
  ObserveOp getOrCreate(Value value, EncodingAttr encoding,
                        RangeEstimatorKind estimator, bool &isNew) {
    ObserveOp &observer = observers[{value, encoding}];
    isNew = !observer;
    if (isNew) {
      OpBuilder builder(value.getContext());
      builder.setInsertionPointAfterValue(value);
      observer = ObserveOp::create(builder, value.getLoc(), value.getType(),
                                   value, getName(value), encoding, estimator,
                                   /*range=*/RangeAttr());
    }
    return observer;
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
  DenseMap<std::pair<Value, Attribute>, ObserveOp> observers;
};

struct InsertObserversPass
    : public ptq::impl::InsertObserversPassBase<InsertObserversPass> {
  using Base::Base;

  void runOnOperation() override {
    ObserverFactory factory(getOperation());
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (op->hasAttr(kSchemeAttrName))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      auto scheme = op->getAttrOfType<SchemeAttr>(kSchemeAttrName);
      op->removeAttr(kSchemeAttrName);
      auto quantizable = dyn_cast<QuantizableOpInterface>(op);
      if (!quantizable || quantizable.getQuantizableKind().empty()) {
        op->emitWarning("has a ptq.scheme but cannot be quantized; it stays in "
                        "float");
        continue;
      }
      observeOperands(quantizable, scheme, factory);
      observeResult(op, scheme, factory);
    }
  }

private:
  void observeOperands(QuantizableOpInterface op, SchemeAttr scheme,
                       ObserverFactory &factory) {
    // Roles follow from constants, which observers hide only from view: ask
    // before anything is inserted.
    SmallVector<std::pair<OpOperand *, EncodingAttr>> edges;
    for (OpOperand &operand : op->getOpOperands()) {
      EncodingAttr encoding;
      switch (op.getOperandRole(operand.getOperandNumber())) {
      case OperandRole::Activation:
        encoding = scheme.getActivations();
        break;
      case OperandRole::Weight:
        encoding = getWeightEncoding(op, operand, scheme.getWeights());
        break;
      case OperandRole::Bias:
      case OperandRole::None:
        break;
      }
      if (encoding)
        edges.push_back({&operand, encoding});
    }
    for (auto [operand, encoding] : edges)
      observe(*operand, encoding, scheme.getEstimator(), factory);
  }

  void observe(OpOperand &operand, EncodingAttr encoding,
               RangeEstimatorKind estimator, ObserverFactory &factory) {
    EdgePath path = traceToRoot(operand);
    if (!isa<RankedTensorType>(path.root.getType()))
      return;
    // What another op has observed in the same way is used as it is.
    if (auto observer = path.root.getDefiningOp<ObserveOp>()) {
      if (observer.getEncoding() == encoding)
        return;
      path.root = observer.getInput();
    }
    bool isNew = false;
    ObserveOp observer =
        factory.getOrCreate(path.root, encoding, estimator, isNew);
    path.operands.front()->set(observer.getResult());
    if (isNew)
      ++(matchPattern(path.root, m_Constant()) ? numWeights : numActivations);
  }

  void observeResult(Operation *op, SchemeAttr scheme,
                     ObserverFactory &factory) {
    if (!scheme.getOutputs() || op->getNumResults() != 1)
      return;
    Value result = op->getResult(0);
    bool isNew = false;
    ObserveOp observer = factory.getOrCreate(result, scheme.getOutputs(),
                                             scheme.getEstimator(), isNew);
    result.replaceAllUsesExcept(observer.getResult(), observer);
    numActivations += isNew;
  }

  /// The weight encoding with the axis of the output channels where the
  /// constant stands; per tensor where they do not lie along one axis.
  EncodingAttr getWeightEncoding(QuantizableOpInterface op, OpOperand &operand,
                                 EncodingAttr encoding) {
    if (!encoding || encoding.getGranularity() != Granularity::Axis ||
        encoding.getAxis())
      return encoding;
    FailureOr<SmallVector<int64_t>> dims =
        mapDimsToRoot(traceToRoot(operand),
                      op.getOutputChannelDims(operand.getOperandNumber()));
    if (succeeded(dims) && dims->size() == 1)
      return encoding.withAxis(dims->front());
    ++numPerTensorFallbacks;
    remark::missed(op->getLoc(), remark::RemarkOpts::name("PerTensorWeights")
                                     .category("ptq-insert-observers"))
        << remark::reason("the output channels of the weights do not lie along "
                          "one axis of the constant");
    return encoding.perTensor();
  }
};

} // namespace
