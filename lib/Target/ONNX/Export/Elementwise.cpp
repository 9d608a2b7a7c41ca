//===- Elementwise.cpp - Export of elementwise ops, sums and pooling ------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphExporter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::exporter;
using linalg::LinalgOp;

/// The operator of a comparison; empty if there is none.
static StringRef getComparison(arith::CmpFPredicate predicate) {
  switch (predicate) {
  case arith::CmpFPredicate::OEQ:
    return "Equal";
  case arith::CmpFPredicate::OGE:
    return "GreaterOrEqual";
  case arith::CmpFPredicate::OGT:
    return "Greater";
  case arith::CmpFPredicate::OLE:
    return "LessOrEqual";
  case arith::CmpFPredicate::OLT:
    return "Less";
  default:
    return "";
  }
}

/// The operator of a comparison of signed integers; empty if there is none.
static StringRef getComparison(arith::CmpIPredicate predicate) {
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return "Equal";
  case arith::CmpIPredicate::sge:
    return "GreaterOrEqual";
  case arith::CmpIPredicate::sgt:
    return "Greater";
  case arith::CmpIPredicate::sle:
    return "LessOrEqual";
  case arith::CmpIPredicate::slt:
    return "Less";
  default:
    return "";
  }
}

/// The operator that computes what `op` computes of booleans, or of integers of
/// whole bytes; empty if there is none.
static StringRef getIntegerOperator(Operation *op) {
  if (op->getOperand(0).getType().isInteger(1))
    return llvm::TypeSwitch<Operation *, StringRef>(op)
        .Case<arith::AndIOp>([](auto) { return "And"; })
        .Case<arith::OrIOp>([](auto) { return "Or"; })
        .Case<arith::XOrIOp>([](auto) { return "Xor"; })
        .Default([](auto) { return ""; });
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case<arith::AddIOp>([](auto) { return "Add"; })
      .Case<arith::SubIOp>([](auto) { return "Sub"; })
      .Case<arith::MulIOp>([](auto) { return "Mul"; })
      .Case<arith::DivSIOp>([](auto) { return "Div"; })
      .Case<arith::MaxSIOp>([](auto) { return "Max"; })
      .Case<arith::MinSIOp>([](auto) { return "Min"; })
      .Case<arith::RemSIOp>([](auto) { return "Mod"; })
      .Case<math::AbsIOp>([](auto) { return "Abs"; })
      .Case<arith::CmpIOp>([](arith::CmpIOp compare) {
        return getComparison(compare.getPredicate());
      })
      .Default([](auto) { return ""; });
}

/// Whether `op` makes another type of numbers as Cast does.
static bool isCast(Operation *op) {
  if (getElementTypeCode(op->getResult(0).getType()) == 0)
    return false;
  if (isa<arith::ExtUIOp, arith::UIToFPOp>(op))
    return op->getOperand(0).getType().isInteger(1);
  return isa<arith::ExtFOp, arith::ExtSIOp, arith::FPToSIOp, arith::SIToFPOp,
             arith::TruncFOp, arith::TruncIOp>(op) &&
         getElementTypeCode(op->getOperand(0).getType()) != 0;
}

/// The operator that computes what `op` computes of floats; empty if there is
/// none.
static StringRef getOperator(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case<arith::AddFOp>([](auto) { return "Add"; })
      .Case<arith::SubFOp>([](auto) { return "Sub"; })
      .Case<arith::MulFOp>([](auto) { return "Mul"; })
      .Case<arith::DivFOp>([](auto) { return "Div"; })
      .Case<arith::MaximumFOp>([](auto) { return "Max"; })
      .Case<arith::MinimumFOp>([](auto) { return "Min"; })
      .Case<arith::NegFOp>([](auto) { return "Neg"; })
      .Case<arith::RemFOp>([](auto) { return "Mod"; })
      .Case<arith::SelectOp>([](auto) { return "Where"; })
      .Case<math::AbsFOp>([](auto) { return "Abs"; })
      .Case<math::CeilOp>([](auto) { return "Ceil"; })
      .Case<math::CosOp>([](auto) { return "Cos"; })
      .Case<math::ErfOp>([](auto) { return "Erf"; })
      .Case<math::ExpOp>([](auto) { return "Exp"; })
      .Case<math::FloorOp>([](auto) { return "Floor"; })
      .Case<math::LogOp>([](auto) { return "Log"; })
      .Case<math::PowFOp>([](auto) { return "Pow"; })
      .Case<math::RoundEvenOp>([](auto) { return "Round"; })
      .Case<math::SinOp>([](auto) { return "Sin"; })
      .Case<math::SqrtOp>([](auto) { return "Sqrt"; })
      .Case<math::TanhOp>([](auto) { return "Tanh"; })
      .Case<arith::CmpFOp>([](arith::CmpFOp compare) {
        return getComparison(compare.getPredicate());
      })
      .Default([](auto) { return ""; });
}

