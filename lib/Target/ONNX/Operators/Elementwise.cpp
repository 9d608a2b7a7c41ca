//===- Elementwise.cpp - What elementwise operators share -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "Elementwise.h"
#include "../BatchMultiple.h"

using namespace mlir;
using namespace mlir::ptq::importer;

LogicalResult mlir::ptq::importer::importUnary(Node &node,
                                               TensorBuilder::ScalarFn body) {
  Value operand;
  if (failed(node.readFloatInput(0, operand)))
    return failure();
  return node.setOutput(0, node.getBuilder().createElementwise(operand, body));
}

LogicalResult mlir::ptq::importer::setElementwise(Node &node,
                                                  ValueRange operands,
                                                  TensorBuilder::ScalarFn body,
                                                  Type elementType) {
  SmallVector<ArrayRef<int64_t>> shapes(
      llvm::map_range(operands, [](Value value) { return getShape(value); }));
  if (!inferBroadcastShape(shapes) || !haveSameBatch(operands)) {
    InFlightDiagnostic diag = node.emitError();
    diag << "cannot broadcast " << operands.front().getType();
    for (Value operand : operands.drop_front())
      diag << " and " << operand.getType();
    return diag;
  }
  return node.setOutput(
      0, node.getBuilder().createElementwise(operands, body, elementType));
}
