//===- Window.h - Sliding windows of convolution and pooling ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_OPERATORS_WINDOW_H
#define PTQ_LIB_TARGET_ONNX_OPERATORS_WINDOW_H

#include "../Node.h"

namespace mlir::ptq::importer {

/// How a window slides over the two spatial dimensions H and W. Windows over
/// one dimension are windows of height 1 over a height of 1.
struct Window {
  SmallVector<int64_t> kernel, strides, dilations;
  /// Elements before and after the input that windows may touch.
  SmallVector<int64_t> padLow, padHigh;
  /// How many windows there are.
  SmallVector<int64_t> output;

  /// The pads that a `tensor.pad` of N, C, H, W needs before and after it: as
  /// far as windows reach.
  SmallVector<int64_t> getLowPads() const;
  SmallVector<int64_t> getHighPads(ArrayRef<int64_t> input) const;
  /// Strides and dilations as attributes of a linalg op.
  DenseIntElementsAttr getStridesAttr(Builder &builder) const;
  DenseIntElementsAttr getDilationsAttr(Builder &builder) const;
};

/// Checks that `image` is a tensor N, C, W or N, C, H, W of static C, H and W;
/// `spatialRank` becomes 1 or 2. A missing H is inserted as 1.
LogicalResult makeImage(Node &node, Value &image, unsigned &spatialRank);

/// Reads a node's window over the image `image`, which has spatial rank
/// `spatialRank` in the model: attributes kernel_shape, strides, dilations,
/// pads, auto_pad, and ceil_mode where `allowsCeil`. The kernel is that of a
/// filter if `filterKernel` is not empty.
LogicalResult readWindow(Node &node, Value image, unsigned spatialRank,
                         ArrayRef<int64_t> filterKernel, bool allowsCeil,
                         Window &window);

/// Removes the H that `readImage` inserted.
Value dropInsertedHeight(Node &node, Value image, unsigned spatialRank);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_OPERATORS_WINDOW_H
