//===- SensitivityReport.h - Sensitivities as JSON --------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_SENSITIVITYREPORT_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_SENSITIVITYREPORT_H

#include "OpSensitivity.h"

namespace mlir::ptq {

/// All that ptq-analyze-sensitivity finds out.
struct SensitivityReport {
  int64_t numSamples = 0;
  OutputQuality allQuantized;
  ArrayRef<SwitchableOp> ops;
  std::vector<OpSensitivity> sensitivities;
  QualityTargets targets;
  /// Where there are targets.
  std::optional<FloatSelection> selection;
  FloatCost cost;

  /// Writes one JSON object; ops come in the order of their rank. Ratios are
  /// limited as in `limitDecibels`.
  void writeJSON(raw_ostream &os) const;
};

/// A quality in words.
std::string describe(const OutputQuality &quality);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_SENSITIVITYREPORT_H
