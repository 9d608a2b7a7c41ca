//===- CalibrationTable.h - Statistics on disk ------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The statistics of all edges of a model, as a file. A table holds what was
// seen and nothing of how ranges are chosen, so that one run over the samples
// serves every estimator, and shards of the samples can be run apart and
// merged: the table of all samples is the same, byte for byte, as the merged
// one.
//
// The file is text, one fact a line, in a fixed order; floats are written as
// the hexadecimal digits of their bits, so nothing is rounded. The last line
// holds a checksum of all before it.
//
//   ptq-calibration-table 1
//   model "5f3c..."
//   samples 100
//   edges 1
//   edge "conv0" "8d01..." 1
//   channel histogram 1000 250 0 0 00000000 40d00000
//   positive -9 3 1 z20 7
//   end 0123456789abcdef
//
// A channel has its detail, the numbers of elements, zeros, NaN and infinities,
// and the extremes; then, where there are any, `negative` and `positive` with
// the exponent of a side's bins and their counts (z20 is 20 empty bins),
// `values` with a number of values in ascending order, and `extremes` with a
// number of triples of sample, minimum and maximum.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_CALIBRATIONTABLE_H
#define PTQ_CALIBRATION_CALIBRATIONTABLE_H

#include "ptq/Calibration/TensorStatistics.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace mlir::ptq {

/// What makes an edge the same edge in another run.
struct EdgeIdentity {
  std::string name;
  /// A hash of the model's structure up to and including this edge, or empty.
  std::string structure;
  int64_t numChannels = 1;

  bool operator==(const EdgeIdentity &other) const {
    return name == other.name && structure == other.structure &&
           numChannels == other.numChannels;
  }
};

/// Statistics of the edges of one model, in the order of the model.
class CalibrationTable {
public:
  static constexpr int64_t kVersion = 1;

  struct Edge {
    std::string name;
    std::string structure;
    TensorStatistics statistics;

    EdgeIdentity getIdentity() const {
      return {name, structure,
              static_cast<int64_t>(statistics.getChannels().size())};
    }
  };

  /// A hash of the structure of the model.
  std::string modelHash;
  /// The samples that were run.
  int64_t numSamples = 0;
  std::vector<Edge> edges;

  /// The edge of this name, or null.
  const Edge *lookup(llvm::StringRef name) const;

  /// Checks that the table is of a model with this hash and these edges. The
  /// error names the first edge that differs and `origin`, the table's file.
  llvm::Error checkModel(llvm::StringRef modelHash,
                         llvm::ArrayRef<EdgeIdentity> modelEdges,
                         llvm::StringRef origin) const;

  /// Adds what `other`, read from `origin`, has seen of the same model. Fails,
  /// and adds nothing, for another model or where details differ.
  llvm::Error merge(const CalibrationTable &other, llvm::StringRef origin);

  void print(llvm::raw_ostream &os) const;

  /// Reads what `print` wrote. Errors name `origin`.
  static llvm::Expected<CalibrationTable> parse(llvm::StringRef text,
                                                llvm::StringRef origin);

  /// Writes the file as a whole or not at all.
  llvm::Error write(llvm::StringRef path) const;
  static llvm::Expected<CalibrationTable> read(llvm::StringRef path);
};

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_CALIBRATIONTABLE_H
