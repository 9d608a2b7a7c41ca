//===- EdgePlacement.cpp - Where an edge is observed, and how -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EdgePlacement.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Paths
//===----------------------------------------------------------------------===//

void mlir::ptq::makePathPrivate(EdgePath &path) {
  auto steps = MutableArrayRef(path.operands).drop_back();
  size_t numShared = 0;
  for (auto [index, operand] : llvm::enumerate(steps))
    if (!operand->getOwner()->hasOneUse())
      numShared = index + 1;
  if (numShared == 0)
    return;
  Value current = path.root;
  for (OpOperand *&operand : steps.take_front(numShared)) {
    Operation *step = operand->getOwner();
    OpBuilder builder(step->getContext());
    builder.setInsertionPointAfter(step);
    Operation *clone = builder.clone(*step);
    operand = &clone->getOpOperand(operand->getOperandNumber());
    operand->set(current);
    current = clone->getResult(0);
  }
  path.operands[numShared]->set(current);
}

/// Makes neighbouring dimensions `dims` of the constant at the root of `path`
/// one; the old shape is expanded from the new constant.
static LogicalResult collapseDims(EdgePath &path, ArrayRef<int64_t> dims) {
  Value root = path.root;
  auto type = dyn_cast<RankedTensorType>(root.getType());
  ElementsAttr constant;
  if (!type || !matchPattern(root, m_Constant(&constant)) || dims.size() < 2 ||
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
    collapsed =
        DenseResourceElementsAttr::get(collapsedType, resource.getRawHandle());
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

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// One scale for each output channel; per tensor where the channels do not lie
/// along one axis.
static EdgePlacement placeChannels(QuantizableOpInterface op,
                                   OpOperand &operand, EdgePath path,
                                   EncodingAttr encoding, FallbackFn fallback) {
  FailureOr<SmallVector<int64_t>> dims =
      mapDimsToRoot(path, op.getOutputChannelDims(operand.getOperandNumber()));
  if (succeeded(dims) &&
      (dims->size() == 1 || succeeded(collapseDims(path, *dims))))
    return {std::move(path), encoding.withAxis(dims->front())};
  fallback(Granularity::Axis, "the output channels of the weights do not lie "
                              "along one axis of the constant");
  return {std::move(path), encoding.perTensor()};
}

/// The dimension of the root of `path` that is the input channels of the
/// weights `operand` of a convolution with a window.
static FailureOr<int64_t> findInputChannels(QuantizableOpInterface op,
                                            OpOperand &operand,
                                            const EdgePath &path) {
  auto convolution = dyn_cast<linalg::LinalgOp>(op.getOperation());
  if (!convolution ||
      classifyStructuredOp(convolution) != StructuredOpKind::Convolution)
    return failure();
  FailureOr<linalg::ConvolutionDimensions> loops =
      linalg::inferConvolutionDims(convolution);
  if (failed(loops) || loops->inputChannel.size() != 1)
    return failure();
  std::optional<unsigned> dim =
      convolution.getMatchingIndexingMap(&operand).getResultPosition(
          getAffineDimExpr(loops->inputChannel.front(), op.getContext()));
  if (!dim)
    return failure();
  FailureOr<SmallVector<int64_t>> dims = mapDimsToRoot(path, {*dim});
  if (failed(dims) || dims->size() != 1)
    return failure();
  return dims->front();
}

/// One scale for each block of what the op sums over.
static EdgePlacement placeBlocks(QuantizableOpInterface op, OpOperand &operand,
                                 EdgePath path, EncodingAttr encoding,
                                 bool isWeightOnly, FallbackFn fallback) {
  auto type = cast<RankedTensorType>(path.root.getType());
  FailureOr<SmallVector<int64_t>> dims =
      mapDimsToRoot(path, op.getReductionDims(operand.getOperandNumber()));
  if (failed(dims) || !type.hasStaticShape()) {
    fallback(Granularity::Block, "data movement splits the sums");
    return placeChannels(op, operand, std::move(path), encoding, fallback);
  }
  // Dimensions of size 1, such as those of a 1x1 window, are not in the way.
  SmallVector<int64_t> summed = *dims;
  llvm::erase_if(summed,
                 [&](int64_t dim) { return type.getDimSize(dim) == 1; });
  llvm::sort(summed);
  int64_t depth = 1;
  for (int64_t dim : summed)
    depth *= type.getDimSize(dim);
  int64_t block = *encoding.getBlockSize();
  if (summed.empty() || (depth <= block && !isWeightOnly))
    return placeChannels(op, operand, std::move(path), encoding, fallback);
  // Products in blocks need these along the channels of each position of a
  // window, if that leaves blocks of half the size at least.
  if (summed.size() > 1 && !isWeightOnly) {
    FailureOr<int64_t> channels = findInputChannels(op, operand, path);
    if (succeeded(channels) && 2 * type.getDimSize(*channels) >= block)
      return {std::move(path), encoding.withBlocks(*channels, block)};
  }
  if (summed.size() == 1 || succeeded(collapseDims(path, summed)))
    return {std::move(path), encoding.withBlocks(summed.front(), block)};
  fallback(Granularity::Block, "what the op sums over does not lie along "
                               "neighbouring axes of the constant");
  return placeChannels(op, operand, std::move(path), encoding, fallback);
}

EdgePlacement mlir::ptq::placeWeight(QuantizableOpInterface op,
                                     OpOperand &operand, EncodingAttr encoding,
                                     bool isWeightOnly, FallbackFn fallback) {
  EdgePath path = traceToRoot(operand);
  makePathPrivate(path);
  if (encoding.getAxis())
    return {std::move(path), encoding};
  switch (encoding.getGranularity()) {
  case Granularity::Axis:
    return placeChannels(op, operand, std::move(path), encoding, fallback);
  case Granularity::Block:
    return placeBlocks(op, operand, std::move(path), encoding, isWeightOnly,
                       fallback);
  case Granularity::Tensor:
  case Granularity::Token:
    break;
  }
  return {std::move(path), encoding};
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

/// The number of steps of `path` after which the rows of the value are what the
/// consumer sums over, the fewest possible. `dims` are the summed dimensions of
/// the consumer's operand.
static FailureOr<size_t> findRows(const EdgePath &path,
                                  SmallVector<int64_t> dims) {
  FailureOr<size_t> found = failure();
  for (size_t index = path.operands.size(); index-- > 0;) {
    auto type =
        dyn_cast<RankedTensorType>(path.operands[index]->get().getType());
    if (type && llvm::equal(dims, ArrayRef<int64_t>{type.getRank() - 1}))
      found = index;
    if (index == 0)
      break;
    OpOperand *step = path.operands[index - 1];
    FailureOr<SmallVector<int64_t>> mapped =
        cast<QuantizationTransparentOpInterface>(step->getOwner())
            .mapDimsToOperand(step->getOperandNumber(), dims);
    if (failed(mapped))
      break;
    dims = std::move(*mapped);
  }
  return found;
}

/// The number of steps of `path` after which every sample is one index of a
/// dimension, the fewest possible; none if that does not come to pass.
static size_t findSamples(const EdgePath &path,
                          SampleAxisAnalysis &sampleAxes) {
  for (auto [index, operand] : llvm::enumerate(path.operands)) {
    FailureOr<std::optional<SampleAxis>> axis =
        sampleAxes.getSampleAxis(operand->get());
    if (succeeded(axis) && (!*axis || (*axis)->size == 1))
      return index;
  }
  return 0;
}

static bool hasNoElements(Value tensor) {
  return llvm::is_contained(cast<ShapedType>(tensor.getType()).getShape(), 0);
}

/// Lets `path` begin `numSteps` steps after its root.
static void skipSteps(EdgePath &path, size_t numSteps) {
  path.operands.erase(path.operands.begin(), path.operands.begin() + numSteps);
  path.root = path.operands.front()->get();
}

/// Places blocks along what the op sums over, at the operand itself: data
/// movement would have to move the scales of blocks as well.
static FailureOr<EdgePlacement> placeActivationBlocks(QuantizableOpInterface op,
                                                      OpOperand &operand,
                                                      EncodingAttr encoding) {
  SmallVector<int64_t> dims = op.getReductionDims(operand.getOperandNumber());
  auto type = cast<RankedTensorType>(operand.get().getType());
  if (dims.size() != 1 || type.isDynamicDim(dims.front()))
    return failure();
  EdgePath path;
  path.root = operand.get();
  path.operands.push_back(&operand);
  return EdgePlacement{
      std::move(path),
      encoding.withBlocks(dims.front(), *encoding.getBlockSize())};
}

EdgePlacement mlir::ptq::placeActivation(QuantizableOpInterface op,
                                         OpOperand &operand,
                                         EncodingAttr encoding,
                                         SampleAxisAnalysis &sampleAxes,
                                         FallbackFn fallback) {
  Granularity granularity = encoding.getGranularity();
  bool isPerPart =
      granularity == Granularity::Block || granularity == Granularity::Token;
  if (isPerPart && hasNoElements(operand.get())) {
    fallback(granularity, "the activation has no elements");
    encoding = encoding.perTensor();
  }
  if (encoding.getGranularity() == Granularity::Block) {
    FailureOr<EdgePlacement> blocks =
        placeActivationBlocks(op, operand, encoding);
    if (succeeded(blocks))
      return *blocks;
    fallback(Granularity::Block,
             "what the op sums over is not one dimension of the activation");
    encoding = encoding.perTensor();
  }
  EdgePath path = traceToRoot(operand);
  if (encoding.getGranularity() == Granularity::Token) {
    FailureOr<size_t> rows =
        findRows(path, op.getReductionDims(operand.getOperandNumber()));
    if (succeeded(rows)) {
      skipSteps(path, *rows);
    } else {
      fallback(Granularity::Token,
               "what the op sums over are not the rows of the activation");
      encoding = encoding.perTensor();
    }
  }
  if (encoding.isDynamic() && encoding.isPerTensor())
    skipSteps(path, findSamples(path, sampleAxes));
  makePathPrivate(path);
  return {std::move(path), encoding};
}
