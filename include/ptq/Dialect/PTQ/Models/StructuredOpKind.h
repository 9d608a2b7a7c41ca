//===- StructuredOpKind.h - What a structured op computes -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_MODELS_STRUCTUREDOPKIND_H
#define PTQ_DIALECT_PTQ_MODELS_STRUCTUREDOPKIND_H

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include <optional>

namespace mlir::ptq {

/// The computations that the quantizer tells apart. The kind is inferred from
/// indexing maps, iterator types and body, never from the op's name.
enum class StructuredOpKind {
  /// Not one of the others.
  Other,
  /// Sums of products with batch, m, n and k loops.
  Contraction,
  /// Sums of products over windows; every output channel sees the input
  /// channels (of its group).
  Convolution,
  /// Sums of products over windows, channel by channel.
  DepthwiseConvolution,
  /// Sums over windows, or over whole dimensions.
  SumPooling,
  /// Maxima over windows, or over whole dimensions.
  MaxPooling,
  /// One sum or one product of two tensors, element by element.
  ElementwiseAdd,
  ElementwiseMul,
  /// A function such as sigmoid, tanh or gelu of each element of one tensor.
  ActivationFunction,
  /// Elements in another order or repeated: transpose, broadcast, copy.
  Movement
};

/// Whether ops of `kind` sum up products of a first with a second input.
bool isSumOfProducts(StructuredOpKind kind);

/// The kind of `op`.
StructuredOpKind classifyStructuredOp(linalg::LinalgOp op);

/// How many products of `op`, a sum of products, each element of `factor` is
/// in. Sizes that are not known are taken for those of factor and products
/// alike.
int64_t countProductsOfEach(linalg::LinalgOp op, Value factor);

/// Whether an operand of `op` is an integer, or a tensor of them; an index is
/// none. What multiplies sums of codes by scales reads integers, and is no op
/// of a float network, though its result is float.
bool readsIntegers(Operation *op);

/// An elementwise clamp of one tensor, `min(max(x, low), high)`; infinite where
/// a side is open. A ReLU is [0, inf].
struct ClampBounds {
  double low;
  double high;
  /// The input that is clamped.
  unsigned input;
};

/// Matches `op` as a clamp with constant bounds, written with
/// maximumf/minimumf, maxnumf/minnumf, or compare and select. All maps must be
/// the identity.
std::optional<ClampBounds> matchClamp(linalg::LinalgOp op);

/// The clamp, such as a ReLU, that is all that becomes of the result of `op`;
/// open on both sides if there is none.
ClampBounds getFollowingClamp(Operation *op);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_MODELS_STRUCTUREDOPKIND_H
