//===- Contraction.h - Convolutions and matrix products ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Any structured op whose body is `out + lhs * rhs` is a contraction here,
// whatever its name: matmul and its transposes, batched ones, convolutions of
// any layout, depthwise ones, generics. Once maps are strides, a loop plays one
// of four parts, by the operands that it moves:
//
//   moves out, lhs        a row of the result          m
//   moves out, rhs        a column of the result       n
//   moves lhs, rhs        a product of the sum         k
//   moves all three       another, separate product    batch
//
// A convolution's output pixels and its filter taps both move the image, with
// strides that overlap; that is all that distinguishes it from a matmul, so
// gathering a column of its image is the packing of a matmul's operand.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_STRUCTURED_CONTRACTION_H
#define PTQ_LIB_INTERPRETER_STRUCTURED_CONTRACTION_H

#include "IterationSpace.h"

namespace mlir::ptq {

/// Whether the body of `op` is `out + lhs * rhs` in element types that
/// `runContraction` has kernels for, or in f16 or bf16, which has to be widened
/// to f32. The factors of an integer product may be sign-extended first.
bool isContraction(linalg::LinalgOp op);

/// Adds the products of `lhs` and `rhs` to `out`. Returns false, with nothing
/// done, if the loops are not those of a contraction; then `op` has to be run
/// as any other. Fails with an error at `op` if memory runs out.
FailureOr<bool> runContraction(Operation *op, IterationSpace space,
                               const TensorValue &lhs, const TensorValue &rhs,
                               TensorValue &out);

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_STRUCTURED_CONTRACTION_H
