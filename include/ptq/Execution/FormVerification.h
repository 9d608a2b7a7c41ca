//===- FormVerification.h - Two computations of one network -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The integer form has one meaning, which the interpreter computes op by op.
// Machine code computes the same in another order and by other instructions,
// and has to come to the same bits. NaN is NaN, whatever its sign and payload.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_EXECUTION_FORMVERIFICATION_H
#define PTQ_EXECUTION_FORMVERIFICATION_H

#include "ptq/Execution/AdversarialInputs.h"
#include "ptq/Execution/Engine.h"
#include "ptq/Execution/SumRounding.h"
#include "ptq/Interpreter/SampleBatches.h"

namespace mlir::ptq {

/// Where an output of two computations differs for the first time.
struct OutputDifference {
  std::string output;
  SmallVector<int64_t> index;
  /// The elements as text; of floats that look alike, all digits.
  std::string expected, actual;
  int64_t numDifferent = 0, numElements = 0;
};

/// The first difference between outputs of one call, or none. Shapes are equal.
/// Elements that the tolerance of their output allows are no difference, but
/// are added to `numRounded`; without tolerances all bits count.
std::optional<OutputDifference>
findDifference(const Signature &signature, ArrayRef<TensorValue> expected,
               ArrayRef<TensorValue> actual,
               ArrayRef<OutputTolerance> tolerances = {},
               int64_t *numRounded = nullptr);

/// What was compared, and where the forms part.
struct FormVerification {
  int64_t numCalls = 0, numElements = 0;
  /// Elements that differ as far as rounded sums of floats explain.
  int64_t numRounded = 0;
  std::optional<OutputDifference> difference;
  /// What the inputs were that show the difference.
  std::string inputs;
};

/// Makes the same calls by two engines and compares their outputs until they
/// differ.
class FormVerifier {
public:
  /// Where `rounding` is given, it says how far outputs may differ behind sums
  /// of floats.
  FormVerifier(const Engine &expected, const Engine &actual,
               SumRounding *rounding = nullptr)
      : expected(expected), actual(actual), rounding(rounding) {}

  /// Compares on all samples of `batches`.
  LogicalResult verifySamples(const SampleBatches &batches);

  /// Compares on inputs of every pattern, `repetitions` times each.
  LogicalResult verifyAdversarial(AdversarialInputs &inputs,
                                  unsigned repetitions);

  const FormVerification &getResult() const { return result; }

private:
  LogicalResult verifyCall(ArrayRef<TensorValue> inputs, const Twine &what);

  const Engine &expected, &actual;
  SumRounding *rounding;
  FormVerification result;
};

/// Brings `module`, in QDQ or float form, to the integer form, which takes the
/// passes of `ptq-lower=to=integer`; an integer form stays as it is.
LogicalResult lowerToIntegerForm(ModuleOp module);

} // namespace mlir::ptq

#endif // PTQ_EXECUTION_FORMVERIFICATION_H
