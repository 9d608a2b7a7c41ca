//===- TransposedConvolution.cpp - Import of transposed convolutions ------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Element i of the input, times tap k of the filter, is added to element
// i * stride + k * dilation - pad of the result. Elements of the result whose
// positions have the same rest (the phase) when divided by the stride see the
// same taps, at the same distance from each other. So a transposed convolution
// is a convolution of stride 1 that computes all phases at a position of the
// input as channels, and a rearrangement of these channels as pixels. All that
// is done to convolutions, quantization above all, is done to it.
//
//===----------------------------------------------------------------------===//

#include "../OperatorRegistry.h"
#include "ConstantCodes.h"
#include "PhasedFilter.h"
#include "Products.h"
#include "SpaceAndDepth.h"
#include "Window.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::ptq::importer;

/// Bounds the elements of a filter of all phases.
static constexpr int64_t kMostWeights = int64_t(1) << 28;

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

/// Sets pads and output size along `dim`, where `window` has the attribute's
/// pads. `requested` is the size that the model asks for, or 0.
static LogicalResult setOutputSize(Node &node, Window &window, unsigned dim,
                                   int64_t input, int64_t outputPadding,
                                   int64_t requested, StringRef autoPad) {
  int64_t &low = window.padLow[dim], &high = window.padHigh[dim];
  int64_t unpadded =
      window.strides[dim] * (input - 1) + outputPadding + window.getExtent(dim);
  bool isSame = autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER";
  if (requested != 0 || isSame) {
    int64_t wanted = requested != 0 ? requested : input * window.strides[dim];
    int64_t total = std::max<int64_t>(unpadded - wanted, 0);
    low = autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
    high = total - low;
  } else if (autoPad == "VALID") {
    low = high = 0;
  }
  // No pads make the result as large as SAME wants it if the kernel is smaller
  // than the stride. Then it is as large as in ONNX Runtime.
  window.output.push_back(requested != 0 ? requested : unpadded - low - high);
  if (window.output[dim] < 1 || window.output[dim] > kLargestWindowSize)
    return node.emitError() << "has " << window.output[dim]
                            << " elements along dimension " << 2 + dim;
  return success();
}

