//===- AdversarialInputs.h - Inputs where forms may part --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two computations of one network mostly agree on inputs that nobody chose.
// Where they part, it is at inputs that lie between two codes, beyond all of
// them, or that are no numbers. Those are made here from the scales and zero
// points that the network quantizes its inputs by.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_EXECUTION_ADVERSARIALINPUTS_H
#define PTQ_EXECUTION_ADVERSARIALINPUTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"
#include "ptq/Interpreter/TensorValue.h"
#include <random>

namespace mlir::ptq {

/// What the elements of all inputs of one call have in common.
enum class InputPattern {
  Zeros,
  /// One number: a range of values without extent.
  OneValue,
  /// Halfway between two codes.
  Ties,
  /// The neighbouring floats of ties.
  BesideTies,
  /// What the lowest and the highest code stand for.
  ExtremeCodes,
  /// Beyond all codes, on both sides.
  Saturation,
  /// NaN, infinities, the largest and the smallest floats, among others.
  NonFinite,
  /// All of these.
  Mixture
};
/// How many patterns there are.
constexpr unsigned kNumInputPatterns = 8;

/// What messages call `pattern`.
StringRef stringifyInputPattern(InputPattern pattern);

/// Arguments for the entry function of an integer or QDQ form.
class AdversarialInputs {
public:
  /// Collects what `function` quantizes its arguments by. An input of dynamic
  /// parameters gets values whose scale is 1. Reports an error for an input
  /// with a dynamic dimension besides the sample axis.
  static FailureOr<AdversarialInputs>
  create(func::FuncOp function, const Signature &signature, uint64_t seed);

  /// Arguments for a call with `numSamples` samples, where the network takes
  /// any number; further calls of this give others. Integers know few patterns:
  /// they are 0 for zeros, and codes of 16 bits and less are the lowest or the
  /// highest for extremes and saturation. For all others codes are drawn with
  /// these two among them, and wider integers, indices perhaps, are from 0 to
  /// 15.
  SmallVector<TensorValue> make(InputPattern pattern, int64_t numSamples);

private:
  /// By what an input is quantized.
  struct Parameters {
    float scale;
    int64_t zeroPoint;
    int64_t low, high;
  };
  struct Input {
    RankedTensorType type;
    std::optional<int64_t> sampleAxis;
    SmallVector<Parameters> parameters;
  };

  explicit AdversarialInputs(uint64_t seed) : random(seed) {}

  static SmallVector<Parameters> findParameters(Value argument);

  double drawFloat(InputPattern pattern, const Parameters &parameters);
  int64_t drawInteger(InputPattern pattern, unsigned width);
  TensorValue makeInput(const Input &input, InputPattern pattern,
                        int64_t numSamples);

  std::vector<Input> inputs;
  std::mt19937_64 random;
};

} // namespace mlir::ptq

#endif // PTQ_EXECUTION_ADVERSARIALINPUTS_H
