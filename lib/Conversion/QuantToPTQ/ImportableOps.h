//===- ImportableOps.h - Which ops may have quantized types -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CONVERSION_QUANTTOPTQ_IMPORTABLEOPS_H
#define PTQ_LIB_CONVERSION_QUANTTOPTQ_IMPORTABLEOPS_H

#include "mlir/IR/Operation.h"

namespace mlir::ptq {

/// Whether there is a quantized type anywhere in `type`.
bool mentionsQuantized(Type type);

/// Whether `op` moves elements, whatever they are, or selects among tensors.
bool movesElements(Operation *op);

/// Reports what of `op` and its quantized types cannot be imported.
LogicalResult verifyImportable(Operation *op);

} // namespace mlir::ptq

#endif // PTQ_LIB_CONVERSION_QUANTTOPTQ_IMPORTABLEOPS_H
