//===- Slicing.cpp - Import of slices and concatenations ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../BatchMultiple.h"
#include "../OperatorRegistry.h"
#include "Gather.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// Slice
//===----------------------------------------------------------------------===//

namespace {
/// Every `step`-th of the positions of a dimension.
struct Range1D {
  int64_t start = 0, count = 0, step = 1;

  SmallVector<int64_t> getPositions() const {
    SmallVector<int64_t> positions;
    for (int64_t index = 0; index < count; ++index)
      positions.push_back(start + index * step);
    return positions;
  }
};

/// What Slice is asked for.
struct SliceBounds {
  SmallVector<int64_t> starts, ends, axes, steps;
};
} // namespace

/// The positions of a dimension of `size` from `start` to before `end`, both
/// counted from the end if negative and cut to what there is.
static Range1D getRange(int64_t size, int64_t start, int64_t end,
                        int64_t step) {
  auto cut = [&](int64_t bound) {
    if (bound < 0)
      bound = std::max<int64_t>(bound, -size - 1) + size;
    return step > 0 ? std::clamp<int64_t>(bound, 0, size)
                    : std::clamp<int64_t>(bound, -1, size - 1);
  };
  start = cut(start);
  end = cut(end);
  Range1D range;
  range.start = start;
  range.step = step;
  // No step is longer than the dimension, so that nothing overflows.
  uint64_t distance = step > 0 ? std::max<int64_t>(end - start, 0)
                               : std::max<int64_t>(start - end, 0);
  uint64_t stride =
      step > 0 ? static_cast<uint64_t>(step) : -static_cast<uint64_t>(step);
  range.count = llvm::divideCeil(distance, stride);
  return range;
}

