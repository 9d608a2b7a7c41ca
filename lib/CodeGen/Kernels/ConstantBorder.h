//===- ConstantBorder.h - Constants around an image -------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `ptq-lower-padding` makes of padding: the border of a buffer is filled,
// and its inside written by whatever computes the image. Both can be read off
// the ops that write to the buffer, as long as these are structured ones.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_CONSTANTBORDER_H
#define PTQ_LIB_CODEGEN_KERNELS_CONSTANTBORDER_H

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"

namespace mlir::ptq {

/// The positions at either end of a dimension at which all of a buffer is the
/// same integer.
struct ConstantBorder {
  /// How many there are at the start, and at the end. They overlap if all of
  /// the buffer is the same.
  int64_t low = 0;
  int64_t high = 0;
  /// The integer, sign-extended.
  int64_t value = 0;

  /// The border along dimension `dim` of what `reader`, on buffers, reads from
  /// `buffer`; none if there is none, or the dimension's size or what is
  /// written to the buffer is not known.
  static std::optional<ConstantBorder> find(Value buffer, unsigned dim,
                                            linalg::LinalgOp reader);
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_CONSTANTBORDER_H
