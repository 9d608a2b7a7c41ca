//===- Padding.cpp - Import of padding ------------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../OperatorRegistry.h"
#include "Gather.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq::importer;

/// Bounds each pad, so that what is computed from them is exact.
static constexpr int64_t kLargest = int64_t(1) << 24;

namespace {
/// What lies beyond the elements of a tensor.
enum class PadMode { Constant, Edge, Reflect, Wrap };

/// What Pad is asked for. Negative pads cut elements off.
struct Padding {
  PadMode mode = PadMode::Constant;
  /// Elements before and after each dimension.
  SmallVector<int64_t> low, high;
  double value = 0.0;
};
} // namespace

static LogicalResult readMode(Node &node, PadMode &mode) {
  std::string name = "constant";
  if (failed(node.readAttribute("mode", name)))
    return failure();
  auto found = llvm::StringSwitch<std::optional<PadMode>>(name)
                   .Case("constant", PadMode::Constant)
                   .Case("edge", PadMode::Edge)
                   .Case("reflect", PadMode::Reflect)
                   .Case("wrap", PadMode::Wrap)
                   .Default(std::nullopt);
  if (!found)
    return node.emitError() << "unknown mode '" << name << "'";
  mode = *found;
  return success();
}

/// Sets the pads of `axes`: first those before all of them, then those after.
static LogicalResult setPads(Node &node, ArrayRef<int64_t> pads,
                             ArrayRef<int64_t> axes, Padding &padding) {
  if (pads.size() != 2 * axes.size())
    return node.emitError()
           << "has " << pads.size() << " pads, expected " << 2 * axes.size();
  int64_t rank = padding.low.size();
  SmallVector<bool> isSet(rank, false);
  for (auto [index, given] : llvm::enumerate(axes)) {
    int64_t axis = given;
    if (failed(node.normalizeAxis(rank, axis)))
      return failure();
    if (std::exchange(isSet[axis], true))
      return node.emitError() << "an axis is given twice";
    int64_t low = pads[index], high = pads[axes.size() + index];
    for (int64_t pad : {low, high})
      if (pad < -kLargest || pad > kLargest)
        return node.emitError() << "pad " << pad << " is out of range";
    padding.low[axis] = low;
    padding.high[axis] = high;
  }
  return success();
}

/// The elements of `tensor` at `positions` along `dim`.
static Value takePositions(TensorBuilder &builder, Value tensor, int64_t dim,
                           ArrayRef<int64_t> positions) {
  Value indices =
      arith::ConstantOp::create(builder, builder.getI64TensorAttr(positions));
  return createGather(builder, tensor, indices, dim, /*areInRange=*/true);
}

/// The position in [0, size) whose element lies at `position`, which is beyond
/// that.
static int64_t getSource(PadMode mode, int64_t position, int64_t size) {
  switch (mode) {
  case PadMode::Reflect:
    return position < 0 ? -position : 2 * (size - 1) - position;
  case PadMode::Wrap:
    return ((position % size) + size) % size;
  case PadMode::Constant:
  case PadMode::Edge:
    break;
  }
  return std::clamp<int64_t>(position, 0, size - 1);
}

/// Pads `tensor` along `dim` with elements of its own.
static LogicalResult padWithElements(Node &node, const Padding &padding,
                                     int64_t dim, Value &tensor) {
  int64_t size = getShape(tensor)[dim];
  int64_t low = padding.low[dim], high = padding.high[dim];
  if (low == 0 && high == 0)
    return success();
  if (padding.mode == PadMode::Reflect && std::max(low, high) >= size)
    return node.emitError() << "cannot reflect " << std::max(low, high)
                            << " elements of " << size;
  SmallVector<int64_t> positions;
  for (int64_t position = -low; position < size + high; ++position)
    positions.push_back(position >= 0 && position < size
                            ? position
                            : getSource(padding.mode, position, size));
  tensor = takePositions(node.getBuilder(), tensor, dim, positions);
  return success();
}

/// `tensor` without what negative pads cut off.
static Value cut(TensorBuilder &builder, const Padding &padding, Value tensor) {
  SmallVector<OpFoldResult> sizes = builder.getSizes(tensor), offsets;
  SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
  bool isCut = false;
  for (auto [dim, size] : llvm::enumerate(getShape(tensor))) {
    int64_t low = std::min<int64_t>(padding.low[dim], 0);
    int64_t high = std::min<int64_t>(padding.high[dim], 0);
    offsets.push_back(builder.getIndexAttr(-low));
    if (low == 0 && high == 0)
      continue;
    sizes[dim] = builder.getIndexAttr(size + low + high);
    isCut = true;
  }
  if (!isCut)
    return tensor;
  return tensor::ExtractSliceOp::create(builder, tensor, offsets, sizes,
                                        strides);
}

