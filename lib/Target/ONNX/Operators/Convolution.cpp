//===- Convolution.cpp - Import of convolutions ---------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../OperatorRegistry.h"
#include "Products.h"
#include "Window.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::ptq::importer;

/// A tensor N, channels..., OH, OW that the result is added to: `bias`, which
/// has the shape `channels`, in every place, or 0 if it is null.
static Value createInit(TensorBuilder &builder,
                        const ConvolutionOperands &operands, Value bias,
                        ArrayRef<int64_t> channels, const Window &window) {
  SmallVector<OpFoldResult> sizes = {operands.batch};
  for (ArrayRef<int64_t> part : {channels, ArrayRef<int64_t>(window.output)})
    for (int64_t size : part)
      sizes.push_back(builder.getIndexAttr(size));
  if (!bias)
    return builder.createFilled(sizes, getElementType(operands.image), 0.0);
  SmallVector<int64_t> dimsWithoutBias = {0};
  for (int64_t dim = channels.size() + 1, end = sizes.size(); dim < end; ++dim)
    dimsWithoutBias.push_back(dim);
  return builder.createBroadcast(bias, sizes, dimsWithoutBias);
}

template <typename ConvOp>
static Value createNamed(TensorBuilder &builder, ValueRange inputs, Value init,
                         const Window &window) {
  return ConvOp::create(builder, init.getType(), inputs, init,
                        window.getStridesAttr(builder),
                        window.getDilationsAttr(builder))
      .getResult(0);
}

/// Each output channel sees all input channels.
static Value createDense(TensorBuilder &builder,
                         const ConvolutionOperands &operands,
                         const Window &window) {
  Value init = createInit(builder, operands, operands.bias,
                          getShape(operands.filter)[0], window);
  SmallVector<Value> inputs = {operands.image, operands.filter};
  return window.getRank() == 2
             ? createNamed<linalg::Conv2DNchwFchwOp>(builder, inputs, init,
                                                     window)
             : createNamed<linalg::Conv3DNcdhwFcdhwOp>(builder, inputs, init,
                                                       window);
}

/// Each output channel sees the one input channel of its number.
static Value createDepthwise(TensorBuilder &builder,
                             const ConvolutionOperands &operands,
                             const Window &window) {
  SmallVector<int64_t> shape(getShape(operands.filter));
  int64_t channels = shape[0];
  shape.erase(shape.begin() + 1);
  Value filter = builder.createReshape(operands.filter, shape);
  Value init = createInit(builder, operands, operands.bias, channels, window);
  SmallVector<Value> inputs = {operands.image, filter};
  return window.getRank() == 2
             ? createNamed<linalg::DepthwiseConv2DNchwChwOp>(builder, inputs,
                                                             init, window)
             : createNamed<linalg::DepthwiseConv3DNcdhwCdhwOp>(builder, inputs,
                                                               init, window);
}

/// The convolution of an image N, G, C, D, H, W and a filter G, F, C, KD, KH,
/// KW, which has no name.
static Value createGroupedOfVolumes(TensorBuilder &builder, ValueRange inputs,
                                    Value init, const Window &window) {
  unsigned rank = window.getRank(), numLoops = 4 + 2 * rank;
  auto getLoop = [&](unsigned loop) {
    return getAffineDimExpr(loop, builder.getContext());
  };
  // Loops: N, G, F, output positions; C, positions in the window.
  SmallVector<AffineExpr> image = {getLoop(0), getLoop(1), getLoop(3 + rank)};
  SmallVector<AffineExpr> filter = {getLoop(1), getLoop(2), getLoop(3 + rank)};
  SmallVector<AffineExpr> output = {getLoop(0), getLoop(1), getLoop(2)};
  for (unsigned dim = 0; dim < rank; ++dim) {
    AffineExpr position = getLoop(3 + dim), tap = getLoop(4 + rank + dim);
    image.push_back(position * window.strides[dim] +
                    tap * window.dilations[dim]);
    filter.push_back(tap);
    output.push_back(position);
  }
  SmallVector<AffineMap> maps;
  for (ArrayRef<AffineExpr> results : {image, filter, output})
    maps.push_back(AffineMap::get(numLoops, 0, results, builder.getContext()));
  SmallVector<utils::IteratorType> iterators(3 + rank,
                                             utils::IteratorType::parallel);
  iterators.append(1 + rank, utils::IteratorType::reduction);
  return linalg::GenericOp::create(
             builder, init.getType(), inputs, init, maps, iterators,
             [](OpBuilder &nested, Location loc, ValueRange arguments) {
               Value product = arith::MulFOp::create(nested, loc, arguments[0],
                                                     arguments[1]);
               Value sum =
                   arith::AddFOp::create(nested, loc, arguments[2], product);
               linalg::YieldOp::create(nested, loc, sum);
             })
      .getResult(0);
}

