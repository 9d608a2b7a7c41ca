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

/// Bounds every number of a window and spatial size, so that what is computed
/// from them is exact.
inline constexpr int64_t kLargestWindowSize = int64_t(1) << 24;

/// How a window slides over the spatial dimensions H and W, or D, H and W.
/// Windows over one dimension are windows of height 1 over a height of 1.
struct Window {
  SmallVector<int64_t> kernel, strides, dilations;
  /// Elements before and after the input that windows may touch.
  SmallVector<int64_t> padLow, padHigh;
  /// How many windows there are.
  SmallVector<int64_t> output;

  /// The number of spatial dimensions: 2 or 3.
  unsigned getRank() const { return kernel.size(); }
  /// Elements that a window spans along `dim`, gaps included.
  int64_t getExtent(unsigned dim) const;
  /// The pads that a `tensor.pad` of N, C, H, W needs before and after it: as
  /// far as windows reach.
  SmallVector<int64_t> getLowPads() const;
  SmallVector<int64_t> getHighPads(ArrayRef<int64_t> input) const;
  /// Strides and dilations as attributes of a linalg op.
  DenseIntElementsAttr getStridesAttr(Builder &builder) const;
  DenseIntElementsAttr getDilationsAttr(Builder &builder) const;
};

/// Checks that `image` is a tensor N, C, W or N, C, H, W or N, C, D, H, W of
/// static C, D, H and W; `spatialRank` becomes 1, 2 or 3. A missing H is
/// inserted as 1.
LogicalResult makeImage(Node &node, Value &image, unsigned &spatialRank);

/// Reads the attribute `name`, a list of `size` numbers of at least `least`. An
/// absent one is left alone.
LogicalResult readWindowNumbers(Node &node, StringRef name, size_t size,
                                int64_t least,
                                SmallVectorImpl<int64_t> &values);

/// Fails if `window` has more windows than memory could hold.
LogicalResult verifyNumWindows(Node &node, const Window &window);

/// Reads a node's kernel, strides and dilations; the rest of `window` stays
/// empty. The kernel is that of a filter if `filterKernel` is not empty.
LogicalResult readWindowShape(Node &node, unsigned spatialRank,
                              ArrayRef<int64_t> filterKernel, Window &window);

/// Reads a node's window over the image `image`, which has spatial rank
/// `spatialRank` in the model: attributes kernel_shape, strides, dilations,
/// pads, auto_pad, and ceil_mode where `allowsCeil`. The kernel is that of a
/// filter if `filterKernel` is not empty.
LogicalResult readWindow(Node &node, Value image, unsigned spatialRank,
                         ArrayRef<int64_t> filterKernel, bool allowsCeil,
                         Window &window);

/// Removes the H that `makeImage` inserted.
Value dropInsertedHeight(Node &node, Value image, unsigned spatialRank);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_OPERATORS_WINDOW_H
