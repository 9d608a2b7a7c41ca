//===- OpSensitivity.h - What quantizing each op costs ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_OPSENSITIVITY_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_OPSENSITIVITY_H

#include "OutputMeter.h"
#include "SwitchableNetwork.h"
#include <map>

namespace mlir::ptq {

/// Measures a network with some ops in float, each choice of them once.
class NetworkTrials {
public:
  NetworkTrials(const SwitchableNetwork &network, const OutputMeter &meter)
      : network(network), meter(meter) {}

  const SwitchableNetwork &getNetwork() const { return network; }
  size_t getNumOps() const { return network.getOps().size(); }

  /// How good the outputs are with the ops of `inFloat` in float.
  FailureOr<OutputQuality> measure(StringRef label,
                                   const llvm::BitVector &inFloat);

  /// The same, for a network made for this choice alone.
  FailureOr<OutputQuality> measureAfresh(StringRef label,
                                         const llvm::BitVector &inFloat);

  /// How many networks have been measured.
  int64_t getNumMeasured() const { return measured.size() + numAfresh; }

private:
  const SwitchableNetwork &network;
  const OutputMeter &meter;
  std::map<std::vector<unsigned>, OutputQuality> measured;
  int64_t numAfresh = 0;
};

/// What quantizing one op does.
struct OpSensitivity {
  /// The outputs with this op alone quantized, and with all others.
  OutputQuality alone, others;
  /// The noise that the op causes, as a multiple of the signal: the mean of
  /// what it adds alone and what is missing without it.
  double noise = 0;
  /// 1 for the op that causes most noise.
  size_t rank = 0;
};

/// The sensitivity of all ops, in their order.
FailureOr<std::vector<OpSensitivity>> measureSensitivity(NetworkTrials &trials);

/// What is asked of the outputs; 0 asks nothing.
struct QualityTargets {
  double sqnr = 0;
  double agreement = 0;
  double accuracy = 0;

  bool areAny() const { return sqnr != 0 || agreement != 0 || accuracy != 0; }
  bool areMetBy(const OutputQuality &quality) const;
};

/// Ops that stay in float, and the outputs then.
struct FloatSelection {
  llvm::BitVector inFloat;
  OutputQuality quality;
};

/// Selects ops to stay in float so that the network meets `targets`, at as
/// little cost as a greedy search finds. If not even all of them in float meet
/// the targets, the selection is all of them.
FailureOr<FloatSelection> selectFloatOps(NetworkTrials &trials,
                                         ArrayRef<OpSensitivity> sensitivities,
                                         const QualityTargets &targets);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_OPSENSITIVITY_H
