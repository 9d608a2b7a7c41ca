//===- EvaluationListener.cpp - Seeing every result -----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Interpreter/EvaluationListener.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir::ptq;

EvaluationListener::~EvaluationListener() = default;

void EvaluationListener::notifyObserved(ObserveOp op,
                                        const TensorValue &value) {}
