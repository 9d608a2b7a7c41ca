//===- NumpyArrayTest.cpp - Headers, elements, and what is refused --------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/NumpyArray.h"
#include "gtest/gtest.h"

using namespace mlir::ptq;

namespace {

/// The contents of a .npy file with the given header and `dataBytes` zeros.
std::string makeFile(llvm::StringRef header, size_t dataBytes,
                     unsigned version = 1) {
  std::string file("\x93NUMPY", 6);
  file += static_cast<char>(version);
  file += '\0';
  size_t lengthBytes = version == 1 ? 2 : 4;
  for (size_t i = 0; i < lengthBytes; ++i)
    file += static_cast<char>(header.size() >> (8 * i));
  file += header;
  file.append(dataBytes, '\0');
  return file;
}

std::string makeHeader(llvm::StringRef type, llvm::StringRef shape,
                       llvm::StringRef order = "False") {
  return ("{'descr': '" + type + "', 'fortran_order': " + order +
          ", 'shape': " + shape + ", }   \n")
      .str();
}

std::string getErrorOf(llvm::StringRef contents) {
  llvm::Expected<NumpyArray> array = parseNumpyArray(contents, "x.npy");
  return array ? "" : llvm::toString(array.takeError());
}

TEST(NumpyArray, RoundTripsEveryElementType) {
  for (auto kind :
       {ElementKind::Bool, ElementKind::Int8, ElementKind::Int16,
        ElementKind::Int32, ElementKind::Int64, ElementKind::UInt8,
        ElementKind::UInt16, ElementKind::UInt32, ElementKind::UInt64,
        ElementKind::Float16, ElementKind::BFloat16, ElementKind::Float32,
        ElementKind::Float64}) {
    NumpyArray array;
    array.kind = kind;
    array.shape = {2, 3};
    array.data.resize(6 * getElementSize(kind));
    for (size_t i = 0; i < array.data.size(); ++i)
      array.data[i] = kind == ElementKind::Bool ? i % 2 : i;
    llvm::Expected<NumpyArray> read =
        parseNumpyArray(serializeNumpyArray(array), "x.npy");
    ASSERT_TRUE(static_cast<bool>(read)) << llvm::toString(read.takeError());
    EXPECT_EQ(read->kind, array.kind);
    EXPECT_EQ(read->shape, array.shape);
    EXPECT_EQ(read->data, array.data);
  }
}

TEST(NumpyArray, RoundTripsScalarsAndEmptyArrays) {
  for (llvm::SmallVector<int64_t> shape :
       {llvm::SmallVector<int64_t>{}, {0}, {3, 0, 2}, {1}}) {
    NumpyArray array;
    array.shape = shape;
    array.data.resize(4 * array.getNumElements());
    llvm::Expected<NumpyArray> read =
        parseNumpyArray(serializeNumpyArray(array), "x.npy");
    ASSERT_TRUE(static_cast<bool>(read)) << llvm::toString(read.takeError());
    EXPECT_EQ(read->shape, shape);
  }
}

TEST(NumpyArray, DataIsAligned) {
  NumpyArray array;
  array.shape = {1};
  array.data.resize(4);
  EXPECT_EQ((serializeNumpyArray(array).size() - 4) % 64, 0u);
}

TEST(NumpyArray, ReadsEveryVersion) {
  for (unsigned version : {1, 2, 3}) {
    std::string file = makeFile(makeHeader("<f4", "(2, 3)"), 24, version);
    llvm::Expected<NumpyArray> array = parseNumpyArray(file, "x.npy");
    ASSERT_TRUE(static_cast<bool>(array)) << llvm::toString(array.takeError());
    EXPECT_EQ(array->getNumElements(), 6);
  }
  EXPECT_EQ(getErrorOf(makeFile(makeHeader("<f4", "(1,)"), 4, 4)),
            "x.npy: .npy version 4 is not supported");
}

TEST(NumpyArray, BooleansAreZeroOrOne) {
  std::string file = makeFile(makeHeader("|b1", "(2,)"), 2);
  file.back() = 5;
  llvm::Expected<NumpyArray> array = parseNumpyArray(file, "x.npy");
  ASSERT_TRUE(static_cast<bool>(array)) << llvm::toString(array.takeError());
  EXPECT_EQ(array->data, (std::vector<char>{0, 1}));
}

/// The bfloat16 of ml_dtypes becomes two bytes without a type.
TEST(NumpyArray, ReadsBFloat16) {
  for (llvm::StringRef type : {"<V2", "|V2"}) {
    std::string file = makeFile(makeHeader(type, "(2,)"), 4);
    llvm::Expected<NumpyArray> array = parseNumpyArray(file, "x.npy");
    ASSERT_TRUE(static_cast<bool>(array)) << llvm::toString(array.takeError());
    EXPECT_EQ(array->kind, ElementKind::BFloat16);
    EXPECT_EQ(getElementName(array->kind), "bfloat16");
  }
  EXPECT_EQ(getErrorOf(makeFile(makeHeader("|V4", "(1,)"), 4)),
            "x.npy: element type '|V4' is not supported");
}

TEST(NumpyArray, RefusesOtherElements) {
  EXPECT_EQ(getErrorOf(makeFile(makeHeader(">f4", "(1,)"), 4)),
            "x.npy: big-endian elements ('>f4') are not supported");
  EXPECT_EQ(getErrorOf(makeFile(makeHeader("|O", "(1,)"), 8)),
            "x.npy: arrays of Python objects are not supported");
  EXPECT_EQ(getErrorOf(makeFile(makeHeader("<U3", "(1,)"), 12)),
            "x.npy: element type '<U3' is not supported");
  EXPECT_EQ(getErrorOf(makeFile(makeHeader("<c8", "(1,)"), 8)),
            "x.npy: element type '<c8' is not supported");
  EXPECT_EQ(getErrorOf(makeFile("{'descr': [('a', '<f4')], 'fortran_order': "
                                "False, 'shape': (1,), }\n",
                                4)),
            "x.npy: structured arrays are not supported");
}

TEST(NumpyArray, RefusesFortranOrder) {
  EXPECT_EQ(getErrorOf(makeFile(makeHeader("<f4", "(2, 3)", "True"), 24)),
            "x.npy: arrays in Fortran order are not supported; save "
            "numpy.ascontiguousarray(...) instead");
}

TEST(NumpyArray, RefusesMalformedHeaders) {
  for (llvm::StringRef header :
       {"", "{", "{'descr'", "{'descr': '<f4'", "[]", "{'shape': (1}",
        "{'shape': (-1,)}", "{'shape': (1 2)}", "{'shape': 1}",
        "{'fortran_order': Maybe}", "{'descr': '?'}", "{'descr': ''}",
        "{'shape': (99999999999999999999,)}"})
    EXPECT_NE(getErrorOf(makeFile(header, 4)), "") << header.str();
  EXPECT_EQ(getErrorOf(makeFile("{'descr': '<f4'}", 4)),
            "x.npy: the .npy header lacks 'descr', 'fortran_order' or "
            "'shape'");
  EXPECT_EQ(getErrorOf(makeFile("{'color': 'red'}", 4)),
            "x.npy: unknown entry 'color' in the .npy header");
  EXPECT_EQ(getErrorOf(makeFile("{'shape': (1,), 'shape': (1,), }", 4)),
            "x.npy: the .npy header has 'shape' twice");
}

TEST(NumpyArray, RefusesTheWrongNumberOfBytes) {
  std::string file = makeFile(makeHeader("<f4", "(2, 3)"), 23);
  EXPECT_EQ(getErrorOf(file),
            "x.npy: the array needs 24 bytes of data, the file has 23");
  file = makeFile(makeHeader("<f4", "(2, 3)"), 25);
  EXPECT_EQ(getErrorOf(file),
            "x.npy: the array needs 24 bytes of data, the file has 25");
  file = makeFile(makeHeader("<f8", "(4611686018427387904, 8)"), 8);
  EXPECT_EQ(getErrorOf(file), "x.npy: the shape of the array is too large");
}

TEST(NumpyArray, RefusesEveryTruncation) {
  std::string file = makeFile(makeHeader("<f4", "(2, 3)"), 24);
  for (size_t size = 0; size < file.size(); ++size)
    EXPECT_NE(getErrorOf(llvm::StringRef(file).take_front(size)), "") << size;
  EXPECT_EQ(getErrorOf("PK\x03\x04"), "x.npy: not a .npy array");
}

TEST(NumpyArray, MissingFileIsNamed) {
  llvm::Expected<NumpyArray> array = readNumpyFile("/no/such/file.npy");
  ASSERT_FALSE(static_cast<bool>(array));
  EXPECT_EQ(llvm::toString(array.takeError()),
            "/no/such/file.npy: No such file or directory");
}

} // namespace
