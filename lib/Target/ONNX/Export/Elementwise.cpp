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
      .Case<arith::SelectOp>([](auto) { return "Where"; })
      .Case<math::AbsFOp>([](auto) { return "Abs"; })
      .Case<math::CeilOp>([](auto) { return "Ceil"; })
      .Case<math::ErfOp>([](auto) { return "Erf"; })
      .Case<math::ExpOp>([](auto) { return "Exp"; })
      .Case<math::FloorOp>([](auto) { return "Floor"; })
      .Case<math::LogOp>([](auto) { return "Log"; })
      .Case<math::PowFOp>([](auto) { return "Pow"; })
      .Case<math::RoundEvenOp>([](auto) { return "Round"; })
      .Case<math::SqrtOp>([](auto) { return "Sqrt"; })
      .Case<math::TanhOp>([](auto) { return "Tanh"; })
      .Case<arith::CmpFOp>([](arith::CmpFOp compare) {
        switch (compare.getPredicate()) {
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
      })
      .Default([](auto) { return ""; });
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
    StringRef operation = getOperator(&scalar);
    if (operation.empty() ||
        !isa<FloatType>(scalar.getOperands().back().getType()))
      return emitUnsupported(&scalar, "no operator for it");
    SmallVector<std::string> inputs;
    for (Value operand : scalar.getOperands()) {
      FailureOr<std::string> input = graph.getTensor(operand, &scalar);
      if (failed(input))
        return failure();
      inputs.push_back(*input);
    }
    // Runtimes know this one best.
    if (isa<arith::MaximumFOp>(scalar) &&
        matchPattern(scalar.getOperand(1), m_AnyZeroFloat())) {
      operation = "Relu";
      inputs.pop_back();
    }
    if (scalar.getResult(0) == yielded)
      graph.setNode(op->getResult(0), operation, inputs);
    else
      graph.setTensor(scalar.getResult(0),
                      graph.addNode(operation, inputs, {}, name + ".part"));
  }
  if (yielded.getDefiningOp() && yielded.getDefiningOp()->getBlock() == body &&
      !yielded.getDefiningOp()->hasTrait<OpTrait::ConstantLike>())
    return success();
  return emitUnsupported(op, "it computes nothing");
}

LogicalResult mlir::ptq::exporter::exportReduce(GraphExporter &graph,
                                                linalg::ReduceOp op) {
  Block &body = op.getCombiner().front();
  Operation *combine = body.getTerminator()->getOperand(0).getDefiningOp();
  double start = 0.0;
  StringRef operation;
  if (isa_and_nonnull<arith::AddFOp>(combine))
    operation = "ReduceSum";
  else if (isa_and_nonnull<arith::MaximumFOp>(combine)) {
    operation = "ReduceMax";
    start = -std::numeric_limits<double>::infinity();
  }
  bool isPlain =
      op.getInputs().size() == 1 && !operation.empty() &&
      llvm::hasSingleElement(body.without_terminator()) &&
      combine->getOperand(0) != combine->getOperand(1) &&
      llvm::all_of(combine->getOperands(), llvm::IsaPred<BlockArgument>);
  APFloat initial(0.0);
  Value init = op.getInits().front();
  if (auto fill = init.getDefiningOp<linalg::FillOp>())
    init = fill.getInputs().front();
  if (!isPlain || !matchPattern(init, m_ConstantFloat(&initial)) ||
      initial.convertToDouble() != start)
    return emitUnsupported(op, "no operator for it");
  FailureOr<std::string> input = graph.getTensor(op.getInputs().front(), op);
  if (failed(input))
    return failure();
  graph.setNode(op->getResult(0), operation,
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
  bool isSum = isa<linalg::PoolingNchwSumOp>(op);
  double start = isSum ? 0.0 : -std::numeric_limits<double>::infinity();
  APFloat initial(0.0);
  Value init = op.getDpsInits().front();
  if (auto fill = init.getDefiningOp<linalg::FillOp>())
    init = fill.getInputs().front();
  if (!kernel.hasStaticShape() ||
      !matchPattern(init, m_ConstantFloat(&initial)) ||
      initial.convertToDouble() != start)
    return emitUnsupported(op, "it starts from other numbers than ONNX does");
  if (!isSum) {
    graph.setNode(result, "MaxPool", {*image}, attributes);
    return success();
  }
  if (llvm::any_of(attributes, [](const NodeAttribute &attribute) {
        return attribute.name == "dilations";
      }))
    graph.requireOpset(19);
  std::string name = getEdgeName(result);
  std::string average =
      graph.addNode("AveragePool", {*image}, attributes, name + ".average");
  std::string count = graph.addFloat(
      getElementTypeOrSelf(result.getType()),
      static_cast<double>(kernel.getNumElements()), name + ".count");
  graph.setNode(result, "Mul", {average, count});
  return success();
}
