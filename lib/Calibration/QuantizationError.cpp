//===- QuantizationError.cpp - What a range costs -------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/QuantizationError.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>

using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// The error of one range
//===----------------------------------------------------------------------===//

namespace {
/// A quantizer as a step function on the real line.
struct Quantizer {
  double scale;
  double zeroPoint;
  double minCode;
  double maxCode;

  Quantizer(const RealRange &range, const EncodingSpec &encoding) {
    QuantizationParameters parameters = chooseQuantizationParameters(
        range.min, range.max, encoding.symmetry, encoding.codes);
    scale = double{parameters.scale};
    zeroPoint = static_cast<double>(parameters.zeroPoint);
    minCode = static_cast<double>(encoding.codes.min);
    maxCode = static_cast<double>(encoding.codes.max);
  }

  double getValue(double code) const { return (code - zeroPoint) * scale; }

  double getCode(double x) const {
    return std::clamp(std::nearbyint(x / scale) + zeroPoint, minCode, maxCode);
  }

  /// The largest x that rounds to `code`.
  double getUpperEnd(double code) const {
    return code >= maxCode ? std::numeric_limits<double>::infinity()
                           : (code - zeroPoint + 0.5) * scale;
  }
};
} // namespace

/// The sum of (x - value)^2.
static double getError(const Moments &moments, double value) {
  double error = moments.sumOfSquares - 2 * value * moments.sum +
                 value * value * moments.count;
  // Differences of sums may leave a negative rest.
  return std::max(error, 0.0);
}

/// The part of the error that lies beyond the first and last code's value.
static double getClippingError(const Distribution &distribution,
                               const Quantizer &quantizer) {
  double low = quantizer.getValue(quantizer.minCode);
  double high = quantizer.getValue(quantizer.maxCode);
  double error = 0;
  if (distribution.getMin() < low)
    error += getError(distribution.getMomentsBelow(low), low);
  if (distribution.getMax() > high)
    error += getError(
        distribution.getMoments() - distribution.getMomentsBelow(high), high);
  return error;
}

/// The error by codes: one question to the distribution for each.
static double getErrorOfCodes(const Distribution &distribution,
                              const Quantizer &quantizer) {
  double lastCode = quantizer.getCode(distribution.getMax());
  double error = 0;
  Moments begin;
  for (double code = quantizer.getCode(distribution.getMin()); code < lastCode;
       ++code) {
    Moments end = distribution.getMomentsBelow(quantizer.getUpperEnd(code));
    error += getError(end - begin, quantizer.getValue(code));
    begin = end;
  }
  return error + getError(distribution.getMoments() - begin,
                          quantizer.getValue(lastCode));
}

/// The error of values spread evenly over a cell.
static double getErrorOfSpread(const Distribution::Cell &cell,
                               const Quantizer &quantizer) {
  double code = quantizer.getCode(cell.low);
  double lastCode = quantizer.getCode(cell.high);
  // Over many whole steps the mean is that of one step.
  if (lastCode - code > 8)
    return cell.count * quantizer.scale * quantizer.scale / 12;
  double density = cell.count / (cell.high - cell.low), error = 0;
  for (double low = cell.low; code <= lastCode; ++code) {
    double high = std::min(cell.high, quantizer.getUpperEnd(code));
    double a = low - quantizer.getValue(code);
    double b = high - quantizer.getValue(code);
    error += density * (b - a) * (a * a + a * b + b * b) / 3;
    low = high;
  }
  return error;
}

/// The error by cells.
static double getErrorOfCells(const Distribution &distribution,
                              const Quantizer &quantizer) {
  // Adding and subtracting 1.5 * 2^52 rounds to the nearest integer, ties to
  // even, where std::nearbyint would be a call for each value.
  constexpr double kRounder = 6755399441055744.0;
  double low = quantizer.minCode - quantizer.zeroPoint;
  double high = quantizer.maxCode - quantizer.zeroPoint;
  double scale = quantizer.scale, error = 0;
  for (const Distribution::Cell &cell : distribution.getCells()) {
    if (cell.low != cell.high) {
      error += getErrorOfSpread(cell, quantizer);
      continue;
    }
    double steps = std::clamp(cell.low / scale, low, high);
    double rounded = (steps + kRounder) - kRounder;
    double difference = cell.low - rounded * scale;
    error += cell.count * difference * difference;
  }
  return error;
}

double mlir::ptq::computeMeanSquaredError(const Distribution &distribution,
                                          const RealRange &range,
                                          const EncodingSpec &encoding,
                                          double bound) {
  if (distribution.isEmpty())
    return 0;
  Quantizer quantizer(range, encoding);
  double count = distribution.getMoments().count;
  if (getClippingError(distribution, quantizer) > bound * count)
    return std::numeric_limits<double>::infinity();
  // A cell that is a point costs less than a question to the distribution.
  double numCells = static_cast<double>(distribution.getCells().size());
  double numCodes = quantizer.maxCode - quantizer.minCode + 1;
  bool byCells = numCells < (distribution.hasOnlyPoints() ? 3 : 0.5) * numCodes;
  return (byCells ? getErrorOfCells(distribution, quantizer)
                  : getErrorOfCodes(distribution, quantizer)) /
         count;
}

