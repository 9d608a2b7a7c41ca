//===- Resize.cpp - Import of operators that resize images ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The nearest element is moved: codes are, too. Interpolation is a product with
// a constant matrix along each dimension, which is quantized like any other.
//
//===----------------------------------------------------------------------===//

#include "../OperatorRegistry.h"
#include "Gather.h"
#include "Resampling.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/ADT/Sequence.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mlir::ptq::importer;

namespace {
enum class Interpolation { Nearest, Linear, Cubic };

/// How a tensor is resized.
struct Resizing {
  Interpolation interpolation = Interpolation::Nearest;
  NearestMode nearest = NearestMode::Simple;
  double cubicCoefficient = -0.75;
  bool excludesOutside = false;
  /// The dimensions that change, by number.
  SmallVector<std::pair<int64_t, ResizedDim>> dims;
};
} // namespace

//===----------------------------------------------------------------------===//
// Attributes and sizes
//===----------------------------------------------------------------------===//

/// Reads the string attribute `name`, absent `value`, one of `choices`.
template <typename T>
static LogicalResult readChoice(Node &node, StringRef name, std::string value,
                                ArrayRef<std::pair<StringRef, T>> choices,
                                T &choice) {
  if (failed(node.readAttribute(name, value)))
    return failure();
  for (auto [spelling, meaning] : choices)
    if (value == spelling) {
      choice = meaning;
      return success();
    }
  return node.emitError() << "'" << name << " = " << value
                          << "' is not supported";
}

static LogicalResult readInterpolation(Node &node, Interpolation &result) {
  return readChoice<Interpolation>(node, "mode", "nearest",
                                   {{"nearest", Interpolation::Nearest},
                                    {"linear", Interpolation::Linear},
                                    {"bilinear", Interpolation::Linear},
                                    {"cubic", Interpolation::Cubic}},
                                   result);
}

static LogicalResult readCoordinateMode(Node &node, CoordinateMode &mode) {
  return readChoice<CoordinateMode>(
      node, "coordinate_transformation_mode", "half_pixel",
      {{"half_pixel", CoordinateMode::HalfPixel},
       {"half_pixel_symmetric", CoordinateMode::HalfPixelSymmetric},
       {"pytorch_half_pixel", CoordinateMode::PyTorchHalfPixel},
       {"align_corners", CoordinateMode::AlignCorners},
       {"asymmetric", CoordinateMode::Asymmetric},
       {"tf_half_pixel_for_nn", CoordinateMode::TensorFlowHalfPixel}},
      mode);
}

static LogicalResult readNearestMode(Node &node, NearestMode &mode) {
  return readChoice<NearestMode>(
      node, "nearest_mode", "round_prefer_floor",
      {{"round_prefer_floor", NearestMode::RoundPreferFloor},
       {"round_prefer_ceil", NearestMode::RoundPreferCeil},
       {"floor", NearestMode::Floor},
       {"ceil", NearestMode::Ceil}},
      mode);
}

/// Adds dimension `dim` of `size`, which is resized by `scale`, or to `output`
/// if that is given.
static LogicalResult addDim(Node &node, Resizing &resizing, int64_t dim,
                            int64_t size, float scale,
                            std::optional<int64_t> output,
                            CoordinateMode mode) {
  constexpr int64_t kLargest = int64_t(1) << 24;
  bool isUnchanged = output ? *output == size : scale == 1.0f;
  if (isUnchanged)
    return success();
  if (ShapedType::isDynamic(size))
    return node.emitError() << "cannot resize the symbolic batch; fix it with "
                               "--batch";
  if (!(scale > 0) || !std::isfinite(scale))
    return node.emitError() << "scale " << scale << " of dimension " << dim
                            << " is not positive";
  double exact = output ? static_cast<double>(*output)
                        : std::floor(static_cast<double>(size) * scale);
  if (!(exact >= 1 && exact <= kLargest) || size > kLargest)
    return node.emitError() << "cannot resize dimension " << dim << " to "
                            << exact << " elements";
  resizing.dims.emplace_back(
      dim, ResizedDim{size, static_cast<int64_t>(exact), scale, mode});
  return success();
}

