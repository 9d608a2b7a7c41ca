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

/// The convolution of `image`, N, C, W or N, C, H, W, with `filter` as the
/// attributes of `node` say: groups and window. `bias` may be null.
FailureOr<Value> createConvolution(Node &node, Value image, Value filter,
                                   Value bias);

/// The product of matrices, batches of matrices or vectors, as NumPy's matmul.
FailureOr<Value> createMatMul(Node &node, Value lhs, Value rhs);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_OPERATORS_PRODUCTS_H
