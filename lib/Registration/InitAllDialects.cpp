//===- InitAllDialects.cpp - Every dialect that ptq reads or writes -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/InitAllDialects.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;

void mlir::ptq::registerAllDialects(DialectRegistry &registry) {
  registry.insert<PTQDialect>();
}
