//===- CalibrationReport.h - Calibration as a page to look at ---*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What calibration found out about a network, in the form that is shown to
// people: one self-contained HTML page with the histogram, the chosen range and
// the damage of every edge.
//
// The structs are plain data, independent of the IR, of statistics and of
// estimators: whoever knows these fills them in. A number that was not measured
// is absent or NaN and shows as a dash.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_CALIBRATIONREPORT_H
#define PTQ_CALIBRATION_CALIBRATIONREPORT_H

#include "ptq/Dialect/PTQ/IR/PTQEnums.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlir::ptq {

class TensorStatistics;

/// How many elements lie in each of a row of bins of one width.
struct ReportHistogram {
  /// Where the first bin begins.
  double leftEdge = 0;
  /// The width of every bin, in units of the tensor's elements.
  double binWidth = 0;
  llvm::SmallVector<uint64_t, 0> counts;
};

/// The same elements in at most `maxBins` (2 or more) bins: empty bins at both
/// ends are dropped, and neighbours are merged in groups of one size. Where 0
/// was an edge between bins it stays one.
ReportHistogram mergeHistogramBins(const ReportHistogram &histogram,
                                   size_t maxBins);

/// What represents one tensor or one channel by integers.
struct EdgeParameters {
  /// The chosen range, in units of the tensor's elements.
  double rangeMin = 0;
  double rangeMax = 0;
  float scale = 1;
  int64_t zeroPoint = 0;
};

/// What calibration found out about one edge of the network.
struct EdgeReport {
  /// The edge's stable name.
  std::string name;
  /// Where the edge comes from: its location, and the op that produces it.
  std::string location;
  std::string opKind;
  OperandRole role = OperandRole::Activation;
  /// When the network first uses the edge, counted over edges.
  uint64_t position = 0;

  /// The storage type as the IR prints it, such as "i8".
  std::string storage;
  Symmetry symmetry = Symmetry::Asymmetric;
  Granularity granularity = Granularity::Tensor;

  /// The smallest and the largest finite element; NaN where there is none.
  float dataMin = 0;
  float dataMax = 0;
  /// One for the tensor, or one for each channel.
  llvm::SmallVector<EdgeParameters, 1> parameters;
  /// Who chose the range.
  std::string estimator;

  uint64_t numSamples = 0;
  /// All elements seen, and how many of them were zero or not finite.
  uint64_t numElements = 0;
  uint64_t numZeros = 0;
  uint64_t numNaNs = 0;
  uint64_t numInfinities = 0;

  /// The shares of elements (0 to 1) below and above the chosen range.
  double clippedLow = 0;
  double clippedHigh = 0;
  /// Signal to quantization noise of the edge in dB; NaN where it was not
  /// measured, infinite where the codes represent the data exactly.
  double sqnrDb = 0;
  /// How much quantizing this edge alone disturbs the outputs of the ops that
  /// consume it. Not negative; larger is worse.
  std::optional<double> harm;

  /// Of the whole tensor, zeros left out; without counts where there is none.
  ReportHistogram histogram;
  /// What the reader should look into, one sentence each.
  std::vector<std::string> warnings;

  /// The least interval that contains the ranges of all channels; NaN to NaN
  /// without parameters.
  double getRangeMin() const;
  double getRangeMax() const;
  /// The share of elements outside the chosen range, on either side.
  double getClippedShare() const { return clippedLow + clippedHigh; }
};

/// Fills in what `statistics` know of an edge: extremes, counts of elements,
/// and the histogram if they have one. Channels are added up.
void describeStatistics(const TensorStatistics &statistics, EdgeReport &edge);

/// The constants that quantization makes smaller.
struct WeightsReport {
  uint64_t numTensors = 0;
  uint64_t numBytesBefore = 0;
  uint64_t numBytesAfter = 0;
};

/// A number about the whole network that the caller measured, such as the
/// agreement with the float network.
struct ReportFigure {
  std::string label;
  std::string value;
  /// What the number means, or compares with; may be empty.
  std::string note;
};

/// What calibration found out about a network.
struct NetworkReport {
  std::string title = "Calibration report";
  std::string modelName;
  /// The samples in words, such as the name of their file.
  std::string dataDescription;
  /// The method that was asked for.
  std::string method;
  uint64_t numSamples = 0;
  WeightsReport weights;
  std::vector<ReportFigure> figures;
  /// In the order of the network.
  std::vector<EdgeReport> edges;
};

/// What the edges of a report amount to.
struct ReportSummary {
  uint64_t numActivations = 0;
  uint64_t numWeights = 0;
  /// The number of warnings on all edges.
  uint64_t numWarnings = 0;
  /// The index of the edge with the least SQNR among those that have one.
  std::optional<size_t> worstEdge;
  /// Of the edges that have an SQNR, the lower one of two in the middle.
  std::optional<double> medianSqnrDb;
  /// The share of activation elements outside their ranges, over all edges;
  /// absent if no element was seen.
  std::optional<double> clippedShare;
};

/// The figures of `report` taken together.
ReportSummary summarizeReport(const NetworkReport &report);

/// Writes one HTML page that needs nothing else: no network, no other file. The
/// same report gives the same bytes. Names and texts are data and may contain
/// anything. Fails, having written nothing, if a histogram is malformed: a bin
/// width or edge that is not finite, or a width that is not positive. Errors of
/// the stream are the caller's to check.
llvm::Error writeCalibrationReport(llvm::raw_ostream &os,
                                   const NetworkReport &report);

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_CALIBRATIONREPORT_H
