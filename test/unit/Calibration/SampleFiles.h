//===- SampleFiles.h - Files for tests of samples ---------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TEST_UNIT_CALIBRATION_SAMPLEFILES_H
#define PTQ_TEST_UNIT_CALIBRATION_SAMPLEFILES_H

#include "ptq/Calibration/NpzArchive.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <cstring>

namespace mlir::ptq {

/// A directory that goes when the test ends.
class TemporaryDirectory {
public:
  TemporaryDirectory() {
    EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("ptq-test", path));
  }
  ~TemporaryDirectory() { llvm::sys::fs::remove_directories(path); }

  std::string getPath() const { return path.str().str(); }

  std::string getFile(llvm::StringRef name) const {
    llvm::SmallString<128> file(path);
    llvm::sys::path::append(file, name);
    return file.str().str();
  }

  /// Writes `contents` and returns the path of the file.
  std::string write(llvm::StringRef name, llvm::StringRef contents) const {
    std::string file = getFile(name);
    std::error_code code;
    llvm::raw_fd_ostream(file, code) << contents;
    EXPECT_FALSE(code);
    return file;
  }

private:
  llvm::SmallString<128> path;
};

/// An f32 array with elements 0, 1, 2...
inline NumpyArray makeCounting(llvm::ArrayRef<int64_t> shape) {
  NumpyArray array;
  array.shape.assign(shape.begin(), shape.end());
  array.data.resize(array.getNumElements() * sizeof(float));
  for (int64_t i = 0; i < array.getNumElements(); ++i) {
    auto value = static_cast<float>(i);
    std::memcpy(&array.data[i * sizeof(float)], &value, sizeof(float));
  }
  return array;
}

} // namespace mlir::ptq

#endif // PTQ_TEST_UNIT_CALIBRATION_SAMPLEFILES_H
