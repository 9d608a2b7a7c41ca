//===- InsertObservers.cpp - Observe every edge that a scheme quantizes ---===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
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
  /// An edge that a scheme quantizes.
  struct Edge {
    EdgePath path;
    EncodingAttr encoding;
  };

  void observeOperands(QuantizableOpInterface op, SchemeAttr scheme,
                       ObserverFactory &factory) {
    // Roles follow from what is constant: ask before anything is inserted.
    SmallVector<Edge> edges;
    for (OpOperand &operand : op->getOpOperands()) {
      switch (op.getOperandRole(operand.getOperandNumber())) {
      case OperandRole::Activation:
        edges.push_back({traceToRoot(operand), scheme.getActivations()});
        break;
      case OperandRole::Weight:
        edges.push_back(getWeightEdge(op, operand, scheme.getWeights()));
        break;
      case OperandRole::Bias:
      case OperandRole::None:
        break;
      }
    }
    for (Edge &edge : edges)
      if (edge.encoding && isa<RankedTensorType>(edge.path.root.getType()))
        observe(edge, scheme.getEstimator(), factory);
  }

  void observe(const Edge &edge, RangeEstimatorKind estimator,
               ObserverFactory &factory) {
    Value value = edge.path.root;
    if (auto observer = value.getDefiningOp<ObserveOp>()) {
      // What another op has observed in the same way is used as it is.
      if (observer.getEncoding() == edge.encoding)
        return;
      value = observer.getInput();
    }
    bool isNew = false;
    ObserveOp observer =
        factory.getOrCreate(value, edge.encoding, estimator, isNew);
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
    ObserveOp observer = factory.getOrCreate(result, scheme.getOutputs(),
                                             scheme.getEstimator(), isNew);
    result.replaceAllUsesExcept(observer.getResult(), observer);
    numActivations += isNew;
  }

  /// The edge of a weight operand, with the axis of the output channels where
  /// the constant stands; per tensor where they do not lie along one axis.
  Edge getWeightEdge(QuantizableOpInterface op, OpOperand &operand,
                     EncodingAttr encoding) {
    EdgePath path = traceToRoot(operand);
    if (!encoding || encoding.getGranularity() != Granularity::Axis ||
        encoding.getAxis())
      return {path, encoding};
    FailureOr<SmallVector<int64_t>> dims = mapDimsToRoot(
        path, op.getOutputChannelDims(operand.getOperandNumber()));
    if (succeeded(dims) &&
        (dims->size() == 1 || succeeded(collapseDims(path, *dims))))
      return {path, encoding.withAxis(dims->front())};
    ++numPerTensorFallbacks;
    remark::missed(op->getLoc(), remark::RemarkOpts::name("PerTensorWeights")
                                     .category("ptq-insert-observers"))
        << remark::reason("the output channels of the weights do not lie along "
                          "one axis of the constant");
    return {path, encoding.perTensor()};
  }

  /// The weights of a grouped convolution have their output channels along two
  /// dimensions. Makes the path start at a constant in which `dims` are one,
  /// and from which the old shape is expanded.
  static LogicalResult collapseDims(EdgePath &path, ArrayRef<int64_t> dims) {
    Value root = path.root;
    auto type = dyn_cast<RankedTensorType>(root.getType());
    ElementsAttr constant;
    if (!type || !matchPattern(root, m_Constant(&constant)) ||
        dims.size() < 2 ||
        dims.back() - dims.front() + 1 != static_cast<int64_t>(dims.size()))
      return failure();
    SmallVector<ReassociationIndices> groups;
    SmallVector<int64_t> shape;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      if (dim > dims.front() && dim <= dims.back()) {
        groups.back().push_back(dim);
        shape.back() *= type.getDimSize(dim);
      } else {
        groups.push_back({dim});
        shape.push_back(type.getDimSize(dim));
      }
    }
    auto collapsedType = RankedTensorType::get(shape, type.getElementType());
    TypedAttr collapsed;
    if (auto dense = dyn_cast<DenseElementsAttr>(constant))
      collapsed = dense.reshape(collapsedType);
    else if (auto resource = dyn_cast<DenseResourceElementsAttr>(constant))
      collapsed = DenseResourceElementsAttr::get(collapsedType,
                                                 resource.getRawHandle());
    else
      return failure();
    OpBuilder builder(root.getContext());
    builder.setInsertionPointAfterValue(root);
    Location loc = root.getLoc();
    path.root = arith::ConstantOp::create(builder, loc, collapsed);
    auto expand =
        tensor::ExpandShapeOp::create(builder, loc, type, path.root, groups);
    path.operands.front()->set(expand);
    path.operands.insert(path.operands.begin(), &expand.getSrcMutable());
    return success();
  }
};

} // namespace
