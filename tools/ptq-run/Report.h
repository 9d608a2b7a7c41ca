//===- Report.h - What ptq-run prints ---------------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TOOLS_PTQ_RUN_REPORT_H
#define PTQ_TOOLS_PTQ_RUN_REPORT_H

#include "mlir/Support/LLVM.h"
#include "ptq/Execution/OpComparison.h"
#include "ptq/Execution/SampleRun.h"

namespace mlir::ptq {

/// The figures of one run; those that were not asked for are empty.
struct Figures {
  /// Shares from 0 to 1.
  std::optional<double> accuracy, agreement;
  /// Over all samples, and the median of single ones.
  std::optional<double> sqnr, medianSqnr;
  /// The mean negative log-likelihood of the next token. Its exponential is the
  /// perplexity.
  std::optional<double> nextTokenLoss;
  int64_t numSamples = 0;
  std::optional<CallTimes> times;
  std::optional<OpComparison> ops;

  void print(raw_ostream &os) const;
  /// Prints one JSON object on one line. A loss that is not finite is null.
  void printJSON(raw_ostream &os) const;
};

/// Prints an error that has no place in the IR.
LogicalResult reportError(const Twine &message);

} // namespace mlir::ptq

#endif // PTQ_TOOLS_PTQ_RUN_REPORT_H
