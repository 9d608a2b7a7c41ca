//===- Pooling.cpp - Import of pooling ------------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../OperatorRegistry.h"
#include "Window.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <limits>

using namespace mlir;
using namespace mlir::ptq::importer;

static constexpr double kNegativeInfinity =
    -std::numeric_limits<double>::infinity();

/// Combines the elements of each window of `image` by PoolingOp, or by
/// VolumePoolingOp over three dimensions, starting with `initial`, which also
/// fills the pads. Volumes that are pooled have their channels last, as those
/// that named ops pool: see `restoreOrder`.
template <typename PoolingOp, typename VolumePoolingOp>
static Value createPooling(TensorBuilder &builder, Value image,
                           const Window &window, double initial) {
  Type elementType = getElementType(image);
  SmallVector<OpFoldResult> sizes = builder.getSizes(image);
  for (auto [dim, count] : llvm::enumerate(window.output))
    sizes[2 + dim] = builder.getIndexAttr(count);
  Value padded = builder.createPad(
      image, window.getLowPads(), window.getHighPads(getShape(image)), initial);
  bool isVolume = window.getRank() == 3;
  if (isVolume) {
    padded = builder.createTranspose(padded, {0, 2, 3, 4, 1});
    std::rotate(sizes.begin() + 1, sizes.begin() + 2, sizes.end());
  }
  Value init = builder.createFilled(sizes, elementType, initial);
  // Pooling takes the window's shape from an operand whose elements nobody
  // reads.
  Value kernel = builder.createEmpty(
      getAsIndexOpFoldResult(builder.getContext(), window.kernel), elementType);
  auto create = [&](auto op) {
    return decltype(op)::create(
               builder, init.getType(), ValueRange{padded, kernel}, init,
               window.getStridesAttr(builder), window.getDilationsAttr(builder))
        .getResult(0);
  };
  return isVolume ? create(VolumePoolingOp()) : create(PoolingOp());
}

/// What `createPooling` gives, in the order of its image.
static Value restoreOrder(TensorBuilder &builder, Value pooled,
                          const Window &window) {
  return window.getRank() == 3
             ? builder.createTranspose(pooled, {0, 4, 1, 2, 3})
             : pooled;
}

static LogicalResult importMaxPool(Node &node) {
  Value image;
  unsigned spatialRank;
  Window window;
  // The order only concerns the indices, a second output.
  node.ignoreAttribute("storage_order");
  if (failed(node.readInput(0, image)))
    return failure();
  Type elementType = getElementType(image);
  if (!isa<FloatType>(elementType) && !elementType.isInteger(8))
    return node.emitError() << "input 0 must be a tensor of floats or bytes, "
                               "got "
                            << image.getType();
  if (failed(makeImage(node, image, spatialRank)) ||
      failed(readWindow(node, image, spatialRank, /*filterKernel=*/{},
                        /*allowsCeil=*/true, window)))
    return failure();
  Value result =
      createPooling<linalg::PoolingNchwMaxOp, linalg::PoolingNdhwcMaxOp>(
          node.getBuilder(), image, window, kNegativeInfinity);
  result = restoreOrder(node.getBuilder(), result, window);
  return node.setOutput(0, dropInsertedHeight(node, result, spatialRank));
}

//===----------------------------------------------------------------------===//
// Averages
//===----------------------------------------------------------------------===//

/// How many positions of window `index` along spatial dimension `dim` lie in
/// [first, last).
static int64_t countPositions(const Window &window, unsigned dim, int64_t index,
                              int64_t first, int64_t last) {
  int64_t start = index * window.strides[dim] - window.padLow[dim];
  int64_t step = window.dilations[dim];
  int64_t begin =
      std::max<int64_t>(0, llvm::divideCeilSigned(first - start, step));
  int64_t end =
      std::min(window.kernel[dim], llvm::divideCeilSigned(last - start, step));
  return std::max<int64_t>(0, end - begin);
}

/// The number of elements that windows average along spatial dimension `dim`,
/// window by window. The pads count where `countsPads`; what lies beyond them
/// never does.
static SmallVector<double> countElements(const Window &window, unsigned dim,
                                         int64_t size, bool countsPads) {
  int64_t first = countsPads ? -window.padLow[dim] : 0;
  int64_t last = size + (countsPads ? window.padHigh[dim] : 0);
  SmallVector<double> counts;
  for (int64_t index = 0; index < window.output[dim]; ++index)
    counts.push_back(countPositions(window, dim, index, first, last));
  return counts;
}

/// Each element of `tensor` over `divisor`.
static Value createQuotient(TensorBuilder &builder, Value tensor,
                            double divisor) {
  return builder.createElementwise(
      tensor, [&](TensorBuilder &scalar, ValueRange args) -> Value {
        Value constant = scalar.createScalar(args[0].getType(), divisor);
        return arith::DivFOp::create(scalar, args[0], constant);
      });
}

