//===- SumRounding.h - How far rounded sums move outputs --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Machine code adds floats up in another order than the interpreter, and so
// rounds otherwise. How much that changes behind the sums, where codes may be
// made of them, follows from no formula. It is measured as in Monte Carlo
// arithmetic: the network is interpreted again with sums that are wrong by some
// random part of what rounding may cost them.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_EXECUTION_SUMROUNDING_H
#define PTQ_EXECUTION_SUMROUNDING_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "ptq/Interpreter/Interpreter.h"
#include <random>

namespace mlir::ptq {

/// How far two right computations of an output may be apart.
struct OutputTolerance {
  /// Whether no sum of floats comes before the output: all bits are equal.
  bool isExact = true;
  /// Whether a sum may leave the range of its type on the way. Then some order
  /// has infinities or NaN where others have numbers.
  bool mayOverflow = false;
  /// How far an element has moved at most, with wrong sums.
  double largestMove = 0.0;

  /// Whether `actual` may stand where `expected` does.
  bool allows(double expected, double actual) const;
};

/// Element number `index` of `tensor`, whatever its type.
double getElementAsDouble(const TensorValue &tensor, int64_t index);

/// Measures what sums of floats may cost.
class SumRounding {
public:
  /// Prepares to measure the entry function of `module`, which must be in a
  /// form on tensors; `seed` chooses the errors.
  static FailureOr<std::unique_ptr<SumRounding>> create(ModuleOp module,
                                                        uint64_t seed);

  /// Tolerances of outputs that have not been seen to move.
  SmallVector<OutputTolerance> getTolerances() const;

  /// Adds to `tolerances` how far the outputs of a call with `inputs`, which
  /// has given `outputs`, move with sums that are wrong at random. Errors are
  /// reported.
  LogicalResult measure(ArrayRef<TensorValue> inputs,
                        ArrayRef<TensorValue> outputs,
                        MutableArrayRef<OutputTolerance> tolerances);

private:
  /// Observers, and what sums may be wrong by, relative to their terms.
  using ErrorMap = llvm::DenseMap<Operation *, double>;

  SumRounding(OwningOpRef<ModuleOp> module, func::FuncOp entry,
              ErrorMap relativeErrors, SmallVector<bool> isExact,
              uint64_t seed);

  TensorValue makeErrors(ObserveOp observer, const TensorValue &magnitudes);

  OwningOpRef<ModuleOp> module;
  func::FuncOp entry;
  ErrorMap relativeErrors;
  /// Of each output, see OutputTolerance.
  SmallVector<bool> isExact;
  std::mt19937_64 random;
  Interpreter interpreter;
  bool mayOverflow = false;
};

} // namespace mlir::ptq

#endif // PTQ_EXECUTION_SUMROUNDING_H