/// Adds the dimensions of a tensor of `shape` that `scales` change.
static LogicalResult addScaled(Node &node, Resizing &resizing,
                               ArrayRef<int64_t> shape, ArrayRef<int64_t> axes,
                               ArrayRef<double> scales, CoordinateMode mode) {
  if (scales.size() != axes.size())
    return node.emitError()
           << "has " << scales.size() << " scales, expected " << axes.size();
  for (auto [axis, scale] : llvm::zip_equal(axes, scales))
    if (failed(addDim(node, resizing, axis, shape[axis],
                      static_cast<float>(scale), std::nullopt, mode)))
      return failure();
  return success();
}

/// Changes the `sizes` of `axes` so that all of them have one scale: the least
/// of those that are asked for, or the largest. Gives that scale.
static FailureOr<double> keepAspectRatio(Node &node, ArrayRef<int64_t> shape,
                                         ArrayRef<int64_t> axes, bool isLeast,
                                         SmallVectorImpl<int64_t> &sizes) {
  std::optional<double> common;
  for (auto [axis, size] : llvm::zip_equal(axes, sizes)) {
    if (ShapedType::isDynamic(shape[axis]))
      return node.emitError() << "cannot resize the symbolic batch; fix it "
                                 "with --batch";
    double scale = static_cast<double>(size) / static_cast<double>(shape[axis]);
    common = !common   ? scale
             : isLeast ? std::min(*common, scale)
                       : std::max(*common, scale);
  }
  for (auto [axis, size] : llvm::zip_equal(axes, sizes))
    size = static_cast<int64_t>(
        std::floor(*common * static_cast<double>(shape[axis]) + 0.5));
  return common.value_or(1.0);
}

/// Adds the dimensions of a tensor of `shape` whose sizes become `sizes`.
static LogicalResult addSized(Node &node, Resizing &resizing,
                              ArrayRef<int64_t> shape, ArrayRef<int64_t> axes,
                              SmallVectorImpl<int64_t> &sizes,
                              CoordinateMode mode) {
  enum class Policy { Stretch, NotLarger, NotSmaller };
  Policy policy = Policy::Stretch;
  if (failed(readChoice<Policy>(node, "keep_aspect_ratio_policy", "stretch",
                                {{"stretch", Policy::Stretch},
                                 {"not_larger", Policy::NotLarger},
                                 {"not_smaller", Policy::NotSmaller}},
                                policy)))
    return failure();
  if (sizes.size() != axes.size())
    return node.emitError()
           << "has " << sizes.size() << " sizes, expected " << axes.size();
  std::optional<double> common;
  if (policy != Policy::Stretch) {
    FailureOr<double> scale =
        keepAspectRatio(node, shape, axes, policy == Policy::NotLarger, sizes);
    if (failed(scale))
      return failure();
    common = *scale;
  }
  for (auto [axis, size] : llvm::zip_equal(axes, sizes)) {
    float scale = static_cast<float>(size) / static_cast<float>(shape[axis]);
    if (common)
      scale = static_cast<float>(*common);
    if (failed(addDim(node, resizing, axis, shape[axis], scale, size, mode)))
      return failure();
  }
  return success();
}

/// Whether input `index` is given and not an empty constant.
static bool hasElements(const Node &node, unsigned index) {
  const ConstantTensor *constant = node.getConstantInput(index);
  return node.hasInput(index) &&
         (!constant || constant->getType().getNumElements() != 0);
}

//===----------------------------------------------------------------------===//
// Nearest elements
//===----------------------------------------------------------------------===//

/// How often each position follows itself, if all do so equally often and each
/// of `size` positions is there.
static std::optional<int64_t> matchRepetition(ArrayRef<int64_t> positions,
                                              int64_t size) {
  int64_t count = positions.size();
  if (count % size != 0)
    return std::nullopt;
  for (int64_t index : llvm::seq(count))
    if (positions[index] != index / (count / size))
      return std::nullopt;
  return count / size;
}