/// Whether `value` is read only where `input` is negative: as the first choice,
/// or as a factor of it, of selects by the sign of `input`.
static bool isReadOnlyForNegative(Value value, Value input) {
  return llvm::all_of(value.getUses(), [&](OpOperand &use) {
    if (auto product = dyn_cast<arith::MulFOp>(use.getOwner()))
      return isReadOnlyForNegative(product.getResult(), input);
    auto select = dyn_cast<arith::SelectOp>(use.getOwner());
    if (!select || select.getTrueValue() != value ||
        select.getFalseValue() == value)
      return false;
    auto compare = select.getCondition().getDefiningOp<arith::CmpFOp>();
    return compare && compare.getPredicate() == arith::CmpFPredicate::OLT &&
           compare.getLhs() == input &&
           matchPattern(compare.getRhs(), m_AnyZeroFloat());
  });
}

/// The operator of exp(x) - 1 or log(1 + x), which ONNX has only as parts of
/// activation functions; empty if the rest of the function is missing. `input`
/// becomes what the operator applies to.
static StringRef getActivation(Operation *op, Value &input) {
  if (auto exponential = dyn_cast<math::ExpM1Op>(op)) {
    input = exponential.getOperand();
    return isReadOnlyForNegative(exponential, input) ? "Elu" : "";
  }
  if (auto logarithm = dyn_cast<math::Log1pOp>(op)) {
    // Of numbers that are not positive, Softplus is log(1 + exp(x)).
    auto exponential = logarithm.getOperand().getDefiningOp<math::ExpOp>();
    auto negated = exponential
                       ? exponential.getOperand().getDefiningOp<arith::NegFOp>()
                       : arith::NegFOp();
    if (!negated || !negated.getOperand().getDefiningOp<math::AbsFOp>())
      return "";
    input = negated;
    return "Softplus";
  }
  return "";
}

namespace {
/// A node of ONNX for a scalar op.
struct ScalarNode {
  /// Empty if there is none.
  StringRef op;
  SmallVector<Value> inputs;
  SmallVector<NodeAttribute, 1> attributes;
};
} // namespace

static ScalarNode getNode(Operation *scalar) {
  ScalarNode node;
  Value input;
  if (StringRef activation = getActivation(scalar, input);
      !activation.empty()) {
    node.op = activation;
    node.inputs = {input};
    return node;
  }
  node.inputs.assign(scalar->operand_begin(), scalar->operand_end());
  if (isCast(scalar)) {
    node.op = "Cast";
    node.attributes.push_back(NodeAttribute::number(
        "to", getElementTypeCode(scalar->getResult(0).getType())));
    return node;
  }
  node.op = getOperator(scalar);
  if (node.op.empty())
    node.op = getIntegerOperator(scalar);
  if (node.op == "Xor" && matchPattern(scalar->getOperand(1), m_One())) {
    node.op = "Not";
    node.inputs.pop_back();
  }
  // Runtimes know this one best.
  if (isa<arith::MaximumFOp>(scalar) &&
      matchPattern(scalar->getOperand(1), m_AnyZeroFloat())) {
    node.op = "Relu";
    node.inputs.pop_back();
  }
  if (isa<arith::RemFOp, arith::RemSIOp>(scalar))
    node.attributes.push_back(NodeAttribute::number("fmod", 1));
  return node;
}

