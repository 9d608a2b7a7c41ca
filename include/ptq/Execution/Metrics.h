//===- Metrics.h - How close two results are --------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_EXECUTION_METRICS_H
#define PTQ_EXECUTION_METRICS_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace mlir::ptq {

/// The results of many samples: `numSamples` rows of `rowSize` numbers.
struct ResultRows {
  std::vector<double> values;
  int64_t rowSize = 0;

  int64_t getNumRows() const {
    return rowSize == 0 ? 0 : static_cast<int64_t>(values.size()) / rowSize;
  }
  llvm::ArrayRef<double> getRow(int64_t row) const {
    return llvm::ArrayRef<double>(values).slice(row * rowSize, rowSize);
  }
};

/// The index of the largest number; the first of equals, NaN never.
int64_t getTop1(llvm::ArrayRef<double> row);

/// The share of rows whose top-1 is the label, 0 to 1. As many labels as rows.
double computeAccuracy(const ResultRows &results,
                       llvm::ArrayRef<int64_t> labels);

/// The share of rows whose top-1 is the same in both, 0 to 1.
double computeAgreement(const ResultRows &results, const ResultRows &reference);

/// Signal to quantization noise ratio in dB:
/// `10 log10(sum reference^2 / sum (reference - result)^2)`. Infinite without
/// noise, and minus infinity for noise without signal.
double computeSqnr(llvm::ArrayRef<double> results,
                   llvm::ArrayRef<double> reference);

/// The median over rows of the SQNR of each. `rowSize` of both is the number of
/// values in one sample.
double computeMedianSqnr(const ResultRows &results,
                         const ResultRows &reference);

/// The middle value, or the mean of the two middle ones. `values` is not empty.
double computeMedian(std::vector<double> values);

} // namespace mlir::ptq

#endif // PTQ_EXECUTION_METRICS_H
