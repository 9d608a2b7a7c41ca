//===- VectorPayload.h - The body of a structured op on vectors -*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_VECTORPAYLOAD_H
#define PTQ_LIB_CODEGEN_KERNELS_VECTORPAYLOAD_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/IRMapping.h"
#include <functional>

namespace mlir::ptq {

/// Why `op` cannot be computed on vectors: its payload has an op or a type that
/// has no vector form, an output is not linear in the loops, or it moves with a
/// reduction. Null if it can, as far as its inputs can be read.
const char *findVectorObstacle(linalg::LinalgOp op);

/// The width of the widest element that the payload computes with.
unsigned getWidestElement(linalg::LinalgOp op);

/// Builds parts of a payload on vectors of `width` elements.
class VectorPayload {
public:
  /// Builds the positions of the elements in a loop.
  using EmitIndexFn = function_ref<Value(unsigned dim)>;

  VectorPayload(OpBuilder &builder, Location loc, int64_t width)
      : builder(builder), loc(loc), width(width) {}

  /// The vector for `value`: what it is mapped to, or else its only value in
  /// every element.
  Value lookup(IRMapping &mapping, Value value);

  /// Builds `op`, which is part of a payload that has no obstacle.
  void emit(IRMapping &mapping, Operation &op, EmitIndexFn emitIndex);

private:
  VectorType getType(Type element) { return VectorType::get({width}, element); }

  OpBuilder &builder;
  Location loc;
  int64_t width;
};

/// The part of a payload's elements that is in one vector.
struct PayloadPart {
  int64_t width;
  /// What the arguments of the payload are in this part.
  IRMapping mapping;
  std::function<Value(unsigned dim)> emitIndex = nullptr;
};

/// Whether part of the payload `body` is cheaper for the elements of several
/// vectors at once: lookups of bytes.
bool gainsFromManyElements(Block &body);

/// Builds `body`, a payload that has no obstacle, on each of `parts`, but what
/// gains from many elements on all of them at once. Gives what it
/// yields, part by part.
SmallVector<Value> emitPayload(OpBuilder &builder, Location loc, Block &body,
                               MutableArrayRef<PayloadPart> parts);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_VECTORPAYLOAD_H
