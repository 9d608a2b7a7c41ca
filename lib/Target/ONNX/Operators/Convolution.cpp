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

using namespace mlir;
using namespace mlir::ptq::importer;

namespace {
/// The operands of a convolution over two spatial dimensions.
struct Operands {
  /// N, C, H, W, padded.
  Value image;
  /// F, C / groups, KH, KW.
  Value filter;
  /// F, or null.
  Value bias;
  int64_t groups;
  /// The size of N.
  OpFoldResult batch;
};
} // namespace

/// The result before anything is added to it: the bias in every place, or 0.
static Value createInit(TensorBuilder &builder, Value bias,
                        ArrayRef<OpFoldResult> sizes, Type elementType,
                        ArrayRef<int64_t> dimsWithoutBias) {
  if (!bias)
    return builder.createFilled(sizes, elementType, 0.0);
  return builder.createBroadcast(bias, sizes, dimsWithoutBias);
}

/// The sizes N, channels..., OH, OW of a result.
static SmallVector<OpFoldResult> getResultSizes(TensorBuilder &builder,
                                                const Operands &operands,
                                                ArrayRef<int64_t> channels,
                                                const Window &window) {
  SmallVector<OpFoldResult> sizes = {operands.batch};
  for (ArrayRef<int64_t> part : {channels, ArrayRef<int64_t>(window.output)})
    for (int64_t size : part)
      sizes.push_back(builder.getIndexAttr(size));
  return sizes;
}

/// Each output channel sees all input channels.
static Value createDense(TensorBuilder &builder, const Operands &operands,
                         const Window &window) {
  Value init = createInit(
      builder, operands.bias,
      getResultSizes(builder, operands, getShape(operands.filter)[0], window),
      getElementType(operands.image), {0, 2, 3});
  return linalg::Conv2DNchwFchwOp::create(
             builder, init.getType(),
             ValueRange{operands.image, operands.filter}, init,
             window.getStridesAttr(builder), window.getDilationsAttr(builder))
      .getResult(0);
}

/// Each output channel sees the one input channel of its number.
static Value createDepthwise(TensorBuilder &builder, const Operands &operands,
                             const Window &window) {
  ArrayRef<int64_t> shape = getShape(operands.filter);
  Value filter =
      builder.createReshape(operands.filter, {shape[0], shape[2], shape[3]});
  Value init = createInit(builder, operands.bias,
                          getResultSizes(builder, operands, shape[0], window),
                          getElementType(operands.image), {0, 2, 3});
  return linalg::DepthwiseConv2DNchwChwOp::create(
             builder, init.getType(), ValueRange{operands.image, filter}, init,
             window.getStridesAttr(builder), window.getDilationsAttr(builder))
      .getResult(0);
}

/// Each output channel sees the input channels of its group: channels become
/// groups x channels of a group.
static Value createGrouped(TensorBuilder &builder, const Operands &operands,
                           const Window &window) {
  ArrayRef<int64_t> image = getShape(operands.image);
  ArrayRef<int64_t> filter = getShape(operands.filter);
  int64_t groups = operands.groups, outputs = filter[0] / groups;
  Value groupedImage = builder.createReshape(
      operands.image,
      {image[0], groups, image[1] / groups, image[2], image[3]});
  Value groupedFilter = builder.createReshape(
      operands.filter, {groups, outputs, filter[1], filter[2], filter[3]});
  Value groupedBias;
  if (operands.bias)
    groupedBias = builder.createReshape(operands.bias, {groups, outputs});
  Value init =
      createInit(builder, groupedBias,
                 getResultSizes(builder, operands, {groups, outputs}, window),
                 getElementType(operands.image), {0, 3, 4});
  Value result =
      linalg::Conv2DNgchwGfchwOp::create(
          builder, init.getType(), ValueRange{groupedImage, groupedFilter},
          init, window.getStridesAttr(builder),
          window.getDilationsAttr(builder))
          .getResult(0);
  return builder.createReshape(
      result, {image[0], filter[0], window.output[0], window.output[1]});
}

/// Checks the filter against the image and the number of groups.
static LogicalResult verifyOperands(Node &node, const Operands &operands,
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
  Operands operands;
  operands.image = image;
  operands.filter = filterTensor;
  operands.bias = bias;
  operands.groups = 1;
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
  int64_t channels = getShape(operands.image)[1];
  operands.batch = builder.getSizes(operands.image).front();
  operands.image =
      builder.createPad(operands.image, window.getLowPads(),
                        window.getHighPads(getShape(operands.image)), 0.0);

  Value result;
  if (operands.groups == 1)
    result = createDense(builder, operands, window);
  else if (operands.groups == channels &&
           getShape(operands.filter)[0] == channels)
    result = createDepthwise(builder, operands, window);
  else
    result = createGrouped(builder, operands, window);
  return dropInsertedHeight(node, result, spatialRank);
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