/// The tensor that the loops of `op` read by `operand`, so that it broadcasts
/// to the loops.
static FailureOr<std::string>
readOperand(GraphExporter &graph, linalg::GenericOp op, OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  Value value = operand.get();
  SmallVector<int64_t> shape, dims;
  if (auto type = dyn_cast<RankedTensorType>(value.getType()))
    shape.assign(type.getShape().begin(), type.getShape().end());
  for (AffineExpr result : map.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(result);
    if (!dim || (!dims.empty() &&
                 static_cast<int64_t>(dim.getPosition()) <= dims.back()))
      return emitUnsupported(op, "an operand is not indexed by loops in order");
    dims.push_back(dim.getPosition());
  }
  // One number everywhere needs no shape.
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    return graph.getTensor(fill.getInputs().front(), op);
  FailureOr<std::string> tensor = graph.getTensor(value, op);
  if (failed(tensor))
    return failure();
  return graph.addAligned(*tensor, shape, dims, op.getNumLoops());
}

LogicalResult mlir::ptq::exporter::exportElementwise(GraphExporter &graph,
                                                     linalg::GenericOp op) {
  if (op->getNumResults() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() ||
      op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)))
    return emitUnsupported(op, "it does not compute element by element");
  Block *body = op.getBlock();
  for (OpOperand *operand : op.getDpsInputOperands()) {
    FailureOr<std::string> tensor = readOperand(graph, op, *operand);
    if (failed(tensor))
      return failure();
    graph.setTensor(op.getMatchingBlockArgument(operand), *tensor);
  }
  Value yielded = body->getTerminator()->getOperand(0);
  std::string name = getEdgeName(op->getResult(0));
  for (Operation &scalar : body->without_terminator()) {
    if (scalar.hasTrait<OpTrait::ConstantLike>())
      continue;
    ScalarNode node = getNode(&scalar);
    if (node.op.empty())
      return emitUnsupported(&scalar, "no operator for it");
    SmallVector<std::string> inputs;
    for (Value operand : node.inputs) {
      FailureOr<std::string> input = graph.getTensor(operand, &scalar);
      if (failed(input))
        return failure();
      inputs.push_back(*input);
    }
    if (scalar.getResult(0) == yielded)
      graph.setNode(op->getResult(0), node.op, inputs, node.attributes);
    else
      graph.setTensor(
          scalar.getResult(0),
          graph.addNode(node.op, inputs, node.attributes, name + ".part"));
  }
  if (yielded.getDefiningOp() && yielded.getDefiningOp()->getBlock() == body &&
      !yielded.getDefiningOp()->hasTrait<OpTrait::ConstantLike>())
    return success();
  for (OpOperand *operand : op.getDpsInputOperands())
    if (op.getMatchingBlockArgument(operand) == yielded &&
        op.getMatchingIndexingMap(operand).isIdentity()) {
      FailureOr<std::string> tensor = graph.getTensor(operand->get(), op);
      if (failed(tensor))
        return failure();
      graph.setNode(op->getResult(0), "Identity", {*tensor});
      return success();
    }
  return emitUnsupported(op, "it computes nothing");
}

namespace {
/// An operator that reduces, and what it starts from.
struct Reduction {
  /// Empty if there is none.
  StringRef op;
  double start = 0.0;
};
} // namespace

/// What `element`, one operand of a sum, is of the element `argument`.
static StringRef getSum(Value element, Value argument) {
  if (element == argument)
    return "ReduceSum";
  if (auto magnitude = element.getDefiningOp<math::AbsFOp>())
    return magnitude.getOperand() == argument ? "ReduceL1" : "";
  if (auto square = element.getDefiningOp<arith::MulFOp>())
    return square.getLhs() == argument && square.getRhs() == argument
               ? "ReduceSumSquare"
               : "";
  return "";
}

static Reduction matchReduction(linalg::ReduceOp op) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (op.getInputs().size() != 1)
    return {};
  Block &body = op.getCombiner().front();
  Operation *combine = body.getTerminator()->getOperand(0).getDefiningOp();
  if (!combine || combine->getBlock() != &body ||
      combine->getNumOperands() != 2)
    return {};
  Value argument = body.getArgument(0), accumulator = body.getArgument(1);
  Value element = combine->getOperand(0);
  if (element == accumulator)
    element = combine->getOperand(1);
  else if (combine->getOperand(1) != accumulator)
    return {};
  if (isa<arith::AddFOp>(combine))
    return {getSum(element, argument), 0.0};
  if (element != argument)
    return {};
  if (isa<arith::MaximumFOp>(combine))
    return {"ReduceMax", -kInfinity};
  if (isa<arith::MinimumFOp>(combine))
    return {"ReduceMin", kInfinity};
  if (isa<arith::MulFOp>(combine))
    return {"ReduceProd", 1.0};
  return {};
}

