//===- Environment.h - What the names of a graph mean -----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_ENVIRONMENT_H
#define PTQ_LIB_TARGET_ONNX_ENVIRONMENT_H

#include "ConstantTensor.h"
#include "ValueFacts.h"
#include "WeightPool.h"
#include "mlir/IR/Builders.h"

namespace mlir::ptq::importer {

/// Maps the tensor names of a graph to values and constants. A constant becomes
/// an op when it is first used as a value.
class Environment {
public:
  /// Constants become resources of `weights`.
  explicit Environment(WeightPool &weights) : weights(weights) {}

  using EmitErrorFn = function_ref<InFlightDiagnostic()>;

  /// Gives `name`, which must be new, a meaning.
  LogicalResult define(StringRef name, Value value, EmitErrorFn emitError,
                       ValueFacts facts = {});
  LogicalResult define(StringRef name, ConstantTensor constant,
                       EmitErrorFn emitError);
  /// Makes uses of `name` errors that say `reason`.
  LogicalResult defineUnsupported(StringRef name, std::string reason,
                                  EmitErrorFn emitError);
  /// Makes `name` mean the same as `other`.
  LogicalResult defineAlias(StringRef name, StringRef other,
                            EmitErrorFn emitError);

  /// Where constants become resources.
  WeightPool &getWeights() const { return weights; }

  /// The constant that `name` means, null if it is none.
  const ConstantTensor *getConstant(StringRef name) const;
  /// What is known of the value that `name` means.
  ValueFacts getFacts(StringRef name) const {
    return entries.lookup(name).facts;
  }
  /// The value that `name` means; a constant is created by `builder`.
  FailureOr<Value> getValue(StringRef name, OpBuilder &builder,
                            EmitErrorFn emitError);
  /// Creates `constant`, which must not be empty, as an op. Its element type
  /// must be a float or a signless integer. Integers of two or four bits
  /// are packed.
  Value createConstant(const ConstantTensor &constant, OpBuilder &builder);

private:
  struct Entry {
    Value value;
    std::optional<ConstantTensor> constant;
    std::string reasonUnsupported;
    ValueFacts facts;
  };

  LogicalResult insert(StringRef name, Entry entry, EmitErrorFn emitError);

  llvm::StringMap<Entry> entries;
  WeightPool &weights;
};

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_ENVIRONMENT_H
