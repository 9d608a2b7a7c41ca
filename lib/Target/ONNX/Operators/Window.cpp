//===- Window.cpp - Sliding windows of convolution and pooling ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Window.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq::importer;

/// Bounds every number of a window and spatial size, so that what is computed
/// from them is exact.
static constexpr int64_t kLargest = int64_t(1) << 24;

/// Bounds the number of windows over one channel.
static constexpr int64_t kMostWindows = int64_t(1) << 28;

//===----------------------------------------------------------------------===//
// Images
//===----------------------------------------------------------------------===//

LogicalResult mlir::ptq::importer::makeImage(Node &node, Value &image,
                                             unsigned &spatialRank) {
  SmallVector<int64_t> shape(getShape(image));
  if (shape.size() != 3 && shape.size() != 4)
    return node.emitError() << "only one or two spatial dimensions are "
                               "supported, got an input of type "
                            << image.getType();
  for (int64_t size : ArrayRef<int64_t>(shape).drop_front())
    if (ShapedType::isDynamic(size) || size > kLargest)
      return node.emitError() << "channels and spatial dimensions must be "
                                 "static, got an input of type "
                              << image.getType();
  spatialRank = shape.size() - 2;
  if (spatialRank == 1) {
    shape.insert(shape.begin() + 2, 1);
    image = node.getBuilder().createReshape(image, shape);
  }
  return success();
}

