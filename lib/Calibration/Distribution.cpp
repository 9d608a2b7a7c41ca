//===- Distribution.cpp - Where the values of a tensor lie ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/Distribution.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>

using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// MagnitudeHistogram
//===----------------------------------------------------------------------===//

MagnitudeHistogram MagnitudeHistogram::fromValues(llvm::ArrayRef<float> values,
                                                  int64_t numBins) {
  double largest = 0;
  for (float x : values)
    largest = std::max(largest, std::fabs(double{x}));
  MagnitudeHistogram result;
  if (largest == 0)
    return result;
  result.width = largest / static_cast<double>(numBins);
  result.counts.resize(numBins);
  for (float x : values)
    if (x != 0) {
      auto bin = static_cast<int64_t>(std::fabs(double{x}) / result.width);
      ++result.counts[std::min(bin, numBins - 1)];
    }
  return result;
}

MagnitudeHistogram
MagnitudeHistogram::get(const ChannelStatistics &statistics) {
  if (!statistics.histogram)
    return fromValues(statistics.values);
  const Histogram &histogram = *statistics.histogram;
  using Side = Histogram::Side;
  int exponent = std::max(histogram.getExponent(Side::Negative),
                          histogram.getExponent(Side::Positive));
  MagnitudeHistogram result;
  result.width = std::ldexp(1.0, exponent);
  result.counts.resize(Histogram::kNumBins);
  for (Side side : {Side::Negative, Side::Positive}) {
    if (histogram.isEmpty(side))
      continue;
    int shift = std::min(exponent - histogram.getExponent(side), 12);
    for (auto [k, count] : llvm::enumerate(histogram.getCounts(side)))
      result.counts[k >> shift] += static_cast<double>(count);
  }
  while (!result.counts.empty() && result.counts.back() == 0)
    result.counts.pop_back();
  return result;
}

//===----------------------------------------------------------------------===//
// Making distributions
//===----------------------------------------------------------------------===//

Distribution::Distribution(llvm::ArrayRef<Cell> allCells) {
  cells.reserve(allCells.size());
  prefix.reserve(allCells.size() + 1);
  prefix.emplace_back();
  for (const Cell &cell : allCells) {
    if (cell.count <= 0)
      continue;
    cells.push_back(cell);
    onlyPoints &= cell.low == cell.high;
    double low = cell.low, high = cell.high;
    Moments sum = prefix.back();
    sum.count += cell.count;
    sum.sum += cell.count * (low + high) / 2;
    sum.sumOfSquares += cell.count * (low * low + low * high + high * high) / 3;
    prefix.push_back(sum);
  }
  if (cells.empty())
    return;

  size_t numParts = std::clamp<size_t>(cells.size(), 1, 4096);
  double length = getMax() - getMin();
  partsPerUnit = length > 0 ? static_cast<double>(numParts) / length : 0;
  if (!std::isfinite(partsPerUnit))
    partsPerUnit = 0;
  index.assign(numParts + 1, 0);
  for (const Cell &cell : cells) {
    double part = (cell.low - getMin()) * partsPerUnit;
    ++index[std::min(static_cast<size_t>(part), numParts - 1) + 1];
  }
  for (size_t part = 1; part <= numParts; ++part)
    index[part] += index[part - 1];
}

/// Points of equal values, of values in ascending order.
static std::vector<Distribution::Cell> getPoints(llvm::ArrayRef<float> values) {
  std::vector<Distribution::Cell> cells;
  for (float x : values) {
    if (!cells.empty() && cells.back().low == x)
      ++cells.back().count;
    else
      cells.push_back({x, x, 1});
  }
  return cells;
}

Distribution Distribution::fromValues(llvm::ArrayRef<float> values) {
  std::vector<float> sorted(values.begin(), values.end());
  llvm::sort(sorted);
  return Distribution(getPoints(sorted));
}

Distribution Distribution::fromMagnitudes(const MagnitudeHistogram &histogram,
                                          double numZeros) {
  std::vector<Cell> cells = {{0, 0, numZeros}};
  for (auto [k, count] : llvm::enumerate(histogram.counts))
    cells.push_back({static_cast<double>(k) * histogram.width,
                     static_cast<double>(k + 1) * histogram.width, count});
  return Distribution(cells);
}

/// The cells of one side, nearest to zero first, by magnitude. The largest
/// magnitude is known, and ends the last.
static std::vector<Distribution::Cell>
getSideCells(const Histogram &histogram, Histogram::Side side, double largest) {
  std::vector<Distribution::Cell> cells;
  if (histogram.isEmpty(side))
    return cells;
  double width = std::ldexp(1.0, histogram.getExponent(side));
  for (auto [k, count] : llvm::enumerate(histogram.getCounts(side)))
    if (count != 0)
      cells.push_back({static_cast<double>(k) * width,
                       std::min(static_cast<double>(k + 1) * width, largest),
                       static_cast<double>(count)});
  return cells;
}

