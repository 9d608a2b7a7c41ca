//===- RegisterModels.cpp - Every dialect that can be run -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include "ptq/Interpreter/Interpreter.h"

using namespace mlir;

void mlir::ptq::registerEvaluationModels(DialectRegistry &registry) {
  registerAffineModels(registry);
  registerArithModels(registry);
  registerFuncModels(registry);
  registerLinalgModels(registry);
  registerMathModels(registry);
  registerPTQModels(registry);
  registerSCFModels(registry);
  registerTensorModels(registry);
}
