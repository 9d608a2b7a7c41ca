//===- BatchMultiple.cpp - How a dynamic size follows the batch -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BatchMultiple.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace mlir::ptq::importer;

/// The product of the static sizes that `collapse` folds into the dynamic one.
static uint64_t getFoldedSize(tensor::CollapseShapeOp collapse) {
  ArrayRef<int64_t> shape = collapse.getSrcType().getShape();
  for (const ReassociationIndices &group : collapse.getReassociationIndices()) {
    bool isDynamic = false;
    uint64_t product = 1;
    for (int64_t dim : group) {
      if (ShapedType::isDynamic(shape[dim]))
        isDynamic = true;
      else
        product *= shape[dim];
    }
    if (isDynamic)
      return product;
  }
  return 1;
}

/// The value that the dynamic size of `op`'s result, or the size `op` itself
/// computes, is derived from. Null where that is the batch.
static Value getSource(Operation *op, BatchMultiple &multiple) {
  if (auto destinationOp = dyn_cast<DestinationStyleOpInterface>(op))
    return destinationOp.getDpsInits().front();
  if (auto empty = dyn_cast<tensor::EmptyOp>(op))
    return empty.getDynamicSizes().front();
  if (auto pad = dyn_cast<tensor::PadOp>(op))
    return pad.getSource();
  if (auto dim = dyn_cast<tensor::DimOp>(op))
    return dim.getSource();
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op))
    return slice.getSource();
  if (auto concat = dyn_cast<tensor::ConcatOp>(op))
    return concat.getInputs().front();
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
    return expand.getOutputShape().front();
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    multiple.numerator = llvm::SaturatingMultiply<uint64_t>(
        multiple.numerator, getFoldedSize(collapse));
    return collapse.getSrc();
  }
  APInt divisor;
  auto division = dyn_cast<arith::DivUIOp>(op);
  if (division && matchPattern(division.getRhs(), m_ConstantInt(&divisor))) {
    multiple.denominator =
        llvm::SaturatingMultiply(multiple.denominator, divisor.getZExtValue());
    return division.getLhs();
  }
  return Value();
}

BatchMultiple mlir::ptq::importer::getBatchMultiple(Value tensor) {
  BatchMultiple multiple;
  while (Operation *op = tensor ? tensor.getDefiningOp() : nullptr) {
    tensor = getSource(op, multiple);
    uint64_t divisor = std::gcd(multiple.numerator, multiple.denominator);
    multiple.numerator /= divisor;
    multiple.denominator /= divisor;
  }
  return multiple;
}

bool mlir::ptq::importer::haveSameBatch(ValueRange tensors) {
  std::optional<BatchMultiple> common;
  for (Value tensor : tensors) {
    if (cast<RankedTensorType>(tensor.getType()).hasStaticShape())
      continue;
    BatchMultiple multiple = getBatchMultiple(tensor);
    if (common && *common != multiple)
      return false;
    common = multiple;
  }
  return true;
}