/// Reads the window of a node with a filter of `kernel`. Its `output` is the
/// size of the result.
static LogicalResult readTransposedWindow(Node &node, Value image,
                                          unsigned spatialRank,
                                          ArrayRef<int64_t> kernel,
                                          Window &window) {
  SmallVector<int64_t> pads(2 * spatialRank, 0);
  SmallVector<int64_t> outputPadding(spatialRank, 0), output;
  std::string autoPad = "NOTSET";
  if (failed(readWindowShape(node, spatialRank, kernel, window)) ||
      failed(readWindowNumbers(node, "pads", 2 * spatialRank, 0, pads)) ||
      failed(readWindowNumbers(node, "output_padding", spatialRank, 0,
                               outputPadding)) ||
      failed(node.readAttribute("auto_pad", autoPad)))
    return failure();
  if (autoPad != "NOTSET" && autoPad != "VALID" && autoPad != "SAME_UPPER" &&
      autoPad != "SAME_LOWER")
    return node.emitError() << "unknown auto_pad '" << autoPad << "'";
  if (failed(readWindowNumbers(node, "output_shape", spatialRank, 1, output)))
    return failure();
  output.resize(spatialRank, 0);

  ArrayRef<int64_t> shape = getShape(image);
  unsigned first = window.getRank() - spatialRank;
  window.padLow.assign(window.getRank(), 0);
  window.padHigh.assign(window.getRank(), 0);
  window.output.assign(first, 1);
  for (unsigned dim = 0; dim < spatialRank; ++dim) {
    window.padLow[first + dim] = pads[dim];
    window.padHigh[first + dim] = pads[spatialRank + dim];
    if (failed(setOutputSize(node, window, first + dim, shape[2 + first + dim],
                             outputPadding[dim], output[dim], autoPad)))
      return failure();
  }
  return verifyNumWindows(node, window);
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// The filter of all phases, of the constant at input 1.
static FailureOr<Value> createFilter(Node &node, const PhasedFilter &filter) {
  if (const ConstantTensor *constant = node.getConstantInput(1))
    return node.createConstant(rearrange(*constant, filter));
  const ConstantCodes *codes = node.getConstantCodes(1);
  bool followsOutputs =
      !codes->blockSize && (!codes->axis || codes->axis.getInt() == 1);
  if (followsOutputs)
    return rearrange(*codes, filter).createValues(node);
  return node.createConstant(rearrange(codes->dequantize(), filter));
}

/// The bias at input 2 for all phases.
static FailureOr<Value> createBias(Node &node, Value bias,
                                   const PhasedFilter &filter) {
  if (filter.numPhases == 1)
    return bias;
  SmallVector<int64_t> outputs = filter.getOutputs();
  if (const ConstantTensor *constant = node.getConstantInput(2))
    return node.createConstant(constant->taken(0, outputs));
  if (const ConstantCodes *original = node.getConstantCodes(2);
      original && !original->blockSize) {
    ConstantCodes codes = *original;
    codes.codes = original->codes.taken(0, outputs);
    if (original->axis) {
      codes.scales = original->scales.taken(0, outputs);
      if (original->zeroPoints)
        codes.zeroPoints = original->zeroPoints->taken(0, outputs);
    }
    return codes.createValues(node);
  }
  TensorBuilder &builder = node.getBuilder();
  int64_t groups = filter.groups, numOutputs = filter.numOutputs;
  Value grouped = builder.createReshape(bias, {groups, numOutputs});
  SmallVector<OpFoldResult> sizes = getAsIndexOpFoldResult(
      builder.getContext(), {groups, filter.numPhases, numOutputs});
  return builder.createReshape(builder.createBroadcast(grouped, sizes, {1}),
                               filter.shape[0]);
}

//===----------------------------------------------------------------------===//
// ConvTranspose
//===----------------------------------------------------------------------===//

/// The `output` elements of `tensor` from `begin` on along the spatial
/// dimensions; itself where these are all.
static Value createCrop(TensorBuilder &builder, Value tensor,
                        ArrayRef<int64_t> begin, ArrayRef<int64_t> output) {
  if (getShape(tensor).drop_front(2) == output)
    return tensor;
  SmallVector<OpFoldResult> sizes = builder.getSizes(tensor);
  SmallVector<OpFoldResult> offsets(sizes.size(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
  for (auto [dim, offset] : llvm::enumerate(begin)) {
    offsets[2 + dim] = builder.getIndexAttr(offset);
    sizes[2 + dim] = builder.getIndexAttr(output[dim]);
  }
  return tensor::ExtractSliceOp::create(builder, tensor, offsets, sizes,
                                        strides);
}

/// `image` padded, or cut, as `dims` need it.
static Value createPadOrCrop(TensorBuilder &builder, Value image,
                             ArrayRef<PhasedDim> dims) {
  SmallVector<int64_t> low(2, 0), high(2, 0), begin, sizes;
  for (auto [index, dim] : llvm::enumerate(dims)) {
    low.push_back(std::max<int64_t>(dim.low, 0));
    high.push_back(std::max<int64_t>(dim.high, 0));
    begin.push_back(std::max<int64_t>(-dim.low, 0));
    sizes.push_back(dim.low + getShape(image)[2 + index] + dim.high);
  }
  return createCrop(builder, builder.createPad(image, low, high, 0.0), begin,
                    sizes);
}

/// Checks the filter's shape, with a height of 1 inserted if `spatialRank` is
/// 1, against the image and the number of groups.
static LogicalResult verifyFilter(Node &node, Value image, Value bias,
                                  ArrayRef<int64_t> filter, int64_t groups,
                                  Type elementType, unsigned spatialRank) {
  int64_t channels = getShape(image)[1];
  if (filter.size() != spatialRank + 2 || filter[0] != channels ||
      llvm::any_of(filter, [](int64_t size) { return size < 1; }))
    return node.emitError() << "filter of shape [" << filter
                            << "] does not fit the input " << image.getType();
  if (groups < 1 || channels % groups != 0)
    return node.emitError() << groups << " groups do not fit the " << channels
                            << " channels of the input";
  if (bias && getShape(bias) != ArrayRef<int64_t>(filter[1] * groups))
    return node.emitError()
           << "bias of type " << bias.getType()
           << " does not fit the filter of shape [" << filter << "]";
  if (elementType != getElementType(image) ||
      (bias && getElementType(bias) != elementType))
    return node.emitError() << "input, filter and bias must have one element "
                               "type";
  return success();
}

/// Fails if the filter of all phases has too many elements.
static LogicalResult verifyNumWeights(Node &node, ArrayRef<int64_t> filter,
                                      ArrayRef<PhasedDim> dims) {
  int64_t left = kMostWeights;
  auto take = [&](int64_t size) {
    left /= size;
    return left > 0;
  };
  bool fits = take(filter[0]) && take(filter[1]);
  for (const PhasedDim &dim : dims)
    fits = fits && take(dim.stride) && take(dim.numTaps);
  if (!fits)
    return node.emitError() << "the window is too large";
  return success();
}

static LogicalResult importConvTranspose(Node &node) {
  ConvolutionOperands operands;
  Value bias;
  unsigned spatialRank;
  if (failed(node.readFloatInput(0, operands.image)) ||
      failed(node.readOptionalFloatInput(2, bias)) ||
      failed(makeImage(node, operands.image, spatialRank)) ||
      failed(node.readAttribute("group", operands.groups)))
    return failure();
  const ConstantTensor *constant = node.getConstantInput(1);
  const ConstantCodes *codes = node.getConstantCodes(1);
  if (!codes && (!constant || !isa<FloatType>(constant->getElementType())))
    return node.emitError() << "filter must be a constant of floats";
  SmallVector<int64_t> filter(codes ? codes->codes.getShape()
                                    : constant->getShape());
  Type elementType =
      codes ? codes->scales.getElementType() : constant->getElementType();
  if (failed(verifyFilter(node, operands.image, bias, filter, operands.groups,
                          elementType, spatialRank)))
    return failure();
  Window window;
  if (failed(readTransposedWindow(node, operands.image, spatialRank,
                                  ArrayRef<int64_t>(filter).drop_front(2),
                                  window)))
    return failure();
  if (spatialRank == 1)
    filter.insert(filter.begin() + 2, 1);

  SmallVector<PhasedDim> dims;
  SmallVector<int64_t> begin, blocks;
  Window phased;
  for (unsigned dim = 0; dim < window.getRank(); ++dim) {
    const PhasedDim &plan = dims.emplace_back(
        planPhasedDim(window, dim, getShape(operands.image)[2 + dim]));
    begin.push_back(plan.begin);
    blocks.push_back(plan.stride);
    phased.kernel.push_back(plan.numTaps);
    phased.strides.push_back(1);
    phased.dilations.push_back(plan.tapDilation);
    phased.output.push_back(plan.count);
  }
  if (failed(verifyNumWeights(node, filter, dims)))
    return failure();
  PhasedFilter plan = planPhasedFilter(filter, operands.groups, dims);
  FailureOr<Value> phasedFilter = createFilter(node, plan);
  FailureOr<Value> phasedBias = bias ? createBias(node, bias, plan) : bias;
  if (failed(phasedFilter) || failed(phasedBias))
    return failure();
  operands.filter = *phasedFilter;
  operands.bias = *phasedBias;

  TensorBuilder &builder = node.getBuilder();
  operands.batch = builder.getSizes(operands.image).front();
  operands.image = createPadOrCrop(builder, operands.image, dims);
  Value result = createConvolution(builder, operands, phased);
  result = createDepthToSpace(builder, result, operands.groups, blocks);
  result = createCrop(builder, result, begin, window.output);
  return node.setOutput(0, dropInsertedHeight(node, result, spatialRank));
}

void mlir::ptq::importer::populateTransposedConvolutionImporters(
    OperatorRegistry &registry) {
  registry.add("ConvTranspose", {kAllOpsets, {2, 3}, importConvTranspose});
}
