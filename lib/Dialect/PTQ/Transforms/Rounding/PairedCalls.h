//===- PairedCalls.h - Both networks on a sample ----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_PAIREDCALLS_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_PAIREDCALLS_H

#include "../Calibration/SampleRunner.h"
#include "../Folding/EdgeParameters.h"
#include "WorkSharing.h"
#include "ptq/Interpreter/PausableCall.h"

namespace mlir::ptq {

/// The calls for all samples, kept abreast in two networks: the float one, and
/// the one in which observers quantize what passes through them. The module
/// must not change meanwhile.
///
/// What is alive between two ops is held for all samples at once, so that every
/// op is evaluated once in each network, however many layers there are.
class PairedCalls {
public:
  /// `parameters` are those of all observers with static encodings. Those with
  /// dynamic ones let pass what comes.
  PairedCalls(ModuleOp module, EdgeParameterMap parameters,
              const WorkSharing &workSharing);

  /// Begins the given calls.
  LogicalResult begin(const SampleRunner &runner, ArrayRef<int64_t> calls);

  /// Evaluates what stands before `op`, in both networks.
  LogicalResult advanceTo(Operation *op);

  int64_t getNumCalls() const { return floatCalls.size(); }

  /// A value that is alive.
  const TensorValue &getFloat(int64_t call, Value value) const {
    return *floatCalls[call].lookup(value);
  }
  const TensorValue &getQuantized(int64_t call, Value value) const {
    return *quantizedCalls[call].lookup(value);
  }
  /// As `getQuantized`, but null for a value that is not alive.
  const TensorValue *lookupQuantized(int64_t call, Value value) const {
    return quantizedCalls[call].lookup(value);
  }

  /// Replaces a value in the quantized network, for all calls, or for one.
  void replaceQuantized(Value value, const TensorValue &tensor);
  void replaceQuantized(int64_t call, Value value, TensorValue tensor) {
    quantizedCalls[call].replace(value, std::move(tensor));
  }

private:
  FailureOr<TensorValue> quantize(ObserveOp observer, TensorValue value) const;
  LogicalResult quantizeConstants(ModuleOp module);

  Interpreter floatNetwork;
  Interpreter quantizedNetwork;
  EdgeParameterMap parameters;
  /// Observed constants are the same in every call.
  DenseMap<Operation *, TensorValue> constants;
  const WorkSharing &workSharing;
  std::vector<PausableCall> floatCalls;
  std::vector<PausableCall> quantizedCalls;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_PAIREDCALLS_H