/// Checks that `padding` leaves something of `tensor` and makes a tensor that
/// memory could hold.
static LogicalResult verifySizes(Node &node, const Padding &padding,
                                 Value tensor) {
  SmallVector<int64_t> shape(getShape(tensor));
  for (auto [dim, size] : llvm::enumerate(shape)) {
    int64_t low = padding.low[dim], high = padding.high[dim];
    if (low == 0 && high == 0)
      continue;
    if (ShapedType::isDynamic(size))
      return node.emitError() << "cannot pad the symbolic batch; fix it with "
                                 "--batch";
    if (size + std::min<int64_t>(low, 0) + std::min<int64_t>(high, 0) < 1)
      return node.emitError() << "leaves nothing of dimension " << dim << " of "
                              << tensor.getType();
    size += low + high;
  }
  auto type = RankedTensorType::get(shape, getElementType(tensor));
  if (!hasPlausibleSize(type))
    return node.emitError() << "has a result of impossible size, " << type;
  return success();
}

/// Sets output 0 to input 0 with the padding. Codes are padded with codes.
static LogicalResult setPadded(Node &node, Padding padding) {
  Value tensor;
  ValueFacts facts;
  if (failed(node.readElements(0, tensor, facts.isShifted)) ||
      failed(verifySizes(node, padding, tensor)))
    return failure();
  TensorBuilder &builder = node.getBuilder();
  tensor = cut(builder, padding, tensor);
  for (SmallVector<int64_t> *pads : {&padding.low, &padding.high})
    for (int64_t &pad : *pads)
      pad = std::max<int64_t>(pad, 0);
  if (padding.mode != PadMode::Constant) {
    for (size_t dim = 0; dim < padding.low.size(); ++dim)
      if (failed(padWithElements(node, padding, dim, tensor)))
        return failure();
    return node.setOutput(0, tensor, std::move(facts));
  }
  if (facts.isShifted) {
    unsigned width = getElementType(tensor).getIntOrFloatBitWidth();
    padding.value -= std::ldexp(1.0, static_cast<int>(width) - 1);
  }
  tensor = builder.createPad(tensor, padding.low, padding.high, padding.value);
  return node.setOutput(0, tensor, std::move(facts));
}

/// A padding with nothing for each dimension of input 0.
static LogicalResult startPadding(Node &node, Padding &padding,
                                  SmallVectorImpl<int64_t> &axes) {
  SmallVector<int64_t> shape;
  if (failed(node.readShape(0, shape)) || failed(readMode(node, padding.mode)))
    return failure();
  padding.low.assign(shape.size(), 0);
  padding.high.assign(shape.size(), 0);
  axes.assign(llvm::to_vector(llvm::seq<int64_t>(0, shape.size())));
  return success();
}

/// Up to operator set 10 the pads are attributes.
static LogicalResult importPadOfAttributes(Node &node) {
  Padding padding;
  SmallVector<int64_t> pads, axes;
  if (failed(startPadding(node, padding, axes)) ||
      failed(node.readAttribute("pads", pads)) ||
      failed(node.readAttribute("value", padding.value)) ||
      failed(setPads(node, pads, axes, padding)))
    return failure();
  return setPadded(node, std::move(padding));
}

/// Reads the constant of one element that is put around.
static LogicalResult readPadValue(Node &node, double &value) {
  const ConstantTensor *constant = node.getConstantInput(2);
  SmallVector<double> values;
  if (constant && isa<IntegerType>(constant->getElementType())) {
    SmallVector<int64_t> integers;
    if (failed(node.readIntegers(2, integers)))
      return failure();
    llvm::append_range(values, integers);
  } else if (failed(node.readFloats(2, values))) {
    return failure();
  }
  if (values.size() != 1)
    return node.emitError()
           << "pads with " << values.size() << " values, expected one";
  value = values.front();
  return success();
}

static LogicalResult importPadOfInputs(Node &node) {
  Padding padding;
  SmallVector<int64_t> pads, axes;
  if (failed(startPadding(node, padding, axes)) ||
      failed(node.readIntegers(1, pads)) ||
      (node.hasInput(2) && failed(readPadValue(node, padding.value))) ||
      (node.hasInput(3) && failed(node.readIntegers(3, axes))) ||
      failed(setPads(node, pads, axes, padding)))
    return failure();
  return setPadded(node, std::move(padding));
}

void mlir::ptq::importer::populatePaddingImporters(OperatorRegistry &registry) {
  registry.add("Pad", {{kMinOpset, 10}, {1, 1}, importPadOfAttributes});
  registry.add("Pad", {{11, 17}, {2, 3}, importPadOfInputs});
  registry.add("Pad", {{18, kMaxOpset}, {2, 4}, importPadOfInputs});
}
