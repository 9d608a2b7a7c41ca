//===- DataMovement.cpp - Export of slices, concatenations and gathers ----===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../BatchMultiple.h"
#include "GraphExporter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::exporter;

//===----------------------------------------------------------------------===//
// Slices and concatenations
//===----------------------------------------------------------------------===//

/// Whether the dynamic size of `op` along `dim` is that of its source: the
/// batch.
static bool takesAll(tensor::ExtractSliceOp op, unsigned dim) {
  auto size = dyn_cast<Value>(op.getMixedSizes()[dim]);
  auto dimOp = size ? size.getDefiningOp<tensor::DimOp>() : tensor::DimOp();
  auto measured = dimOp
                      ? dyn_cast<RankedTensorType>(dimOp.getSource().getType())
                      : RankedTensorType();
  std::optional<int64_t> index =
      dimOp ? dimOp.getConstantIndex() : std::nullopt;
  if (!measured || !index || *index >= measured.getRank() ||
      !measured.isDynamicDim(*index) || !op.getSourceType().isDynamicDim(dim))
    return false;
  return dimOp.getSource() == op.getSource() ||
         importer::haveSameBatch({dimOp.getSource(), op.getSource()});
}

LogicalResult mlir::ptq::exporter::exportSlice(GraphExporter &graph,
                                               tensor::ExtractSliceOp op) {
  ArrayRef<int64_t> source = op.getSourceType().getShape();
  if (op.getType().getRank() != op.getSourceType().getRank())
    return emitUnsupported(op, "the slice drops dimensions");
  SmallVector<int64_t> starts, ends, axes, steps;
  for (auto [dim, size] : llvm::enumerate(source)) {
    int64_t offset = op.getStaticOffsets()[dim];
    int64_t count = op.getStaticSizes()[dim];
    int64_t step = op.getStaticStrides()[dim];
    if (ShapedType::isDynamic(offset) || ShapedType::isDynamic(step))
      return emitUnsupported(op, "the slice has dynamic bounds");
    if (ShapedType::isDynamic(size) || ShapedType::isDynamic(count)) {
      if (offset != 0 || step != 1 || !takesAll(op, dim))
        return emitUnsupported(op, "the slice has dynamic bounds");
      continue;
    }
    if (offset == 0 && step == 1 && count == size)
      continue;
    starts.push_back(offset);
    ends.push_back(offset + (count - 1) * step + 1);
    axes.push_back(dim);
    steps.push_back(step);
  }
  FailureOr<std::string> input = graph.getTensor(op.getSource(), op);
  if (failed(input))
    return failure();
  if (axes.empty())
    graph.setNode(op.getResult(), "Identity", {*input});
  else
    graph.setNode(op.getResult(), "Slice",
                  {*input, graph.addIntegers(starts, "starts"),
                   graph.addIntegers(ends, "ends"),
                   graph.addIntegers(axes, "axes"),
                   graph.addIntegers(steps, "steps")});
  return success();
}

LogicalResult mlir::ptq::exporter::exportConcat(GraphExporter &graph,
                                                tensor::ConcatOp op) {
  SmallVector<std::string> inputs;
  for (Value operand : op.getInputs()) {
    FailureOr<std::string> input = graph.getTensor(operand, op);
    if (failed(input))
      return failure();
    inputs.push_back(*input);
  }
  graph.setNode(op.getResult(), "Concat", inputs,
                NodeAttribute::number("axis", op.getDim()));
  return success();
}

//===----------------------------------------------------------------------===//
// Gathers
//===----------------------------------------------------------------------===//

/// Whether `value` is the constant index `number`.
static bool isIndex(Value value, int64_t number) {
  APInt constant;
  return matchPattern(value, m_ConstantInt(&constant)) &&
         constant.getSExtValue() == number;
}

/// The integer that `position` in [0, size) is: itself, or, where it is
/// negative, counted from the end, and clamped. ONNX counts from the end, too,
/// and leaves other indices undefined. Null if `position` is something else.
static Value findIndex(Value position, int64_t size) {
  if (auto clamped = position.getDefiningOp<arith::MinSIOp>()) {
    auto raised = clamped.getLhs().getDefiningOp<arith::MaxSIOp>();
    if (!raised || !isIndex(clamped.getRhs(), size - 1) ||
        !isIndex(raised.getRhs(), 0))
      return Value();
    position = raised.getLhs();
  }
  if (auto select = position.getDefiningOp<arith::SelectOp>()) {
    auto compare = select.getCondition().getDefiningOp<arith::CmpIOp>();
    auto sum = select.getTrueValue().getDefiningOp<arith::AddIOp>();
    position = select.getFalseValue();
    if (!compare || compare.getPredicate() != arith::CmpIPredicate::slt ||
        compare.getLhs() != position || !isIndex(compare.getRhs(), 0) || !sum ||
        sum.getLhs() != position || !isIndex(sum.getRhs(), size))
      return Value();
  }
  auto cast = position.getDefiningOp<arith::IndexCastOp>();
  return cast ? cast.getIn() : Value();
}

std::optional<GatheredRows>
mlir::ptq::exporter::matchGather(linalg::GenericOp op) {
  if (op->getNumResults() != 1 || op.getNumDpsInputs() != 1 ||
      op.getNumParallelLoops() != op.getNumLoops() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
    return std::nullopt;
  auto extract = op.getBlock()
                     ->getTerminator()
                     ->getOperand(0)
                     .getDefiningOp<tensor::ExtractOp>();
  if (!extract || extract->getBlock() != op.getBlock())
    return std::nullopt;
  GatheredRows rows;
  rows.data = extract.getTensor();
  rows.indices = op.getDpsInputs().front();
  auto indexType = dyn_cast<RankedTensorType>(rows.indices.getType());
  if (!indexType || rows.data.getParentBlock() == op.getBlock())
    return std::nullopt;
  // Dimensions before the axis are loops, those after it as many loops later as
  // there are dimensions of indices.
  int64_t numIndexDims = indexType.getRank(), offset = 0;
  ArrayRef<int64_t> shape = extract.getTensor().getType().getShape();
  bool hasAxis = false;
  for (auto [dim, position] : llvm::enumerate(extract.getIndices())) {
    auto loop = position.getDefiningOp<linalg::IndexOp>();
    if (loop && static_cast<int64_t>(loop.getDim()) ==
                    static_cast<int64_t>(dim) + offset)
      continue;
    if (hasAxis || findIndex(position, shape[dim]) !=
                       op.getMatchingBlockArgument(op.getDpsInputOperand(0)))
      return std::nullopt;
    hasAxis = true;
    rows.axis = dim;
    offset = numIndexDims - 1;
  }
  if (!hasAxis ||
      op.getMatchingIndexingMap(op.getDpsInputOperand(0)) !=
          AffineMap::getMultiDimIdentityMap(op.getNumLoops(), op.getContext())
              .getSliceMap(rows.axis, numIndexDims))
    return std::nullopt;
  return rows;
}

LogicalResult mlir::ptq::exporter::exportGather(GraphExporter &graph,
                                                linalg::GenericOp op,
                                                const GatheredRows &rows) {
  FailureOr<std::string> data = graph.getTensor(rows.data, op);
  FailureOr<std::string> indices = graph.getTensor(rows.indices, op);
  if (failed(data) || failed(indices))
    return failure();
  graph.setNode(op->getResult(0), "Gather", {*data, *indices},
                NodeAttribute::number("axis", rows.axis));
  return success();
}