Value mlir::ptq::importer::dropInsertedHeight(Node &node, Value image,
                                              unsigned spatialRank) {
  if (spatialRank == 2)
    return image;
  SmallVector<int64_t> shape(getShape(image));
  shape.erase(shape.begin() + 2);
  return node.getBuilder().createReshape(image, shape);
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

/// Elements that a window spans, gaps included.
static int64_t getExtent(const Window &window, unsigned dim) {
  return (window.kernel[dim] - 1) * window.dilations[dim] + 1;
}

SmallVector<int64_t> Window::getLowPads() const {
  return {0, 0, padLow[0], padLow[1]};
}

SmallVector<int64_t> Window::getHighPads(ArrayRef<int64_t> input) const {
  SmallVector<int64_t> pads(4, 0);
  for (unsigned dim : {0, 1}) {
    int64_t end = (output[dim] - 1) * strides[dim] + getExtent(*this, dim);
    pads[2 + dim] = std::max<int64_t>(0, end - padLow[dim] - input[2 + dim]);
  }
  return pads;
}

DenseIntElementsAttr Window::getStridesAttr(Builder &builder) const {
  return builder.getI64TensorAttr(strides);
}

DenseIntElementsAttr Window::getDilationsAttr(Builder &builder) const {
  return builder.getI64TensorAttr(dilations);
}

/// Reads a list of `size` numbers of at least `least`. An absent one is left
/// alone.
static LogicalResult readNumbers(Node &node, StringRef name, size_t size,
                                 int64_t least,
                                 SmallVectorImpl<int64_t> &values) {
  if (!node.hasAttribute(name))
    return success();
  if (failed(node.readAttribute(name, values)))
    return failure();
  if (values.size() != size)
    return node.emitError() << "attribute '" << name << "' has "
                            << values.size() << " numbers, expected " << size;
  for (int64_t value : values)
    if (value < least || value > kLargest)
      return node.emitError()
             << "attribute '" << name << "': " << value << " is out of range";
  return success();
}

/// Pads so that every stride-th element starts a window, for auto_pad SAME.
static void padToSame(Window &window, ArrayRef<int64_t> input, bool padUpper) {
  for (unsigned dim : {0, 1}) {
    int64_t size = input[2 + dim], stride = window.strides[dim];
    int64_t numWindows = llvm::divideCeil(size, stride);
    int64_t total = std::max<int64_t>(0, (numWindows - 1) * stride +
                                             getExtent(window, dim) - size);
    int64_t less = total / 2, more = total - less;
    window.padLow[dim] = padUpper ? less : more;
    window.padHigh[dim] = padUpper ? more : less;
  }
}

/// Sets the pads of `window`, of which the attribute 'pads' gave `pads`.
static LogicalResult readPads(Node &node, ArrayRef<int64_t> input,
                              ArrayRef<int64_t> pads, Window &window) {
  std::string autoPad = "NOTSET";
  if (failed(node.readAttribute("auto_pad", autoPad)))
    return failure();
  window.padLow.assign(2, 0);
  window.padHigh.assign(2, 0);
  if (autoPad == "VALID")
    return success();
  if (autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER") {
    padToSame(window, input, autoPad == "SAME_UPPER");
    return success();
  }
  if (autoPad != "NOTSET")
    return node.emitError() << "unknown auto_pad '" << autoPad << "'";
  unsigned spatialRank = pads.size() / 2, first = 2 - spatialRank;
  for (unsigned dim = 0; dim < spatialRank; ++dim) {
    window.padLow[first + dim] = pads[dim];
    window.padHigh[first + dim] = pads[spatialRank + dim];
  }
  return success();
}

/// Counts the windows that fit.
static LogicalResult countWindows(Node &node, ArrayRef<int64_t> input,
                                  bool ceils, Window &window) {
  for (unsigned dim : {0, 1}) {
    int64_t size = input[2 + dim], stride = window.strides[dim];
    int64_t padded = window.padLow[dim] + size + window.padHigh[dim];
    int64_t room = padded - getExtent(window, dim);
    if (room < 0)
      return node.emitError() << "a window of " << getExtent(window, dim)
                              << " elements does not fit into " << padded
                              << " of dimension " << 2 + dim;
    int64_t count = room / stride + 1;
    // A last window that is only partly inside counts if it starts inside.
    if (ceils && room % stride != 0 &&
        count * stride < size + window.padLow[dim])
      ++count;
    window.output.push_back(count);
  }
  return success();
}

LogicalResult mlir::ptq::importer::readWindow(Node &node, Value image,
                                              unsigned spatialRank,
                                              ArrayRef<int64_t> filterKernel,
                                              bool allowsCeil, Window &window) {
  SmallVector<int64_t> kernel(filterKernel);
  SmallVector<int64_t> strides(spatialRank, 1), dilations(spatialRank, 1);
  SmallVector<int64_t> pads(2 * spatialRank, 0);
  bool ceils = false;
  if (failed(readNumbers(node, "kernel_shape", spatialRank, 1, kernel)) ||
      failed(readNumbers(node, "strides", spatialRank, 1, strides)) ||
      failed(readNumbers(node, "dilations", spatialRank, 1, dilations)) ||
      failed(readNumbers(node, "pads", 2 * spatialRank, 0, pads)) ||
      (allowsCeil && failed(node.readAttribute("ceil_mode", ceils))))
    return failure();
  if (kernel.empty())
    return node.emitError() << "attribute 'kernel_shape' is missing";
  if (!filterKernel.empty() && ArrayRef<int64_t>(kernel) != filterKernel)
    return node.emitError()
           << "attribute 'kernel_shape' differs from the filter's shape";

  // Height 1 where there is no height.
  window.kernel.assign(2 - spatialRank, 1);
  window.strides = window.dilations = window.kernel;
  llvm::append_range(window.kernel, kernel);
  llvm::append_range(window.strides, strides);
  llvm::append_range(window.dilations, dilations);
  for (unsigned dim : {0, 1})
    if (window.kernel[dim] > kLargest / window.dilations[dim])
      return node.emitError() << "the window is too large";
  if (failed(readPads(node, getShape(image), pads, window)))
    return failure();
  if (failed(countWindows(node, getShape(image), ceils, window)))
    return failure();
  if (window.output[0] > kMostWindows / window.output[1])
    return node.emitError() << "there are too many windows";
  return success();
}
