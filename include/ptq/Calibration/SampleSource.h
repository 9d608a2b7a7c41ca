//===- SampleSource.h - Where calibration samples come from -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_SAMPLESOURCE_H
#define PTQ_CALIBRATION_SAMPLESOURCE_H

#include "ptq/Calibration/NumpyArray.h"
#include <memory>

namespace mlir::ptq {

/// What one input of a network expects of one sample.
struct SampleInput {
  std::string name;
  ElementKind kind;
  /// The shape of one sample, without the sample axis.
  llvm::SmallVector<int64_t> shape;
  /// Where the sample axis stands in arrays of samples.
  int64_t sampleAxis = 0;

  int64_t getSampleBytes() const;
};

/// Samples that can be read in any order, and from several threads at once.
class SampleSource {
public:
  virtual ~SampleSource() = default;

  /// The number of samples, the same for every input.
  virtual int64_t getNumSamples() const = 0;

  /// Writes sample `index` of input number `input` to `destination`, which has
  /// the size of one sample.
  virtual void read(int64_t index, size_t input,
                    llvm::MutableArrayRef<char> destination) const = 0;
};

/// How samples are read.
struct SampleOptions {
  /// Seed of random samples.
  uint64_t seed = 0;
  /// Use at most this many samples; 0 uses all (16 random ones).
  int64_t maxSamples = 0;
  /// Whether NaN and infinities are let through; otherwise they are an error.
  bool allowNonFinite = false;
};

/// Opens the samples that `spec` names:
///
/// * `FILE.npz`: arrays called like the inputs; a single array serves a single
///   input under any name;
/// * `FILE.npy`: the array of a network with one input;
/// * a directory: `<input>.npy` for each input, or else, for a network with one
///   input, any .npy files, whose samples follow each other in the order of the
///   file names;
/// * `random`: 16 samples, floats from the standard normal distribution,
///   integers from 0 to 15, the same for the same `seed`.
///
/// Arrays have a sample axis where the inputs have theirs; an array without it
/// is one sample. Inputs of bfloat16, which NumPy lacks, take float32 as well,
/// rounded to the nearest, ties to even. Errors, which name file and array: no
/// such file or array, another shape or element type, no samples, different
/// numbers of samples for different inputs, NaN or infinite values where they
/// are not allowed.
llvm::Expected<std::unique_ptr<SampleSource>>
openSamples(llvm::StringRef spec, llvm::ArrayRef<SampleInput> inputs,
            const SampleOptions &options = {});

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_SAMPLESOURCE_H
