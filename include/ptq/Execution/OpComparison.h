//===- OpComparison.h - Two forms side by side, op by op --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where does a quantized network lose its signal? Each of its ops is looked at
// in two ways: as it runs, with the noise that its inputs bring along, and as
// it would run on the inputs that the float network has at that place. Noise of
// the latter is the op's own.
//
// Ops of both networks belong together if their results have the same name and
// type. Names are those of locations, which the importer takes from the model
// and all passes keep. Quantizing an op's inputs, weights and bias belongs to
// the op, and so does all that is computed on the way to it from inputs that do
// have a counterpart.
//
// Equalization changes the unit of values in between: then the reference has to
// be the equalized float network.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_EXECUTION_OPCOMPARISON_H
#define PTQ_EXECUTION_OPCOMPARISON_H

#include "mlir/IR/BuiltinOps.h"
#include "ptq/Interpreter/SampleBatches.h"
#include "ptq/Metrics/Metrics.h"

namespace mlir::ptq {

/// What happens at one op, over all samples.
struct OpFigures {
  std::string name;
  /// What the quantizer calls such an op, or the op's own name. `output` for
  /// what the network returns, where that is not the result of one of the ops,
  /// reshaped perhaps.
  std::string kind;
  /// The noise of the inputs as they arrive, before the op quantizes them.
  NoiseSum inherited;
  /// The noise of the result if the inputs are those of the float network.
  NoiseSum own;
  /// The noise of the result as it is.
  NoiseSum total;
  /// The codes of the inputs, and those at the end of the range of codes that
  /// the quantized value lies towards: the highest code of a value above 0, the
  /// lowest of one below.
  int64_t numCodes = 0;
  int64_t numSaturated = 0;
};

/// What sets a network apart from its reference, op by op.
struct OpComparison {
  /// In the order of the network.
  std::vector<OpFigures> ops;
  /// Ops that the quantizer knows and the reference does not have. What they do
  /// counts to the ops after them.
  int64_t numUnmatched = 0;
};

/// Interprets `network`, in QDQ form or any other whose values are floats, and
/// `reference`, its float form, on the samples of `batches`, which were opened
/// for `network`. Memory is that of one call. Samples that do not fill a batch
/// are left out with a warning. Reports an error if the networks do not take
/// the same inputs or have no op in common.
FailureOr<OpComparison> compareOps(ModuleOp network, ModuleOp reference,
                                   const SampleBatches &batches);

} // namespace mlir::ptq

#endif // PTQ_EXECUTION_OPCOMPARISON_H
