//===- IntegerElements.h - Tensors of integers of any width -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_INTERPRETER_INTEGERELEMENTS_H
#define PTQ_INTERPRETER_INTEGERELEMENTS_H

#include "ptq/Interpreter/TensorValue.h"

namespace mlir::ptq {

/// Calls `visit` with a value of the type that holds signed integers of `bytes`
/// bytes: 1, 2, 4, or else 8. Returns what it returns.
template <typename Visit>
auto visitIntegerType(unsigned bytes, Visit visit) {
  switch (bytes) {
  case 1:
    return visit(int8_t());
  case 2:
    return visit(int16_t());
  case 4:
    return visit(int32_t());
  default:
    return visit(int64_t());
  }
}

/// Element `index` of a tensor of signed integers. For single elements: whoever
/// reads many of them visits the type once.
inline int64_t readInteger(const TensorValue &tensor, int64_t index) {
  return visitIntegerType(tensor.getElementByteSize(),
                          [&](auto element) -> int64_t {
                            return tensor.getData<decltype(element)>()[index];
                          });
}

} // namespace mlir::ptq

#endif // PTQ_INTERPRETER_INTEGERELEMENTS_H
