//===- Divergence.cpp - How much a quantizer changes a histogram ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/Divergence.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

using namespace mlir::ptq;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// x ln(x), and its limit at 0.
static double xLogX(double x) { return x > 0 ? x * std::log(x) : 0; }

/// The same to base 2.
static double xLog2X(double x) { return x > 0 ? x * std::log2(x) : 0; }

static double getSum(llvm::ArrayRef<double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

double mlir::ptq::computeKLDivergence(llvm::ArrayRef<double> p,
                                      llvm::ArrayRef<double> q) {
  double pSum = getSum(p), qSum = getSum(q), divergence = 0;
  for (auto [pk, qk] : llvm::zip(p, q))
    if (pk > 0)
      divergence +=
          qk > 0 ? pk / pSum * std::log(pk / pSum * (qSum / qk)) : kInfinity;
  return divergence;
}

double mlir::ptq::computeJSDivergence(llvm::ArrayRef<double> p,
                                      llvm::ArrayRef<double> q) {
  double pSum = getSum(p), qSum = getSum(q), divergence = 0;
  for (auto [pk, qk] : llvm::zip(p, q)) {
    double a = pk / pSum, b = qk / qSum, middle = (a + b) / 2;
    divergence += (xLog2X(a) + xLog2X(b)) / 2 - xLog2X(middle);
  }
  return divergence;
}

namespace {
/// Sums over the first bins of a histogram.
class BinSums {
public:
  explicit BinSums(llvm::ArrayRef<double> counts)
      : masses(1), usedBins(1), logs(1) {
    for (double count : counts) {
      masses.push_back(masses.back() + count);
      usedBins.push_back(usedBins.back() + (count > 0));
      logs.push_back(logs.back() + xLogX(count));
    }
  }

  double getTotal() const { return masses.back(); }
  double getMass(int64_t begin, int64_t end) const {
    return masses[end] - masses[begin];
  }
  /// The number of bins that are not empty.
  int64_t getNumUsed(int64_t begin, int64_t end) const {
    return usedBins[end] - usedBins[begin];
  }
  /// The sum of h ln(h) over the first bins.
  double getLogs(int64_t end) const { return logs[end]; }

private:
  std::vector<double> masses;
  std::vector<int64_t> usedBins;
  std::vector<double> logs;
};

/// The bins [begin, end) that one of `levels` codes stands for when `numBins`
/// bins are kept.
struct Group {
  int64_t begin;
  int64_t end;

  Group(int64_t index, int64_t levels, int64_t numBins)
      : begin((index * numBins + levels - 1) / levels),
        end(((index + 1) * numBins + levels - 1) / levels) {}
};
} // namespace

/// The Kullback-Leibler divergence of keeping `numBins` bins. With m the mass
/// of a group, z the number of its used bins, S the total mass and S_i the kept
/// one, the sum of P ln(P/Q) without the tail is
///   (sum of h ln(h) - sum of m ln(m/z)) / S + ln(S_i/S)
/// and what remains is to exchange the last bin's term.
static double getKLDivergence(llvm::ArrayRef<double> counts,
                              const BinSums &sums, int64_t numBins,
                              int64_t levels) {
  double kept = sums.getMass(0, numBins), last = counts[numBins - 1];
  double clippedLast = last + (sums.getTotal() - kept);
  if (kept <= 0 || (last <= 0 && clippedLast > 0))
    return kInfinity;
  double divergence = sums.getLogs(numBins), lastMean = 0;
  for (int64_t l = 0; l < levels; ++l) {
    Group group(l, levels, numBins);
    double mass = sums.getMass(group.begin, group.end);
    if (mass <= 0)
      continue;
    double mean =
        mass / static_cast<double>(sums.getNumUsed(group.begin, group.end));
    divergence -= mass * std::log(mean);
    lastMean = mean;
  }
  if (last > 0)
    divergence += (xLogX(clippedLast) - xLogX(last)) -
                  (clippedLast - last) * std::log(lastMean);
  return divergence / sums.getTotal() + std::log(kept / sums.getTotal());
}

DivergenceMinimum mlir::ptq::minimizeKLDivergence(llvm::ArrayRef<double> counts,
                                                  int64_t levels,
                                                  double minKept) {
  auto numBins = static_cast<int64_t>(counts.size());
  BinSums sums(counts);
  DivergenceMinimum best = {numBins, kInfinity};
  for (int64_t i = levels; i <= numBins; ++i) {
    if (sums.getMass(0, i) < minKept * sums.getTotal())
      continue;
    double divergence = getKLDivergence(counts, sums, i, levels);
    if (divergence < best.divergence)
      best = {i, divergence};
  }
  return numBins < levels ? DivergenceMinimum{numBins, 0} : best;
}

/// The Jensen-Shannon divergence of keeping `numBins` bins.
static double getJSDivergence(llvm::ArrayRef<double> counts,
                              const BinSums &sums, int64_t numBins,
                              int64_t levels) {
  double kept = sums.getMass(0, numBins), total = sums.getTotal();
  double clippedLast = counts[numBins - 1] + (total - kept);
  // Twice the divergence: P log2(P) + Q log2(Q) - 2 M log2(M).
  constexpr double kLn2 = 0.693147180559945309417;
  double p =
      sums.getLogs(numBins) - xLogX(counts[numBins - 1]) + xLogX(clippedLast);
  double divergence = p / (total * kLn2) - std::log2(total);
  for (int64_t l = 0; l < levels; ++l) {
    Group group(l, levels, numBins);
    int64_t numUsed = sums.getNumUsed(group.begin, group.end);
    double mean = 0;
    if (numUsed > 0) {
      double mass = sums.getMass(group.begin, group.end) / kept;
      mean = mass / static_cast<double>(numUsed);
      divergence += mass * std::log2(mean);
    }
    for (int64_t k = group.begin; k < group.end; ++k) {
      double count = k + 1 == numBins ? clippedLast : counts[k];
      if (count > 0) {
        double sum = count / total + (counts[k] > 0 ? mean : 0);
        divergence -= sum * (std::log2(sum) - 1);
      }
    }
  }
  return std::max(divergence / 2, 0.0);
}

/// A bound from below on the divergence of keeping `numBins` bins, found
/// without visiting them: telling only the last bin apart from the others
/// cannot make two distributions differ more.
static double getJSDivergenceBound(llvm::ArrayRef<double> counts,
                                   const BinSums &sums, int64_t numBins,
                                   int64_t levels) {
  double kept = sums.getMass(0, numBins), total = sums.getTotal();
  double last = counts[numBins - 1];
  double p = (last + (total - kept)) / total, q = 0;
  if (last > 0) {
    Group group(levels - 1, levels, numBins);
    q = sums.getMass(group.begin, group.end) / kept /
        static_cast<double>(sums.getNumUsed(group.begin, group.end));
  }
  return computeJSDivergence({1 - p, p}, {1 - q, q});
}

DivergenceMinimum mlir::ptq::minimizeJSDivergence(llvm::ArrayRef<double> counts,
                                                  int64_t levels,
                                                  double minKept) {
  auto numBins = static_cast<int64_t>(counts.size());
  BinSums sums(counts);
  DivergenceMinimum best = {numBins, kInfinity};
  // From the last on, since what is clipped soon rules out the others.
  for (int64_t i = numBins; i >= levels; --i) {
    double kept = sums.getMass(0, i);
    if (kept <= 0 || kept < minKept * sums.getTotal())
      break;
    if (getJSDivergenceBound(counts, sums, i, levels) > best.divergence)
      continue;
    double divergence = getJSDivergence(counts, sums, i, levels);
    if (divergence <= best.divergence)
      best = {i, divergence};
  }
  return numBins < levels ? DivergenceMinimum{numBins, 0} : best;
}
