//===- NoiseTracer.h - Where noise comes from -------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_EXECUTION_NOISETRACER_H
#define PTQ_LIB_EXECUTION_NOISETRACER_H

#include "OpMatching.h"
#include "ptq/Execution/OpComparison.h"
#include "ptq/Interpreter/EvaluationListener.h"
#include "ptq/Interpreter/Interpreter.h"

namespace mlir::ptq {

using ValueMap = llvm::DenseMap<Value, TensorValue>;

/// Listens to a network and computes, beside each result, what it would be if
/// all results before it that have a counterpart were those of the reference.
class NoiseTracer : public EvaluationListener {
public:
  /// `references` holds the reference's values of the call that runs, by their
  /// counterparts in `network`.
  NoiseTracer(func::FuncOp network, const Signature &signature,
              const OpMatching &matching, const ValueMap &references);

  /// Called before the network runs on `arguments`.
  void beginCall(ArrayRef<TensorValue> arguments);

  void notifyEvaluated(Operation *op, ArrayRef<TensorValue> operands,
                       ArrayRef<TensorValue> results) override;

  /// Called with what both networks have returned. Fails if an op could not be
  /// evaluated, which has been reported.
  LogicalResult endCall(ArrayRef<TensorValue> results,
                        ArrayRef<TensorValue> expected);

  /// The figures of the ops, and then of outputs that are not their results.
  std::vector<OpFigures> takeFigures() { return std::move(figures); }

private:
  struct SaturationCount {
    int64_t numCodes = 0;
    int64_t numSaturated = 0;
  };

  static SaturationCount countSaturation(Operation *op,
                                         const TensorValue &input,
                                         const TensorValue &codes);
  /// The results of `op` on what the reference has, given that it reads some.
  FailureOr<SmallVector<TensorValue>>
  evaluateOnReferences(Operation *op, ArrayRef<TensorValue> operands);
  void addFigures(StringRef name, StringRef kind);
  void addInputs(OpFigures &figures, const OpInputs &read);

  func::FuncOp network;
  /// For ops on other values than those of the call.
  Interpreter interpreter;
  const ValueMap &references;
  llvm::DenseMap<Operation *, OpInputs> inputs;
  /// Values that a region captures.
  llvm::DenseSet<Value> isCaptured;

  std::vector<OpFigures> figures;
  /// Of results that have a counterpart.
  llvm::DenseMap<Value, size_t> indices;
  /// Of outputs that have none, by their position.
  llvm::MapVector<size_t, size_t> outputIndices;

  // Of the call that runs.
  /// Results on what the reference has, where these differ from those that are.
  ValueMap exact;
  ValueMap captured;
  llvm::DenseMap<Value, NoiseSum> noise;
  llvm::DenseMap<Operation *, SaturationCount> saturation;
  bool hasFailed = false;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_EXECUTION_NOISETRACER_H
