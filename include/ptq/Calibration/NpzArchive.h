//===- NpzArchive.h - Named arrays in one file ------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_NPZARCHIVE_H
#define PTQ_CALIBRATION_NPZARCHIVE_H

#include "ptq/Calibration/NumpyArray.h"
#include "llvm/ADT/MapVector.h"
#include <memory>

struct zip;

namespace mlir::ptq {

/// A .npz file: a zip archive of .npy members, stored or deflated. Checksums
/// are verified as members are read.
class NpzArchive {
public:
  static llvm::Expected<NpzArchive> open(llvm::StringRef path);

  /// The names of the arrays, without ".npy", in the file's order.
  llvm::ArrayRef<std::string> getNames() const { return names; }

  bool contains(llvm::StringRef name) const;

  /// Reads one array. An unknown name is an error that lists the ones there
  /// are.
  llvm::Expected<NumpyArray> read(llvm::StringRef name) const;

private:
  struct ZipCloser {
    void operator()(struct zip *archive) const;
  };

  std::string path;
  std::unique_ptr<struct zip, ZipCloser> archive;
  std::vector<std::string> names;
};

/// Writes arrays as a deflated .npz file. An existing file is replaced as a
/// whole once everything has been written.
llvm::Error
writeNpzFile(llvm::StringRef path,
             llvm::ArrayRef<std::pair<std::string, NumpyArray>> arrays);

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_NPZARCHIVE_H
