//===- WeightPool.h - Constants as shared resources -------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_WEIGHTPOOL_H
#define PTQ_LIB_TARGET_ONNX_WEIGHTPOOL_H

#include "ConstantTensor.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::ptq::importer {

/// Turns constants into attributes. Tensors of equal elements share a resource,
/// also if their shapes differ.
class WeightPool {
public:
  /// The elements as `dense_resource`, or as `dense` where there is only one.
  /// The element type must be a float or a signless integer of whole bytes.
  TypedAttr getAttribute(const ConstantTensor &tensor);

private:
  /// The resources by the hash of element type and data.
  llvm::DenseMap<uint64_t, SmallVector<DenseResourceElementsAttr, 1>> resources;
};

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_WEIGHTPOOL_H
