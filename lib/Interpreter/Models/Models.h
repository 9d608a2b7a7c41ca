//===- Models.h - The models of each dialect --------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One file, and one of these functions, for each dialect that the interpreter
// can run.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_MODELS_MODELS_H
#define PTQ_LIB_INTERPRETER_MODELS_MODELS_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::ptq {

void registerAffineModels(DialectRegistry &registry);
void registerArithModels(DialectRegistry &registry);
void registerFuncModels(DialectRegistry &registry);
void registerLinalgModels(DialectRegistry &registry);
void registerMathModels(DialectRegistry &registry);
void registerPTQModels(DialectRegistry &registry);
void registerSCFModels(DialectRegistry &registry);
void registerTensorModels(DialectRegistry &registry);

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_MODELS_MODELS_H