static LogicalResult importAveragePool(Node &node) {
  Value image;
  unsigned spatialRank;
  Window window;
  bool countsPads = false;
  if (failed(node.readFloatInput(0, image)) ||
      failed(makeImage(node, image, spatialRank)) ||
      failed(readWindow(node, image, spatialRank, /*filterKernel=*/{},
                        /*allowsCeil=*/true, window)) ||
      failed(node.readAttribute("count_include_pad", countsPads)))
    return failure();

  // The number of elements of a window is the product of those along each
  // dimension.
  SmallVector<double> counts = {1.0};
  for (unsigned dim = 0; dim < window.getRank(); ++dim) {
    SmallVector<double> lengths =
        countElements(window, dim, getShape(image)[2 + dim], countsPads);
    if (llvm::is_contained(lengths, 0.0))
      return node.emitError() << "a window lies wholly in the padding";
    SmallVector<double> products;
    for (double count : counts)
      for (double length : lengths)
        products.push_back(count * length);
    counts = std::move(products);
  }

  TensorBuilder &builder = node.getBuilder();
  Value sum =
      createPooling<linalg::PoolingNchwSumOp, linalg::PoolingNdhwcSumOp>(
          builder, image, window, /*initial=*/0.0);
  Value average;
  if (llvm::all_equal(counts)) {
    average = createQuotient(builder, sum, counts.front());
  } else {
    SmallVector<int64_t> shape(window.output);
    if (window.getRank() == 3)
      shape.push_back(1);
    auto type = RankedTensorType::get(shape, getElementType(image));
    Value divisors = node.createConstant(ConstantTensor::fromDoubles(
        (node.getOutputName(0) + ".count").str(), type, counts));
    average = builder.createElementwise(
        {sum, divisors}, [](TensorBuilder &scalar, ValueRange args) -> Value {
          return arith::DivFOp::create(scalar, args[0], args[1]);
        });
  }
  average = restoreOrder(builder, average, window);
  return node.setOutput(0, dropInsertedHeight(node, average, spatialRank));
}

//===----------------------------------------------------------------------===//
// Global pooling
//===----------------------------------------------------------------------===//

/// Reads an input N, C, spatial..., and the dimensions to pool over.
static LogicalResult readGlobal(Node &node, Value &image,
                                SmallVectorImpl<int64_t> &dims) {
  if (failed(node.readFloatInput(0, image)))
    return failure();
  ArrayRef<int64_t> shape = getShape(image);
  if (shape.size() < 3 ||
      llvm::is_contained(shape.drop_front(), ShapedType::kDynamic))
    return node.emitError() << "needs an input with static spatial dimensions, "
                               "got "
                            << image.getType();
  for (int64_t dim = 2, rank = shape.size(); dim < rank; ++dim)
    dims.push_back(dim);
  return success();
}

/// Puts back the pooled dimensions, with size 1.
static Value restoreDims(TensorBuilder &builder, Value pooled, size_t rank) {
  SmallVector<int64_t> shape(getShape(pooled));
  shape.resize(rank, 1);
  return builder.createReshape(pooled, shape);
}

static LogicalResult importGlobalAveragePool(Node &node) {
  Value image;
  SmallVector<int64_t> dims;
  if (failed(readGlobal(node, image, dims)))
    return failure();
  TensorBuilder &builder = node.getBuilder();
  ArrayRef<int64_t> shape = getShape(image);
  double count = 1.0;
  for (int64_t dim : dims)
    count *= shape[dim];
  Value sum = builder.createReduction(
      image, dims, 0.0, [](TensorBuilder &scalar, ValueRange args) -> Value {
        return arith::AddFOp::create(scalar, args[0], args[1]);
      });
  Value average = createQuotient(builder, sum, count);
  return node.setOutput(0, restoreDims(builder, average, shape.size()));
}

static LogicalResult importGlobalMaxPool(Node &node) {
  Value image;
  SmallVector<int64_t> dims;
  if (failed(readGlobal(node, image, dims)))
    return failure();
  TensorBuilder &builder = node.getBuilder();
  Value maximum = builder.createReduction(
      image, dims, kNegativeInfinity,
      [](TensorBuilder &scalar, ValueRange args) -> Value {
        return arith::MaximumFOp::create(scalar, args[0], args[1]);
      });
  return node.setOutput(0,
                        restoreDims(builder, maximum, getShape(image).size()));
}

void mlir::ptq::importer::populatePoolingImporters(OperatorRegistry &registry) {
  registry.add("AveragePool", {kAllOpsets, {1, 1}, importAveragePool});
  registry.add("GlobalAveragePool",
               {kAllOpsets, {1, 1}, importGlobalAveragePool});
  registry.add("GlobalMaxPool", {kAllOpsets, {1, 1}, importGlobalMaxPool});
  registry.add("MaxPool",
               {kAllOpsets, {1, 1}, importMaxPool, /*movesElements=*/true});
}
