//===- SampleAxis.cpp - Where the samples of a batch lie ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Models/SampleAxis.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"

using namespace mlir;
using namespace mlir::ptq;

/// The dimension of the result of a structured op that the same loop indexes as
/// dimension `axis` of `operand`.
static FailureOr<int64_t> mapThroughLoops(linalg::LinalgOp op,
                                          OpOperand &operand, int64_t axis,
                                          OpResult result) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  AffineMap resultMap = op.getIndexingMapMatchingResult(result);
  if (axis >= map.getNumResults() || !isa<AffineDimExpr>(map.getResult(axis)))
    return failure();
  std::optional<unsigned> position =
      resultMap.getResultPosition(map.getResult(axis));
  if (!position)
    return failure();
  return static_cast<int64_t>(*position);
}

/// `axis` after the dimensions of `groups` have been made one each.
static FailureOr<SampleAxis>
mapThroughCollapse(ArrayRef<ReassociationIndices> groups,
                   ArrayRef<int64_t> shape, SampleAxis axis) {
  for (auto [index, group] : llvm::enumerate(groups)) {
    const auto *found = llvm::find(group, axis.dim);
    if (found == group.end())
      continue;
    // What is merged from outside would have several samples inside.
    for (const auto *outer = group.begin(); outer != found; ++outer)
      if (shape[*outer] != 1)
        return failure();
    for (const auto *inner = found + 1; inner != group.end(); ++inner) {
      if (ShapedType::isDynamic(shape[*inner]))
        return failure();
      axis.size *= shape[*inner];
    }
    axis.dim = index;
    return axis;
  }
  return failure();
}

/// `axis` after its dimension has been split into those of `group`.
static FailureOr<SampleAxis> mapThroughExpand(ReassociationIndicesRef group,
                                              ArrayRef<int64_t> shape,
                                              SampleAxis axis) {
  int64_t size = axis.size;
  while (!group.empty()) {
    int64_t dim = group.back();
    group = group.drop_back();
    bool isInside =
        size > 1 && ShapedType::isStatic(shape[dim]) && size % shape[dim] == 0;
    if (isInside) {
      size /= shape[dim];
      continue;
    }
    if (shape[dim] == 1 && !group.empty())
      continue;
    bool isOutermost =
        llvm::all_of(group, [&](int64_t outer) { return shape[outer] == 1; });
    if (!isOutermost)
      return failure();
    return SampleAxis{dim, size, axis.isAssumed};
  }
  return failure();
}

/// Where `result` holds the samples of `operand`, which lie along `axis`.
static FailureOr<SampleAxis> mapToResult(OpOperand &operand, SampleAxis axis,
                                         OpResult result) {
  Operation *op = operand.getOwner();
  if (auto structured = dyn_cast<linalg::LinalgOp>(op)) {
    FailureOr<int64_t> dim =
        mapThroughLoops(structured, operand, axis.dim, result);
    if (failed(dim))
      return failure();
    axis.dim = *dim;
    return axis;
  }
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
    return mapThroughCollapse(collapse.getReassociationIndices(),
                              collapse.getSrcType().getShape(), axis);
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
    return mapThroughExpand(expand.getReassociationIndices()[axis.dim],
                            expand.getResultType().getShape(), axis);
  if (auto transparent = dyn_cast<QuantizationTransparentOpInterface>(op)) {
    FailureOr<SmallVector<int64_t>> dims =
        transparent.mapDimsToResult(operand.getOperandNumber(), axis.dim);
    if (failed(dims) || dims->size() != 1)
      return failure();
    axis.dim = dims->front();
    return axis;
  }
  bool isElementwise =
      isa<ObserveOp, QuantizeOp, DequantizeOp, RequantizeOp>(op) ||
      op->hasTrait<OpTrait::Elementwise>();
  if (!isElementwise)
    return failure();
  return axis;
}

FailureOr<std::optional<SampleAxis>>
SampleAxisAnalysis::getSampleAxis(Value value) {
  auto it = axes.find(value);
  if (it != axes.end())
    return it->second;
  Axis axis = compute(value);
  axes.try_emplace(value, axis);
  return axis;
}

SampleAxisAnalysis::Axis SampleAxisAnalysis::compute(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return std::optional<SampleAxis>();
  Axis axis = isa<BlockArgument>(value)
                  ? computeArgument(cast<BlockArgument>(value))
                  : computeResult(cast<OpResult>(value));
  if (failed(axis) || !*axis) {
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      if (type.isDynamicDim(dim))
        return std::optional(SampleAxis{dim, /*size=*/1, /*isAssumed=*/true});
    return axis;
  }
  // A batch of one sample has no samples to tell apart.
  if (type.getDimSize((*axis)->dim) == (*axis)->size)
    return std::optional<SampleAxis>();
  return axis;
}

SampleAxisAnalysis::Axis
SampleAxisAnalysis::computeArgument(BlockArgument argument) {
  auto function =
      dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp());
  if (!function || !argument.getOwner()->isEntryBlock())
    return failure();
  // Without a signature a static dimension is never the sample axis.
  if (!function->hasAttr(kSignatureAttrName)) {
    auto type = cast<RankedTensorType>(argument.getType());
    if (type.getRank() == 0 || !type.isDynamicDim(0))
      return std::optional<SampleAxis>();
    return std::optional(SampleAxis{0});
  }
  FailureOr<Signature> signature = getTensorSignature(function);
  if (failed(signature))
    return failure();
  std::optional<int64_t> axis =
      signature->inputs[argument.getArgNumber()].sampleAxis;
  return axis ? std::optional(SampleAxis{*axis}) : std::nullopt;
}

/// Takes `next` into account, the axis by another operand. False if the two
/// contradict each other.
static bool join(std::optional<SampleAxis> &found, SampleAxis next) {
  if (!found || (found->isAssumed && !next.isAssumed)) {
    found = next;
    return true;
  }
  bool isSame = found->dim == next.dim && found->size == next.size;
  return isSame || next.isAssumed;
}

SampleAxisAnalysis::Axis SampleAxisAnalysis::computeResult(OpResult result) {
  Operation *op = result.getOwner();
  std::optional<SampleAxis> found;
  for (OpOperand &operand : op->getOpOperands()) {
    Axis axis = getSampleAxis(operand.get());
    if (failed(axis))
      return failure();
    if (!*axis)
      continue;
    FailureOr<SampleAxis> mapped = mapToResult(operand, **axis, result);
    if (failed(mapped) || !join(found, *mapped))
      return failure();
  }
  // Results of regions may depend on values from outside.
  if (op->getNumRegions() != 0 && !isa<linalg::LinalgOp>(op) &&
      !isa<QuantizationTransparentOpInterface>(op))
    return failure();
  return found;
}
