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

/// Bounds the number of windows over one channel.
static constexpr int64_t kMostWindows = int64_t(1) << 28;

//===----------------------------------------------------------------------===//
// Images
//===----------------------------------------------------------------------===//

LogicalResult mlir::ptq::importer::makeImage(Node &node, Value &image,
                                             unsigned &spatialRank) {
  SmallVector<int64_t> shape(getShape(image));
  if (shape.size() < 3 || shape.size() > 5)
    return node.emitError() << "only one to three spatial dimensions are "
                               "supported, got an input of type "
                            << image.getType();
  for (int64_t size : ArrayRef<int64_t>(shape).drop_front())
    if (ShapedType::isDynamic(size) || size > kLargestWindowSize)
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
  if (spatialRank != 1)
    return image;
  SmallVector<int64_t> shape(getShape(image));
  shape.erase(shape.begin() + 2);
  return node.getBuilder().createReshape(image, shape);
}

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

int64_t Window::getExtent(unsigned dim) const {
  return (kernel[dim] - 1) * dilations[dim] + 1;
}

SmallVector<int64_t> Window::getLowPads() const {
  SmallVector<int64_t> pads(2, 0);
  llvm::append_range(pads, padLow);
  return pads;
}

SmallVector<int64_t> Window::getHighPads(ArrayRef<int64_t> input) const {
  SmallVector<int64_t> pads(2, 0);
  for (unsigned dim = 0; dim < getRank(); ++dim) {
    int64_t end = (output[dim] - 1) * strides[dim] + getExtent(dim);
    pads.push_back(std::max<int64_t>(0, end - padLow[dim] - input[2 + dim]));
  }
  return pads;
}

DenseIntElementsAttr Window::getStridesAttr(Builder &builder) const {
  return builder.getI64TensorAttr(strides);
}

DenseIntElementsAttr Window::getDilationsAttr(Builder &builder) const {
  return builder.getI64TensorAttr(dilations);
}

LogicalResult
mlir::ptq::importer::readWindowNumbers(Node &node, StringRef name, size_t size,
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
    if (value < least || value > kLargestWindowSize)
      return node.emitError()
             << "attribute '" << name << "': " << value << " is out of range";
  return success();
}

/// Pads so that every stride-th element starts a window, for auto_pad SAME.
static void padToSame(Window &window, ArrayRef<int64_t> input, bool padUpper) {
  for (unsigned dim = 0; dim < window.getRank(); ++dim) {
    int64_t size = input[2 + dim], stride = window.strides[dim];
    int64_t numWindows = llvm::divideCeil(size, stride);
    int64_t total = std::max<int64_t>(0, (numWindows - 1) * stride +
                                             window.getExtent(dim) - size);
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
  window.padLow.assign(window.getRank(), 0);
  window.padHigh.assign(window.getRank(), 0);
  if (autoPad == "VALID")
    return success();
  if (autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER") {
    padToSame(window, input, autoPad == "SAME_UPPER");
    return success();
  }
  if (autoPad != "NOTSET")
    return node.emitError() << "unknown auto_pad '" << autoPad << "'";
  unsigned spatialRank = pads.size() / 2;
  unsigned first = window.getRank() - spatialRank;
  for (unsigned dim = 0; dim < spatialRank; ++dim) {
    window.padLow[first + dim] = pads[dim];
    window.padHigh[first + dim] = pads[spatialRank + dim];
  }
  return success();
}

/// Counts the windows that fit.
static LogicalResult countWindows(Node &node, ArrayRef<int64_t> input,
                                  bool ceils, Window &window) {
  for (unsigned dim = 0; dim < window.getRank(); ++dim) {
    int64_t size = input[2 + dim], stride = window.strides[dim];
    int64_t padded = window.padLow[dim] + size + window.padHigh[dim];
    int64_t room = padded - window.getExtent(dim);
    if (room < 0)
      return node.emitError() << "a window of " << window.getExtent(dim)
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

LogicalResult mlir::ptq::importer::verifyNumWindows(Node &node,
                                                    const Window &window) {
  int64_t left = kMostWindows;
  for (int64_t count : window.output) {
    if (count > left)
      return node.emitError() << "there are too many windows";
    left /= count;
  }
  return success();
}

LogicalResult
mlir::ptq::importer::readWindowShape(Node &node, unsigned spatialRank,
                                     ArrayRef<int64_t> filterKernel,
                                     Window &window) {
  SmallVector<int64_t> kernel(filterKernel);
  SmallVector<int64_t> strides(spatialRank, 1), dilations(spatialRank, 1);
  if (failed(readWindowNumbers(node, "kernel_shape", spatialRank, 1, kernel)) ||
      failed(readWindowNumbers(node, "strides", spatialRank, 1, strides)) ||
      failed(readWindowNumbers(node, "dilations", spatialRank, 1, dilations)))
    return failure();
  if (kernel.empty())
    return node.emitError() << "attribute 'kernel_shape' is missing";
  if (!filterKernel.empty() && ArrayRef<int64_t>(kernel) != filterKernel)
    return node.emitError()
           << "attribute 'kernel_shape' differs from the filter's shape";

  // Height 1 where there is no height.
  window.kernel.assign(spatialRank == 1 ? 1 : 0, 1);
  window.strides = window.dilations = window.kernel;
  llvm::append_range(window.kernel, kernel);
  llvm::append_range(window.strides, strides);
  llvm::append_range(window.dilations, dilations);
  for (unsigned dim = 0; dim < window.getRank(); ++dim)
    if (window.kernel[dim] > kLargestWindowSize / window.dilations[dim])
      return node.emitError() << "the window is too large";
  return success();
}

LogicalResult mlir::ptq::importer::readWindow(Node &node, Value image,
                                              unsigned spatialRank,
                                              ArrayRef<int64_t> filterKernel,
                                              bool allowsCeil, Window &window) {
  SmallVector<int64_t> pads(2 * spatialRank, 0);
  bool ceils = false;
  if (failed(readWindowShape(node, spatialRank, filterKernel, window)) ||
      failed(readWindowNumbers(node, "pads", 2 * spatialRank, 0, pads)) ||
      (allowsCeil && failed(node.readAttribute("ceil_mode", ceils))) ||
      failed(readPads(node, getShape(image), pads, window)) ||
      failed(countWindows(node, getShape(image), ceils, window)))
    return failure();
  return verifyNumWindows(node, window);
}
