//===- NumpyArray.h - Arrays in NumPy's file format -------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The .npy format, versions 1 to 3, as numpy.lib.format specifies it: a header
// that is a Python dictionary, then the elements. Little-endian, C order, plain
// numbers; everything else is refused with an error that says what it is.
//
// NumPy itself has no bfloat16. Arrays of the one of the ml_dtypes package are
// saved as two bytes without a type ('V2'), and are read as what they were.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CALIBRATION_NUMPYARRAY_H
#define PTQ_CALIBRATION_NUMPYARRAY_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace mlir::ptq {

/// The element types that arrays may have.
enum class ElementKind {
  Bool,
  Int8,
  Int16,
  Int32,
  Int64,
  UInt8,
  UInt16,
  UInt32,
  UInt64,
  Float16,
  BFloat16,
  Float32,
  Float64
};

/// The size of one element in bytes.
unsigned getElementSize(ElementKind kind);

/// The name that NumPy or ml_dtypes have for the type, such as "float32".
llvm::StringRef getElementName(ElementKind kind);

/// `shape` as messages have it, such as "[2, 3]".
std::string formatShape(llvm::ArrayRef<int64_t> shape);

/// An array of numbers in row-major order.
struct NumpyArray {
  ElementKind kind = ElementKind::Float32;
  llvm::SmallVector<int64_t> shape;
  std::vector<char> data;

  int64_t getNumElements() const;

  /// The elements as `T`, which must be of the element's size.
  template <typename T>
  llvm::ArrayRef<T> getElements() const {
    return {reinterpret_cast<const T *>(data.data()), data.size() / sizeof(T)};
  }
};

/// Reads the contents of a .npy file. `name` is what errors call it.
llvm::Expected<NumpyArray> parseNumpyArray(llvm::StringRef contents,
                                           llvm::StringRef name);

/// Reads the .npy file at `path`.
llvm::Expected<NumpyArray> readNumpyFile(llvm::StringRef path);

/// The contents of a .npy file (version 1.0) of `array`.
std::string serializeNumpyArray(const NumpyArray &array);

} // namespace mlir::ptq

#endif // PTQ_CALIBRATION_NUMPYARRAY_H
