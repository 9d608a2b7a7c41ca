//===- SampleAxis.cpp - Where the samples of a batch lie ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Models/SampleAxis.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
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

/// The dimension of `result` that holds the samples which lie along dimension
/// `axis` of `operand`.
static FailureOr<int64_t> mapToResult(OpOperand &operand, int64_t axis,
                                      OpResult result) {
  Operation *op = operand.getOwner();
  if (auto structured = dyn_cast<linalg::LinalgOp>(op))
    return mapThroughLoops(structured, operand, axis, result);
  if (auto transparent = dyn_cast<QuantizationTransparentOpInterface>(op)) {
    FailureOr<SmallVector<int64_t>> dims =
        transparent.mapDimsToResult(operand.getOperandNumber(), axis);
    if (failed(dims) || dims->size() != 1)
      return failure();
    return dims->front();
  }
  bool isElementwise =
      isa<ObserveOp, QuantizeOp, DequantizeOp, RequantizeOp>(op) ||
      op->hasTrait<OpTrait::Elementwise>();
  if (!isElementwise)
    return failure();
  return axis;
}

FailureOr<std::optional<int64_t>>
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
    return std::optional<int64_t>();
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      return std::optional(dim);
  Axis axis = isa<BlockArgument>(value)
                  ? computeArgument(cast<BlockArgument>(value))
                  : computeResult(cast<OpResult>(value));
  // A batch of one sample has no samples to tell apart.
  if (succeeded(axis) && *axis && type.getDimSize(**axis) == 1)
    return std::optional<int64_t>();
  return axis;
}

SampleAxisAnalysis::Axis
SampleAxisAnalysis::computeArgument(BlockArgument argument) {
  auto function =
      dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp());
  if (!function || !argument.getOwner()->isEntryBlock())
    return failure();
  // Without a signature a static dimension is never the sample axis.
  if (!function->hasAttr(kSignatureAttrName))
    return std::optional<int64_t>();
  FailureOr<Signature> signature = getSignature(function);
  if (failed(signature))
    return failure();
  return signature->inputs[argument.getArgNumber()].sampleAxis;
}

SampleAxisAnalysis::Axis SampleAxisAnalysis::computeResult(OpResult result) {
  Operation *op = result.getOwner();
  std::optional<int64_t> found;
  for (OpOperand &operand : op->getOpOperands()) {
    // An accumulator's start has the samples of the sum, if any.
    Axis axis = getSampleAxis(operand.get());
    if (failed(axis))
      return failure();
    if (!*axis)
      continue;
    FailureOr<int64_t> mapped = mapToResult(operand, **axis, result);
    if (failed(mapped) || (found && *found != *mapped))
      return failure();
    found = *mapped;
  }
  // Results of regions may depend on values from outside.
  if (op->getNumRegions() != 0 && !isa<linalg::LinalgOp>(op) &&
      !isa<QuantizationTransparentOpInterface>(op))
    return failure();
  return found;
}
