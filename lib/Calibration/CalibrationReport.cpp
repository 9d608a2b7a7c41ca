//===- CalibrationReport.cpp - What the edges of a report amount to -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/CalibrationReport.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

using namespace mlir::ptq;

double EdgeReport::getRangeMin() const {
  double least = std::numeric_limits<double>::quiet_NaN();
  for (const EdgeParameters &channel : parameters)
    least = std::fmin(least, channel.rangeMin);
  return least;
}

double EdgeReport::getRangeMax() const {
  double largest = std::numeric_limits<double>::quiet_NaN();
  for (const EdgeParameters &channel : parameters)
    largest = std::fmax(largest, channel.rangeMax);
  return largest;
}

/// The number of the first bin, counted from 0, if 0 is an edge between bins of
/// this width; 0 otherwise.
static int64_t getFirstBinNumber(const ReportHistogram &histogram) {
  constexpr double kLargestExact = 9007199254740992.0; // 2^53
  double number = histogram.leftEdge / histogram.binWidth;
  bool isAligned =
      std::trunc(number) == number && std::abs(number) < kLargestExact;
  return isAligned ? static_cast<int64_t>(number) : 0;
}

ReportHistogram mlir::ptq::mergeHistogramBins(const ReportHistogram &histogram,
                                              size_t maxBins) {
  assert(maxBins >= 2 && "bins on both sides of 0 need two");
  ReportHistogram merged;
  merged.leftEdge = histogram.leftEdge;
  merged.binWidth = histogram.binWidth;
  llvm::ArrayRef<uint64_t> counts = histogram.counts;
  size_t numLeading = 0;
  while (!counts.empty() && counts.back() == 0)
    counts = counts.drop_back();
  while (!counts.empty() && counts.front() == 0) {
    counts = counts.drop_front();
    ++numLeading;
  }
  if (counts.empty())
    return merged;

  // Group `g` holds the bins numbered g * size to g * size + size - 1, so that
  // groups are aligned at 0 like the bins themselves.
  int64_t origin = getFirstBinNumber(histogram);
  int64_t first = origin + static_cast<int64_t>(numLeading);
  int64_t last = first + static_cast<int64_t>(counts.size()) - 1;
  int64_t size = llvm::divideCeil(counts.size(), maxBins);
  auto getGroup = [&](int64_t bin) {
    return llvm::divideFloorSigned(bin, size);
  };
  while (getGroup(last) - getGroup(first) >= static_cast<int64_t>(maxBins))
    ++size;

  int64_t firstGroup = getGroup(first);
  merged.leftEdge +=
      static_cast<double>(firstGroup * size - origin) * histogram.binWidth;
  merged.binWidth *= static_cast<double>(size);
  merged.counts.resize(getGroup(last) - firstGroup + 1);
  for (auto [index, count] : llvm::enumerate(counts))
    merged.counts[getGroup(first + static_cast<int64_t>(index)) - firstGroup] +=
        count;
  return merged;
}

ReportSummary mlir::ptq::summarizeReport(const NetworkReport &report) {
  ReportSummary summary;
  llvm::SmallVector<double> ratios;
  double numElements = 0, numClipped = 0;
  for (auto [index, edge] : llvm::enumerate(report.edges)) {
    summary.numWarnings += edge.warnings.size();
    if (edge.role == OperandRole::Weight) {
      ++summary.numWeights;
    } else {
      ++summary.numActivations;
      numElements += static_cast<double>(edge.numElements);
      numClipped +=
          static_cast<double>(edge.numElements) * edge.getClippedShare();
    }
    if (std::isnan(edge.sqnrDb))
      continue;
    ratios.push_back(edge.sqnrDb);
    if (!summary.worstEdge ||
        edge.sqnrDb < report.edges[*summary.worstEdge].sqnrDb)
      summary.worstEdge = index;
  }
  if (!ratios.empty()) {
    auto middle = ratios.begin() + (ratios.size() - 1) / 2;
    std::nth_element(ratios.begin(), middle, ratios.end());
    summary.medianSqnrDb = *middle;
  }
  if (numElements > 0)
    summary.clippedShare = numClipped / numElements;
  return summary;
}
