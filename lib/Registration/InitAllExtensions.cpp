//===- InitAllExtensions.cpp - How upstream ops answer ptq's questions ----===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/InitAllExtensions.h"
#include "mlir/IR/DialectRegistry.h"
#include "ptq/Dialect/PTQ/Models/Models.h"
#include "ptq/Interpreter/Interpreter.h"

using namespace mlir;

void mlir::ptq::registerAllExtensions(DialectRegistry &registry) {
  registerEvaluationModels(registry);
  registerLinalgQuantizationModels(registry);
  registerGatherQuantizationModel(registry);
  registerTensorQuantizationModels(registry);
}