LogicalResult mlir::ptq::exporter::exportReduce(GraphExporter &graph,
                                                linalg::ReduceOp op) {
  Reduction reduction = matchReduction(op);
  APFloat initial(0.0);
  Value init = op.getInits().front();
  if (auto fill = init.getDefiningOp<linalg::FillOp>())
    init = fill.getInputs().front();
  if (reduction.op.empty() || !matchPattern(init, m_ConstantFloat(&initial)) ||
      initial.convertToDouble() != reduction.start)
    return emitUnsupported(op, "no operator for it");
  FailureOr<std::string> input = graph.getTensor(op.getInputs().front(), op);
  if (failed(input))
    return failure();
  // Without axes ONNX reduces all dimensions.
  if (op.getDimensions().empty()) {
    if (reduction.op == "ReduceSumSquare")
      graph.setNode(op->getResult(0), "Mul", {*input, *input});
    else
      graph.setNode(op->getResult(0),
                    reduction.op == "ReduceL1" ? "Abs" : "Identity", {*input});
    return success();
  }
  graph.setNode(op->getResult(0), reduction.op,
                {*input, graph.addIntegers(op.getDimensions(), "axes")},
                NodeAttribute::number("keepdims", 0));
  return success();
}

LogicalResult mlir::ptq::exporter::exportPooling(GraphExporter &graph,
                                                 LinalgOp op) {
  FailureOr<std::string> image = graph.getTensor(op.getDpsInputs()[0], op);
  if (failed(image))
    return failure();
  auto kernel = cast<RankedTensorType>(op.getDpsInputs()[1].getType());
  SmallVector<NodeAttribute> attributes = getWindowAttributes(op);
  attributes.push_back(NodeAttribute::list("kernel_shape", kernel.getShape()));
  Value result = op->getResult(0);
  bool isSum = isa<linalg::PoolingNchwSumOp, linalg::PoolingNdhwcSumOp>(op);
  bool haveChannelsLast =
      isa<linalg::PoolingNdhwcMaxOp, linalg::PoolingNdhwcSumOp>(op);
  double start = isSum ? 0.0 : -std::numeric_limits<double>::infinity();
  APFloat initial(0.0);
  Value init = op.getDpsInits().front();
  if (auto fill = init.getDefiningOp<linalg::FillOp>())
    init = fill.getInputs().front();
  if (!kernel.hasStaticShape() ||
      !matchPattern(init, m_ConstantFloat(&initial)) ||
      initial.convertToDouble() != start)
    return emitUnsupported(op, "it starts from other numbers than ONNX does");
  std::string name = getEdgeName(result);
  // ONNX has the channels before the spatial dimensions.
  if (haveChannelsLast)
    *image = graph.addNode("Transpose", {*image},
                           NodeAttribute::list("perm", {0, 4, 1, 2, 3}),
                           name + ".image");
  auto setResult = [&](StringRef pooling, ArrayRef<std::string> inputs,
                       ArrayRef<NodeAttribute> poolingAttributes) {
    if (!haveChannelsLast)
      return graph.setNode(result, pooling, inputs, poolingAttributes);
    std::string pooled =
        graph.addNode(pooling, inputs, poolingAttributes, name + ".pooled");
    graph.setNode(result, "Transpose", {pooled},
                  NodeAttribute::list("perm", {0, 2, 3, 4, 1}));
  };
  if (!isSum) {
    setResult("MaxPool", {*image}, attributes);
    return success();
  }
  if (llvm::any_of(attributes, [](const NodeAttribute &attribute) {
        return attribute.name == "dilations";
      }))
    graph.requireOpset(19);
  std::string average =
      graph.addNode("AveragePool", {*image}, attributes, name + ".average");
  std::string count = graph.addFloat(
      getElementTypeOrSelf(result.getType()),
      static_cast<double>(kernel.getNumElements()), name + ".count");
  setResult("Mul", {average, count}, {});
  return success();
}
