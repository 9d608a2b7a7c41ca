//===- WindowBorder.h - Windows that reach out of an image ------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// At the upper and the lower end of an image, rows of a convolution's window
// lie in the border. All that a kernel would read there is the same, so that it
// need not: what such rows add to the sums is known beforehand.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_WINDOWBORDER_H
#define PTQ_LIB_CODEGEN_KERNELS_WINDOWBORDER_H

#include "LoopNests.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"

namespace mlir::ptq {

/// A loop over the rows of a window (or planes, or columns), some of which lie
/// in the border of an image: at position `o` of the image's loop, row `k` is
///   row o * stride + k * dilation + offset
/// of the bordered image.
struct WindowBorder {
  /// The input that is the image.
  unsigned input;
  /// The loop of the window, and the one of the image.
  unsigned windowDim;
  unsigned imageDim;
  int64_t stride;
  int64_t dilation;
  int64_t offset;
  /// How many rows the window has.
  int64_t numRows;
  /// The rows of the bordered image that are not border: from `begin` up to
  /// `end`.
  int64_t begin;
  int64_t end;
  /// The code that the border consists of.
  int64_t code;

  /// The rows of the window that are not border at `position` of the image's
  /// loop.
  LoopPart getRowsInside(OpBuilder &builder, Location loc,
                         OpFoldResult position) const;

  /// How many rows are border at the first `numPositions`, all told.
  int64_t countRowsOutside(int64_t numPositions) const;
};

/// The borders that the windows of `op` reach into.
SmallVector<WindowBorder> findWindowBorders(linalg::LinalgOp op);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_WINDOWBORDER_H
