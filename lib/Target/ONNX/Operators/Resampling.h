//===- Resampling.h - Where resized images take their elements --*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Coordinates are computed in f32, as ONNX Runtime does: which element is the
// nearest one depends on it.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_OPERATORS_RESAMPLING_H
#define PTQ_LIB_TARGET_ONNX_OPERATORS_RESAMPLING_H

#include "mlir/Support/LLVM.h"

namespace mlir::ptq::importer {

/// How positions of a resized dimension become coordinates of the original one.
enum class CoordinateMode {
  HalfPixel,
  HalfPixelSymmetric,
  PyTorchHalfPixel,
  AlignCorners,
  Asymmetric,
  TensorFlowHalfPixel,
};

/// Which element is the nearest one. `Simple` is that of operator sets before
/// 11: the one below, or the one above where a dimension shrinks.
enum class NearestMode {
  RoundPreferFloor,
  RoundPreferCeil,
  Floor,
  Ceil,
  Simple
};

/// One dimension that is resized.
struct ResizedDim {
  int64_t input, output;
  /// The model's number, from which output / input may differ.
  float scale;
  CoordinateMode mode;

  /// The coordinate in the original dimension of position `position`.
  float getCoordinate(int64_t position) const;
};

/// The element that each element of `dim` is.
SmallVector<int64_t> getNearestPositions(const ResizedDim &dim,
                                         NearestMode mode);

/// The weights of linear interpolation: input x output, row by row.
SmallVector<double> getLinearWeights(const ResizedDim &dim);

/// The weights of cubic interpolation, by Keys' kernel of parameter `a` (Keys,
/// "Cubic convolution interpolation for digital image processing", 1981): input
/// x output, row by row. Elements outside of the image are those at its border,
/// or none at all if `excludesOutside`.
SmallVector<double> getCubicWeights(const ResizedDim &dim, double a,
                                    bool excludesOutside);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_OPERATORS_RESAMPLING_H