/// Raises the start of the first cell to the smallest value, which is known.
static void clampFirst(std::vector<Distribution::Cell> &cells, double min) {
  if (!cells.empty())
    cells.front().low = std::clamp(min, cells.front().low, cells.front().high);
}

Distribution Distribution::get(const ChannelStatistics &statistics) {
  if (statistics.getNumFinite() == 0)
    return Distribution({});
  if (statistics.detail == StatisticsDetail::Values)
    return fromValues(statistics.values);
  if (!statistics.histogram)
    return Distribution(Cell{statistics.min, statistics.max,
                             static_cast<double>(statistics.getNumFinite())});
  using Side = Histogram::Side;
  std::vector<Cell> cells;
  std::vector<Cell> negative = getSideCells(
      *statistics.histogram, Side::Negative, -double{statistics.min});
  for (const Cell &cell : llvm::reverse(negative))
    cells.push_back({-cell.high, -cell.low, cell.count});
  if (statistics.max < 0 && !cells.empty())
    cells.back().high = std::max(cells.back().low, double{statistics.max});
  cells.push_back({0, 0, static_cast<double>(statistics.numZeros)});
  std::vector<Cell> positive =
      getSideCells(*statistics.histogram, Side::Positive, statistics.max);
  if (statistics.min > 0)
    clampFirst(positive, statistics.min);
  llvm::append_range(cells, positive);
  return Distribution(cells);
}

Distribution Distribution::getMagnitudes(const ChannelStatistics &statistics) {
  if (statistics.getNumFinite() == 0)
    return Distribution({});
  if (statistics.detail == StatisticsDetail::Values) {
    std::vector<float> magnitudes;
    for (float x : statistics.values)
      magnitudes.push_back(std::fabs(x));
    return fromValues(magnitudes);
  }
  double min = statistics.min, max = statistics.max;
  if (min >= 0)
    return get(statistics);
  double largest = std::max(-min, max);
  if (!statistics.histogram)
    return Distribution(Cell{max < 0 ? -max : 0, largest,
                             static_cast<double>(statistics.getNumFinite())});
  MagnitudeHistogram histogram = MagnitudeHistogram::get(statistics);
  std::vector<Cell> cells;
  for (auto [k, count] : llvm::enumerate(histogram.counts))
    if (count != 0)
      cells.push_back(
          {static_cast<double>(k) * histogram.width,
           std::min(static_cast<double>(k + 1) * histogram.width, largest),
           count});
  if (max < 0)
    clampFirst(cells, -max);
  cells.insert(cells.begin(), {0, 0, static_cast<double>(statistics.numZeros)});
  return Distribution(cells);
}

//===----------------------------------------------------------------------===//
// Asking distributions
//===----------------------------------------------------------------------===//

/// The number of cells that start before `x`, which lies within (min, max].
size_t Distribution::findCellAfter(double x) const {
  size_t numParts = index.size() - 1;
  auto part = static_cast<size_t>((x - getMin()) * partsPerUnit);
  part = std::min(part, numParts - 1);
  auto begin = cells.begin() + index[part],
       end = cells.begin() + index[part + 1];
  auto it = std::partition_point(
      begin, end, [&](const Cell &cell) { return cell.low < x; });
  return it - cells.begin();
}

Moments Distribution::getMomentsBelow(double x) const {
  if (cells.empty() || x <= getMin())
    return {};
  if (x > getMax())
    return prefix.back();
  size_t after = findCellAfter(x);
  if (after == 0)
    return {};
  const Cell &cell = cells[after - 1];
  if (x >= cell.high)
    return prefix[after];
  Moments below = prefix[after - 1];
  double count = cell.count * ((x - cell.low) / (cell.high - cell.low));
  below.count += count;
  below.sum += count * (cell.low + x) / 2;
  below.sumOfSquares +=
      count * (cell.low * cell.low + cell.low * x + x * x) / 3;
  return below;
}

double Distribution::getOrderStatistic(double rank) const {
  double last = getMoments().count - 1;
  // The extremes are exact, whatever the cells.
  auto getAt = [&](double integerRank) {
    if (integerRank <= 0)
      return getMin();
    if (integerRank >= last)
      return getMax();
    auto it = llvm::upper_bound(prefix, integerRank,
                                [](double value, const Moments &moments) {
                                  return value < moments.count;
                                });
    size_t i = std::min<size_t>(it - prefix.begin(), cells.size()) - 1;
    const Cell &cell = cells[i];
    double part = (integerRank - prefix[i].count + 0.5) / cell.count;
    return cell.low + std::clamp(part, 0.0, 1.0) * (cell.high - cell.low);
  };
  double floor = std::floor(rank), fraction = rank - floor;
  double low = getAt(floor);
  if (fraction == 0)
    return low;
  return low + fraction * (getAt(floor + 1) - low);
}

double Distribution::getMeanDeviation(double center) const {
  if (cells.empty())
    return 0;
  const Moments &all = getMoments();
  Moments below = getMomentsBelow(center), above = all - below;
  return ((center * below.count - below.sum) +
          (above.sum - center * above.count)) /
         all.count;
}
