//===- BlockOperandOrder.h - Dimensions of products in blocks ---*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_INTEGER_BLOCKOPERANDORDER_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_INTEGER_BLOCKOPERANDORDER_H

#include "IntegerRewriting.h"

namespace mlir::ptq {

/// In which order a product with a scale for each block reads its activations
/// and writes its result. Kernels want both of a convolution with the channels
/// last; `ptq-convert-to-channels-last`, which knows convolutions, comes later
/// and only moves the transposes that are built here.
class BlockOperandOrder {
public:
  explicit BlockOperandOrder(const IntegerBlockProduct &product);

  /// The indexing maps of what is ordered.
  AffineMap getActivationMap() const;
  AffineMap getResultMap() const;

  /// The dimension of the ordered activations that is summed over in blocks.
  int64_t getSumDim() const;

  /// The codes of the activations, ordered.
  Value createActivations(ImplicitLocOpBuilder &builder) const;

  /// What the ordered result starts from. A bias is spread in this order.
  Value createInit(ImplicitLocOpBuilder &builder) const;

  /// `result`, which is ordered, as the op has it.
  Value restoreResult(ImplicitLocOpBuilder &builder, Value result) const;

private:
  /// The activations' indexing map and codes, and the initial value.
  AffineMap activationMap;
  AffineMap resultMap;
  Value activations;
  Value init;
  int64_t sumDim;
  /// The dimensions of the op's operand or result, ordered.
  SmallVector<int64_t> activationOrder;
  SmallVector<int64_t> resultOrder;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_INTEGER_BLOCKOPERANDORDER_H
