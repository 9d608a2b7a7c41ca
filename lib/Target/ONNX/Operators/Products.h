//===- Products.h - Convolutions and matrix products ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_OPERATORS_PRODUCTS_H
#define PTQ_LIB_TARGET_ONNX_OPERATORS_PRODUCTS_H

#include "../Node.h"

namespace mlir::ptq::importer {

struct Window;

/// What a convolution over H, W or D, H, W computes with.
struct ConvolutionOperands {
  /// N, C, H, W or N, C, D, H, W, padded.
  Value image;
  /// F, C / groups, KH, KW or F, C / groups, KD, KH, KW.
  Value filter;
  /// F, or null.
  Value bias;
  int64_t groups = 1;
  /// The size of N.
  OpFoldResult batch;
};

/// The convolution of operands that fit each other and `window`.
Value createConvolution(TensorBuilder &builder,
                        const ConvolutionOperands &operands,
                        const Window &window);

/// The convolution of `image`, N, C and one to three spatial dimensions, with
/// `filter` as the attributes of `node` say: groups and window. `bias` may be
/// null.
FailureOr<Value> createConvolution(Node &node, Value image, Value filter,
                                   Value bias);

/// The product of matrices, batches of matrices or vectors, as NumPy's matmul.
FailureOr<Value> createMatMul(Node &node, Value lhs, Value rhs);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_OPERATORS_PRODUCTS_H