/// `shape` with dimension `dim` as two, the first of `groups`.
static SmallVector<int64_t> splitGroups(ArrayRef<int64_t> shape, unsigned dim,
                                        int64_t groups) {
  SmallVector<int64_t> result(shape);
  result[dim] /= groups;
  result.insert(result.begin() + dim, groups);
  return result;
}

/// Each output channel sees the input channels of its group: channels become
/// groups x channels of a group.
static Value createGrouped(TensorBuilder &builder,
                           const ConvolutionOperands &operands,
                           const Window &window) {
  int64_t groups = operands.groups;
  int64_t channels = getShape(operands.filter)[0];
  Value image = builder.createReshape(
      operands.image, splitGroups(getShape(operands.image), 1, groups));
  Value filter = builder.createReshape(
      operands.filter, splitGroups(getShape(operands.filter), 0, groups));
  Value bias;
  if (operands.bias)
    bias = builder.createReshape(operands.bias, {groups, channels / groups});
  Value init =
      createInit(builder, operands, bias, {groups, channels / groups}, window);
  SmallVector<Value> inputs = {image, filter};
  Value result = window.getRank() == 2
                     ? createNamed<linalg::Conv2DNgchwGfchwOp>(builder, inputs,
                                                               init, window)
                     : createGroupedOfVolumes(builder, inputs, init, window);
  SmallVector<int64_t> shape(getShape(result));
  shape.erase(shape.begin() + 1);
  shape[1] = channels;
  return builder.createReshape(result, shape);
}

Value mlir::ptq::importer::createConvolution(
    TensorBuilder &builder, const ConvolutionOperands &operands,
    const Window &window) {
  int64_t channels = getShape(operands.image)[1];
  if (operands.groups == 1)
    return createDense(builder, operands, window);
  if (operands.groups == channels && getShape(operands.filter)[0] == channels)
    return createDepthwise(builder, operands, window);
  return createGrouped(builder, operands, window);
}

/// Checks the filter against the image and the number of groups.
static LogicalResult verifyOperands(Node &node,
                                    const ConvolutionOperands &operands,
                                    unsigned spatialRank) {
  ArrayRef<int64_t> image = getShape(operands.image);
  auto filterType = cast<RankedTensorType>(operands.filter.getType());
  ArrayRef<int64_t> filter = filterType.getShape();
  if (filter.size() != spatialRank + 2 || !filterType.hasStaticShape())
    return node.emitError()
           << "filter of type " << filterType << " does not fit the input "
           << operands.image.getType();
  if (operands.groups < 1 || filter[0] % operands.groups != 0 ||
      filter[1] > image[1] || filter[1] * operands.groups != image[1])
    return node.emitError()
           << operands.groups << " groups do not fit the " << image[1]
           << " channels of the input and filter " << filterType;
  if (operands.bias && getShape(operands.bias) != filter.take_front())
    return node.emitError() << "bias of type " << operands.bias.getType()
                            << " does not fit the filter " << filterType;
  Type elementType = getElementType(operands.image);
  if (filterType.getElementType() != elementType ||
      (operands.bias && getElementType(operands.bias) != elementType))
    return node.emitError() << "input, filter and bias must have one element "
                               "type";
  return success();
}

FailureOr<Value> mlir::ptq::importer::createConvolution(Node &node, Value image,
                                                        Value filterTensor,
                                                        Value bias) {
  ConvolutionOperands operands;
  operands.image = image;
  operands.filter = filterTensor;
  operands.bias = bias;
  unsigned spatialRank;
  if (failed(makeImage(node, operands.image, spatialRank)) ||
      failed(node.readAttribute("group", operands.groups)))
    return failure();
  if (failed(verifyOperands(node, operands, spatialRank)))
    return failure();

  TensorBuilder &builder = node.getBuilder();
  SmallVector<int64_t> filter(getShape(operands.filter));
  Window window;
  if (failed(readWindow(node, operands.image, spatialRank,
                        ArrayRef<int64_t>(filter).drop_front(2),
                        /*allowsCeil=*/false, window)))
    return failure();
  if (spatialRank == 1)
    operands.filter = builder.createReshape(
        operands.filter, {filter[0], filter[1], 1, filter[2]});
  operands.batch = builder.getSizes(operands.image).front();
  operands.image =
      builder.createPad(operands.image, window.getLowPads(),
                        window.getHighPads(getShape(operands.image)), 0.0);
  return dropInsertedHeight(node, createConvolution(builder, operands, window),
                            spatialRank);
}

static LogicalResult importConv(Node &node) {
  Value image, filter, bias;
  if (failed(node.readFloatInput(0, image)) ||
      failed(node.readFloatInput(1, filter)) ||
      failed(node.readOptionalFloatInput(2, bias)))
    return failure();
  FailureOr<Value> result = createConvolution(node, image, filter, bias);
  if (failed(result))
    return failure();
  return node.setOutput(0, *result);
}

void mlir::ptq::importer::populateConvolutionImporters(
    OperatorRegistry &registry) {
  registry.add("Conv", {kAllOpsets, {2, 3}, importConv});
}
