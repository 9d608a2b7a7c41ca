//===- Combiner.h - How a reduction combines elements -----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_COMBINER_H
#define PTQ_LIB_CODEGEN_KERNELS_COMBINER_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Value.h"

namespace mlir::ptq {

/// The ops at the end of a payload that combine an element with the accumulator
/// of an output, in any order of the elements.
struct Combiner {
  BlockArgument accumulator;
  Value element;
  SmallVector<Operation *, 2> ops;
  /// What leaves the other operand as it is; null if combining a value with
  /// itself does.
  TypedAttr neutral;

  /// `yielded` as a combination with `accumulator`, which has no other use;
  /// nothing if the order of the elements matters, as in a sum of floats.
  static std::optional<Combiner> match(Value yielded,
                                       BlockArgument accumulator);
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_COMBINER_H
