//===- SpaceAndDepth.h - Blocks of pixels as channels -----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_OPERATORS_SPACEANDDEPTH_H
#define PTQ_LIB_TARGET_ONNX_OPERATORS_SPACEANDDEPTH_H

#include "../TensorBuilder.h"

namespace mlir::ptq::importer {

/// Makes blocks of pixels of channels. `image` has the dimensions N, channels,
/// H, W or N, channels, D, H, W; its channels are `numOuter` x blocks x the
/// rest, in this order. Pixel p of a spatial dimension becomes the pixels
/// p * block to (p + 1) * block - 1.
Value createDepthToSpace(TensorBuilder &builder, Value image, int64_t numOuter,
                         ArrayRef<int64_t> blocks);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_OPERATORS_SPACEANDDEPTH_H
