//===- Metrics.cpp - How close two results are ----------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Execution/Metrics.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir::ptq;

int64_t mlir::ptq::getTop1(llvm::ArrayRef<double> row) {
  int64_t top = 0;
  for (size_t index = 1; index < row.size(); ++index)
    if (row[index] > row[top] || std::isnan(row[top]))
      top = static_cast<int64_t>(index);
  return top;
}

double mlir::ptq::computeAccuracy(const ResultRows &results,
                                  llvm::ArrayRef<int64_t> labels) {
  int64_t correct = 0;
  for (int64_t row = 0; row < results.getNumRows(); ++row)
    correct += getTop1(results.getRow(row)) == labels[row];
  return static_cast<double>(correct) / results.getNumRows();
}

double mlir::ptq::computeAgreement(const ResultRows &results,
                                   const ResultRows &reference) {
  int64_t equal = 0;
  for (int64_t row = 0; row < results.getNumRows(); ++row)
    equal += getTop1(results.getRow(row)) == getTop1(reference.getRow(row));
  return static_cast<double>(equal) / results.getNumRows();
}

double mlir::ptq::computeSqnr(llvm::ArrayRef<double> results,
                              llvm::ArrayRef<double> reference) {
  double signal = 0, noise = 0;
  for (auto [result, expected] : llvm::zip_equal(results, reference)) {
    signal += expected * expected;
    noise += (expected - result) * (expected - result);
  }
  if (noise == 0)
    return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal / noise);
}

double mlir::ptq::computeMedianSqnr(const ResultRows &results,
                                    const ResultRows &reference) {
  std::vector<double> all;
  for (int64_t row = 0; row < results.getNumRows(); ++row)
    all.push_back(computeSqnr(results.getRow(row), reference.getRow(row)));
  return computeMedian(std::move(all));
}

double mlir::ptq::computeMedian(std::vector<double> values) {
  llvm::sort(values);
  size_t middle = values.size() / 2;
  if (values.size() % 2 || values[middle - 1] == values[middle])
    return values[middle];
  return (values[middle - 1] + values[middle]) / 2;
}
