//===- KnownRange.h - Ranges that follow from a definition ------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_MODELS_KNOWNRANGE_H
#define PTQ_DIALECT_PTQ_MODELS_KNOWNRANGE_H

#include "mlir/IR/Value.h"
#include "ptq/Calibration/RangeEstimator.h"
#include <optional>

namespace mlir::ptq {

/// The range of the float tensor `value`, if what computes it confines it to
/// [-1, 1]: softmax and sigmoid to [0, 1], tanh to [-1, 1], and whatever is
/// made of them. Interval analysis of the bodies finds it, so it does not
/// matter how a function was written: exp is positive, hence 1/(1+exp(-x)) lies
/// in [0, 1].
///
/// Wider bounds, such as those of a clamp at 6, say where values may lie rather
/// than where they do; edges behind them are measured.
std::optional<RealRange> getKnownRange(Value value);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_MODELS_KNOWNRANGE_H