/// The elements of `tensor` at `positions`, which do not decrease, along `dim`.
static Value takePositions(TensorBuilder &builder, Value tensor, int64_t dim,
                           ArrayRef<int64_t> positions) {
  int64_t count = positions.size();
  int64_t step = count > 1 ? positions[1] - positions[0] : 1;
  bool isRange = step > 0 && llvm::all_of(llvm::seq(count), [&](int64_t i) {
                   return positions[i] == positions[0] + i * step;
                 });
  if (!isRange) {
    Value indices =
        arith::ConstantOp::create(builder, builder.getI64TensorAttr(positions));
    return createGather(builder, tensor, indices, dim, /*areInRange=*/true);
  }
  SmallVector<OpFoldResult> sizes = builder.getSizes(tensor);
  SmallVector<OpFoldResult> offsets(sizes.size(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
  offsets[dim] = builder.getIndexAttr(positions[0]);
  sizes[dim] = builder.getIndexAttr(count);
  strides[dim] = builder.getIndexAttr(step);
  return tensor::ExtractSliceOp::create(builder, tensor, offsets, sizes,
                                        strides);
}

/// `tensor` with each position of dimension i `repetitions[i]` times.
static Value repeat(TensorBuilder &builder, Value tensor,
                    ArrayRef<int64_t> repetitions) {
  SmallVector<OpFoldResult> sizes;
  SmallVector<int64_t> added, shape(getShape(tensor));
  for (auto [dim, size] : llvm::enumerate(builder.getSizes(tensor))) {
    sizes.push_back(size);
    if (repetitions[dim] == 1)
      continue;
    added.push_back(sizes.size());
    sizes.push_back(builder.getIndexAttr(repetitions[dim]));
    shape[dim] *= repetitions[dim];
  }
  if (added.empty())
    return tensor;
  return builder.createReshape(builder.createBroadcast(tensor, sizes, added),
                               shape);
}

static Value createNearest(TensorBuilder &builder, Value tensor,
                           const Resizing &resizing) {
  SmallVector<int64_t> repetitions(getShape(tensor).size(), 1);
  for (const auto &[number, dim] : resizing.dims) {
    SmallVector<int64_t> positions = getNearestPositions(dim, resizing.nearest);
    if (std::optional<int64_t> times = matchRepetition(positions, dim.input))
      repetitions[number] = *times;
    else
      tensor = takePositions(builder, tensor, number, positions);
  }
  return repeat(builder, tensor, repetitions);
}

//===----------------------------------------------------------------------===//
// Interpolation
//===----------------------------------------------------------------------===//

/// The products of `tensor`, along dimension `dim`, with the columns of
/// `weights`.
static Value multiplyAlong(TensorBuilder &builder, Value tensor, int64_t dim,
                           Value weights) {
  int64_t rank = getShape(tensor).size();
  SmallVector<int64_t> lastPlace(llvm::to_vector(llvm::seq(rank)));
  std::rotate(lastPlace.begin() + dim, lastPlace.begin() + dim + 1,
              lastPlace.end());
  if (dim != rank - 1)
    tensor = builder.createTranspose(tensor, lastPlace);
  SmallVector<int64_t> shape(getShape(tensor));
  int64_t numRows = 1;
  for (int64_t size : ArrayRef<int64_t>(shape).drop_back())
    numRows = ShapedType::isDynamic(size) || ShapedType::isDynamic(numRows)
                  ? ShapedType::kDynamic
                  : numRows * size;
  Value rows = builder.createReshape(tensor, {numRows, shape.back()});
  shape.back() = getShape(weights)[1];
  SmallVector<OpFoldResult> sizes = {builder.getSizes(rows)[0],
                                     builder.getIndexAttr(shape.back())};
  Value init = builder.createFilled(sizes, getElementType(tensor), 0.0);
  Value product = linalg::MatmulOp::create(builder, init.getType(),
                                           ValueRange{rows, weights}, init)
                      .getResult(0);
  product = builder.createReshape(product, shape);
  if (dim != rank - 1)
    product =
        builder.createTranspose(product, invertPermutationVector(lastPlace));
  return product;
}

static FailureOr<Value> createInterpolation(Node &node, Value tensor,
                                            const Resizing &resizing) {
  for (const auto &[number, dim] : resizing.dims) {
    if (!ConstantTensor::mayFold({dim.input, dim.output}))
      return node.emitError() << "cannot interpolate " << dim.output
                              << " elements of " << dim.input;
    auto type =
        RankedTensorType::get({dim.input, dim.output}, getElementType(tensor));
    std::string name =
        (node.getOutputName(0) + ".weights" + Twine(number)).str();
    Value weights = node.createConstant(ConstantTensor::fromDoubles(
        name, type,
        resizing.interpolation == Interpolation::Linear
            ? getLinearWeights(dim)
            : getCubicWeights(dim, resizing.cubicCoefficient,
                              resizing.excludesOutside)));
    tensor = multiplyAlong(node.getBuilder(), tensor, number, weights);
  }
  return tensor;
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

static LogicalResult setResized(Node &node, Value tensor,
                                const Resizing &resizing) {
  SmallVector<int64_t> shape(getShape(tensor));
  for (const auto &[number, dim] : resizing.dims)
    shape[number] = dim.output;
  auto type = RankedTensorType::get(shape, getElementType(tensor));
  if (!hasPlausibleSize(type))
    return node.emitError() << "cannot resize to " << type;
  if (resizing.interpolation == Interpolation::Nearest)
    return node.setOutput(0,
                          createNearest(node.getBuilder(), tensor, resizing));
  if (!isa<FloatType>(getElementType(tensor)))
    return node.emitError()
           << "interpolates floats only, got " << tensor.getType();
  FailureOr<Value> result = createInterpolation(node, tensor, resizing);
  if (failed(result))
    return failure();
  return node.setOutput(0, *result);
}

/// Upsample, and Resize of operator set 10: from the first pixel on.
static LogicalResult importUpsample(Node &node) {
  Value tensor;
  SmallVector<double> scales;
  Resizing resizing;
  bool isAttribute = node.getOperator() == "Upsample" && node.getOpset() < 9;
  if (failed(node.readInput(0, tensor)) ||
      failed(readInterpolation(node, resizing.interpolation)) ||
      failed(isAttribute ? node.readAttribute("scales", scales)
                         : node.readFloats(1, scales)))
    return failure();
  if (resizing.interpolation == Interpolation::Cubic)
    return node.emitError() << "'mode = cubic' is not supported";
  ArrayRef<int64_t> shape = getShape(tensor);
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(shape.size()));
  if (failed(addScaled(node, resizing, shape, axes, scales,
                       CoordinateMode::Asymmetric)))
    return failure();
  return setResized(node, tensor, resizing);
}

static LogicalResult importResize(Node &node) {
  Value tensor;
  Resizing resizing;
  CoordinateMode mode = CoordinateMode::HalfPixel;
  bool antialiases = false;
  SmallVector<int64_t> axes;
  // What lies outside of the image concerns crops, which are refused.
  node.ignoreAttribute("extrapolation_value");
  if (failed(node.readInput(0, tensor)) ||
      failed(readInterpolation(node, resizing.interpolation)) ||
      failed(readCoordinateMode(node, mode)) ||
      failed(readNearestMode(node, resizing.nearest)) ||
      failed(node.readAttribute("cubic_coeff_a", resizing.cubicCoefficient)) ||
      failed(node.readAttribute("exclude_outside", resizing.excludesOutside)) ||
      failed(node.readAttribute("antialias", antialiases)) ||
      failed(node.readAttribute("axes", axes)))
    return failure();
  SmallVector<int64_t> shape(getShape(tensor));
  if (axes.empty())
    axes = llvm::to_vector(llvm::seq<int64_t>(shape.size()));
  SmallVector<bool> isGiven(shape.size(), false);
  for (int64_t &axis : axes) {
    if (failed(node.normalizeAxis(shape.size(), axis)))
      return failure();
    if (std::exchange(isGiven[axis], true))
      return node.emitError() << "an axis is given twice";
  }
  if (hasElements(node, 2) == hasElements(node, 3))
    return node.emitError() << "needs either scales or sizes";
  if (hasElements(node, 2)) {
    SmallVector<double> scales;
    // Without sizes there is nothing to keep an aspect ratio of.
    node.ignoreAttribute("keep_aspect_ratio_policy");
    if (failed(node.readFloats(2, scales)) ||
        failed(addScaled(node, resizing, shape, axes, scales, mode)))
      return failure();
  } else {
    SmallVector<int64_t> sizes;
    if (failed(node.readSizes(3, sizes)) ||
        failed(addSized(node, resizing, shape, axes, sizes, mode)))
      return failure();
  }
  bool shrinks = llvm::any_of(resizing.dims, [](const auto &resized) {
    return resized.second.scale < 1.0f;
  });
  if (antialiases && shrinks &&
      resizing.interpolation != Interpolation::Nearest)
    return node.emitError() << "'antialias = 1' is not supported";
  return setResized(node, tensor, resizing);
}

void mlir::ptq::importer::populateResizeImporters(OperatorRegistry &registry) {
  registry.add("Resize",
               {{10, 10}, {2, 2}, importUpsample, /*movesElements=*/true});
  registry.add("Resize",
               {{11, kMaxOpset}, {1, 4}, importResize, /*movesElements=*/true});
  registry.add(
      "Upsample",
      {{kMinOpset, 8}, {1, 1}, importUpsample, /*movesElements=*/true});
  registry.add("Upsample",
               {{9, 9}, {2, 2}, importUpsample, /*movesElements=*/true});
}
