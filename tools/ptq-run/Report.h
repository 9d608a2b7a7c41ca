//===- Report.h - What ptq-run prints ---------------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TOOLS_PTQRUN_REPORT_H
#define PTQ_TOOLS_PTQRUN_REPORT_H

#include "llvm/Support/raw_ostream.h"
#include <cstdint>
#include <optional>

namespace mlir::ptq {

/// The figures of one run; those that were not asked for are missing.
struct RunReport {
  int64_t samples = 0;
  std::optional<double> accuracy;
  std::optional<double> agreement;
  std::optional<double> sqnrDb;
  std::optional<double> sqnrDbMedian;
  std::optional<double> medianMicroseconds;
  std::optional<double> minMicroseconds;
};

/// One line for each figure, for people.
void printText(const RunReport &report, llvm::raw_ostream &os);

/// One JSON object, for machines. A ratio that is infinite, since there is no
/// noise, is written as 999.
void printJSON(const RunReport &report, llvm::raw_ostream &os);

} // namespace mlir::ptq

#endif // PTQ_TOOLS_PTQRUN_REPORT_H
