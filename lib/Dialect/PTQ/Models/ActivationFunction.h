//===- ActivationFunction.h - Sigmoid and its like --------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_MODELS_ACTIVATIONFUNCTION_H
#define PTQ_LIB_DIALECT_PTQ_MODELS_ACTIVATIONFUNCTION_H

#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include <optional>

namespace mlir::ptq {

/// The number of the operand of which the elementwise `op` computes a function
/// that bears to have its argument quantized: sigmoid, tanh, gelu, swish,
/// hard-swish, leaky ReLU and what else bends or saturates. Nothing for others:
/// a clamp, which is data movement to the quantizer, an exponential by itself,
/// whose argument's error it multiplies, roots, logarithms and powers.
std::optional<unsigned> matchActivationFunction(linalg::LinalgOp op);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_MODELS_ACTIVATIONFUNCTION_H