//===----------------------------------------------------------------------===//
// The best range
//===----------------------------------------------------------------------===//

RangeError mlir::ptq::findBestThreshold(const Distribution &distribution,
                                        llvm::ArrayRef<double> thresholds,
                                        const EncodingSpec &encoding) {
  // From the largest on, since clipping soon costs more than the best so far.
  RangeError best;
  for (double threshold : llvm::reverse(thresholds)) {
    RealRange range = {-threshold, threshold};
    double error =
        computeMeanSquaredError(distribution, range, encoding, best.error);
    if (error <= best.error)
      best = {range, error};
  }
  return best;
}

namespace {
/// Searches pairs of a low and a high end.
class RangeSearch {
public:
  RangeSearch(const Distribution &distribution, llvm::ArrayRef<double> lows,
              llvm::ArrayRef<double> highs, const EncodingSpec &encoding)
      : distribution(distribution), lows(lows), highs(highs),
        encoding(encoding) {}

  RangeError run() {
    // A single end leaves a single line to search.
    if (lows.size() > 1 && highs.size() > 1) {
      searchGrid();
      refine();
    } else {
      best = evaluate(lows.size() - 1, highs.size() - 1);
    }
    while (searchLines())
      ;
    return {{lows[best.low], highs[best.high]}, best.error};
  }

private:
  static constexpr size_t kGridSize = 48;
  static constexpr size_t kNumStarts = 8;

  struct Candidate {
    size_t low;
    size_t high;
    double error;
  };

  Candidate evaluate(size_t low, size_t high,
                     double bound = std::numeric_limits<double>::infinity()) {
    return {low, high,
            computeMeanSquaredError(distribution, {lows[low], highs[high]},
                                    encoding, bound)};
  }

  static size_t getStride(size_t size) {
    return std::max<size_t>(1, (size + kGridSize - 1) / kGridSize);
  }

  /// Fills `starts` with the best pairs of an even grid that contains the
  /// whole range.
  void searchGrid() {
    for (size_t i = 0; i < lows.size(); i += getStride(lows.size()))
      for (size_t j = 0; j < highs.size(); j += getStride(highs.size())) {
        double bound = starts.size() < kNumStarts
                           ? std::numeric_limits<double>::infinity()
                           : starts.back().error;
        Candidate candidate =
            evaluate(lows.size() - 1 - i, highs.size() - 1 - j, bound);
        if (!(candidate.error < bound))
          continue;
        auto it = llvm::upper_bound(starts, candidate,
                                    [](const Candidate &a, const Candidate &b) {
                                      return a.error < b.error;
                                    });
        starts.insert(it, candidate);
        if (starts.size() > kNumStarts)
          starts.pop_back();
      }
  }

  /// Moves each start to its best neighbour, at half the step each time.
  void refine() {
    for (Candidate current : starts) {
      size_t lowStep = getStride(lows.size());
      size_t highStep = getStride(highs.size());
      while (lowStep > 1 || highStep > 1) {
        lowStep = (lowStep + 1) / 2;
        highStep = (highStep + 1) / 2;
        Candidate center = current;
        for (int i = -1; i <= 1; ++i)
          for (int j = -1; j <= 1; ++j) {
            Candidate next = evaluate(
                move(center.low, i, lowStep, lows.size()),
                move(center.high, j, highStep, highs.size()), current.error);
            if (next.error < current.error)
              current = next;
          }
      }
      if (current.error < best.error)
        best = current;
    }
  }

  static size_t move(size_t index, int direction, size_t step, size_t size) {
    if (direction < 0)
      return index < step ? 0 : index - step;
    return direction == 0 ? index : std::min(index + step, size - 1);
  }

  /// Tries every low end with the best high end, then conversely. Returns
  /// whether that changed anything.
  bool searchLines() {
    Candidate before = best;
    for (size_t low = lows.size(); low-- > 0;)
      improve(low, best.high);
    for (size_t high = highs.size(); high-- > 0;)
      improve(best.low, high);
    return best.error < before.error;
  }

  void improve(size_t low, size_t high) {
    Candidate candidate = evaluate(low, high, best.error);
    if (candidate.error < best.error)
      best = candidate;
  }

  const Distribution &distribution;
  llvm::ArrayRef<double> lows, highs;
  const EncodingSpec &encoding;
  llvm::SmallVector<Candidate, kNumStarts + 1> starts;
  Candidate best = {0, 0, std::numeric_limits<double>::infinity()};
};
} // namespace

RangeError mlir::ptq::findBestRange(const Distribution &distribution,
                                    llvm::ArrayRef<double> lows,
                                    llvm::ArrayRef<double> highs,
                                    const EncodingSpec &encoding) {
  if (distribution.isEmpty() || lows.empty() || highs.empty())
    return {{0, 0}, 0};
  return RangeSearch(distribution, lows, highs, encoding).run();
}