/// The elements of `tensor` in `range` along `dim`.
static Value createSlice(TensorBuilder &builder, Value tensor, int64_t dim,
                         const Range1D &range) {
  if (range.step < 0) {
    // No slice runs backwards.
    SmallVector<int64_t> positions = range.getPositions();
    Value indices =
        arith::ConstantOp::create(builder, builder.getI64TensorAttr(positions));
    return createGather(builder, tensor, indices, dim, /*areInRange=*/true);
  }
  int64_t rank = getShape(tensor).size();
  SmallVector<OpFoldResult> offsets(rank, builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(rank, builder.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes = builder.getSizes(tensor);
  offsets[dim] = builder.getIndexAttr(range.start);
  sizes[dim] = builder.getIndexAttr(range.count);
  strides[dim] = builder.getIndexAttr(range.step);
  return tensor::ExtractSliceOp::create(builder, tensor, offsets, sizes,
                                        strides);
}

/// Sets output 0 to input 0 in the bounds. Dimensions that are not cut may be
/// symbolic.
static LogicalResult setSlice(Node &node, SliceBounds bounds) {
  SmallVector<int64_t> shape;
  if (failed(node.readShape(0, shape)))
    return failure();
  int64_t rank = shape.size(), numAxes = bounds.starts.size();
  if (bounds.axes.empty())
    llvm::append_range(bounds.axes, llvm::seq<int64_t>(0, numAxes));
  if (bounds.steps.empty())
    bounds.steps.assign(numAxes, 1);
  if (static_cast<int64_t>(bounds.ends.size()) != numAxes ||
      static_cast<int64_t>(bounds.axes.size()) != numAxes ||
      static_cast<int64_t>(bounds.steps.size()) != numAxes)
    return node.emitError() << "starts, ends, axes and steps differ in length";

  const ConstantTensor *input = node.getConstantInput(0);
  std::optional<ConstantTensor> constant;
  Value value;
  if (input)
    constant = *input;
  else if (failed(node.readInput(0, value)))
    return failure();
  SmallVector<bool> isCut(rank, false);
  for (int64_t i = 0; i < numAxes; ++i) {
    int64_t axis = bounds.axes[i], step = bounds.steps[i];
    if (failed(node.normalizeAxis(rank, axis)))
      return failure();
    if (std::exchange(isCut[axis], true))
      return node.emitError() << "an axis is given twice";
    if (step == 0)
      return node.emitError() << "a step is 0";
    // Exporters write the largest integer for the end of any size.
    if (bounds.starts[i] == 0 && step == 1 &&
        bounds.ends[i] >= std::numeric_limits<int32_t>::max())
      continue;
    if (ShapedType::isDynamic(shape[axis]))
      return node.emitError() << "cannot cut the symbolic batch; fix it with "
                                 "--batch";
    Range1D range =
        getRange(shape[axis], bounds.starts[i], bounds.ends[i], step);
    if (constant)
      constant = constant->taken(axis, range.getPositions());
    else if (range.count == 0)
      return node.emitError() << "leaves nothing of dimension " << axis
                              << " of " << value.getType();
    else if (range.count != shape[axis] || step != 1)
      value = createSlice(node.getBuilder(), value, axis, range);
  }
  if (constant)
    return node.setOutput(0, *constant);
  return node.setOutput(0, value);
}

/// Up to operator set 9 the bounds are attributes.
static LogicalResult importSliceOfAttributes(Node &node) {
  SliceBounds bounds;
  if (failed(node.readAttribute("starts", bounds.starts)) ||
      failed(node.readAttribute("ends", bounds.ends)) ||
      failed(node.readAttribute("axes", bounds.axes)))
    return failure();
  return setSlice(node, std::move(bounds));
}

static LogicalResult importSliceOfInputs(Node &node) {
  SliceBounds bounds;
  if (failed(node.readIntegers(1, bounds.starts)) ||
      failed(node.readIntegers(2, bounds.ends)) ||
      (node.hasInput(3) && failed(node.readIntegers(3, bounds.axes))) ||
      (node.hasInput(4) && failed(node.readIntegers(4, bounds.steps))))
    return failure();
  return setSlice(node, std::move(bounds));
}

//===----------------------------------------------------------------------===//
// Split
//===----------------------------------------------------------------------===//

/// Reads how long the parts are: as given, or as equal as they can be, with a
/// last one that may be shorter.
static LogicalResult readPartSizes(Node &node, int64_t size,
                                   SmallVectorImpl<int64_t> &parts) {
  bool fromInput = node.getOpset() >= 13;
  bool isGiven = fromInput ? node.hasInput(1) : node.hasAttribute("split");
  int64_t numParts = node.getNumOutputs(), numOutputs = numParts;
  if (isGiven) {
    if (fromInput ? failed(node.readIntegers(1, parts))
                  : failed(node.readAttribute("split", parts)))
      return failure();
  } else {
    if (failed(node.readAttribute("num_outputs", numParts)))
      return failure();
    if (numParts < 1 || numParts != numOutputs)
      return node.emitError() << "has " << numOutputs << " outputs, but splits "
                              << "into " << numParts;
    int64_t part = llvm::divideCeil(size, numParts);
    parts.assign(numParts, part);
    parts.back() = size - part * (numParts - 1);
  }
  if (static_cast<int64_t>(parts.size()) != numOutputs)
    return node.emitError() << "has " << numOutputs << " outputs for "
                            << parts.size() << " parts";
  int64_t rest = size;
  for (int64_t part : parts) {
    if (part <= 0 || part > rest)
      return node.emitError()
             << "cannot split " << size << " positions into these parts";
    rest -= part;
  }
  if (rest != 0)
    return node.emitError()
           << "cannot split " << size << " positions into these parts";
  return success();
}

static LogicalResult importSplit(Node &node) {
  SmallVector<int64_t> shape, parts;
  int64_t axis = 0;
  if (failed(node.readShape(0, shape)) ||
      failed(node.readAxis("axis", shape.size(), axis)))
    return failure();
  if (ShapedType::isDynamic(shape[axis]))
    return node.emitError() << "cannot split the symbolic batch; fix it with "
                               "--batch";
  if (failed(readPartSizes(node, shape[axis], parts)))
    return failure();
  Range1D range;
  for (auto [index, part] : llvm::enumerate(parts)) {
    range.count = part;
    if (const ConstantTensor *constant = node.getConstantInput(0)) {
      if (failed(node.setOutput(index,
                                constant->taken(axis, range.getPositions()))))
        return failure();
    } else {
      Value input;
      if (failed(node.readInput(0, input)) ||
          failed(node.setOutput(
              index, createSlice(node.getBuilder(), input, axis, range))))
        return failure();
    }
    range.start += part;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Concat
//===----------------------------------------------------------------------===//

/// Whether tensors of `shapes` can be put together along `axis`.
static bool canConcatenate(ArrayRef<SmallVector<int64_t>> shapes,
                           int64_t axis) {
  SmallVector<int64_t> first(shapes.front());
  first[axis] = 0;
  return llvm::all_of(shapes, [&](SmallVector<int64_t> shape) {
    if (shape.size() != first.size())
      return false;
    shape[axis] = 0;
    return shape == first;
  });
}

static LogicalResult importConcat(Node &node) {
  unsigned numInputs = node.getNumInputs();
  SmallVector<SmallVector<int64_t>> shapes(numInputs);
  SmallVector<ConstantTensor> constants;
  int64_t axis = 1, size = 0;
  for (unsigned index = 0; index < numInputs; ++index) {
    if (failed(node.readShape(index, shapes[index])))
      return failure();
    if (const ConstantTensor *constant = node.getConstantInput(index))
      constants.push_back(*constant);
  }
  if (failed(node.readAxis("axis", shapes.front().size(), axis)))
    return failure();
  if (!canConcatenate(shapes, axis))
    return node.emitError()
           << "its inputs do not fit together along axis " << axis;
  for (const SmallVector<int64_t> &shape : shapes) {
    if (ShapedType::isDynamic(shape[axis]))
      return node.emitError() << "cannot concatenate along the symbolic batch; "
                                 "fix it with --batch";
    if (llvm::AddOverflow(size, shape[axis], size))
      return node.emitError() << "has a result of impossible size";
  }
  if (constants.size() == numInputs) {
    Type elementType = constants.front().getElementType();
    if (llvm::any_of(constants, [&](const ConstantTensor &constant) {
          return constant.getElementType() != elementType;
        }))
      return node.emitError() << "inputs must have one element type";
    return node.setOutput(0, ConstantTensor::concatenated(node.getOutputName(0),
                                                          constants, axis));
  }

  SmallVector<Value> values;
  if (failed(node.readInputs(values)))
    return failure();
  if (!haveSameBatch(values))
    return node.emitError() << "its inputs do not fit together: their symbolic "
                               "dimensions differ";
  if (values.size() == 1)
    return node.forwardInput(0, 0);
  shapes.front()[axis] = size;
  auto type =
      RankedTensorType::get(shapes.front(), getElementType(values.front()));
  return node.setOutput(
      0, tensor::ConcatOp::create(node.getBuilder(), type, axis, values)
             .getResult());
}

void mlir::ptq::importer::populateSlicingImporters(OperatorRegistry &registry) {
  constexpr Range kAny{1, std::numeric_limits<int64_t>::max()};
  registry.add("Concat",
               {kAllOpsets, kAny, importConcat, /*movesElements=*/true});
  registry.add("Slice", {{kMinOpset, 9},
                         {1, 1},
                         importSliceOfAttributes,
                         /*movesElements=*/true});
  registry.add(
      "Slice",
      {{10, kMaxOpset}, {3, 5}, importSliceOfInputs, /*movesElements=*/true});
  registry.add("Split",
               {{kMinOpset, 12}, {1, 1}, importSplit, /*movesElements=*/true});
  registry.add("Split",
               {{13, kMaxOpset}, {1, 2}, importSplit, /*movesElements=*/true});
}
