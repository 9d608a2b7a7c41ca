//===- NumpyArray.cpp - Arrays in NumPy's file format ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/NumpyArray.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>

using namespace mlir::ptq;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

namespace {
struct ElementInfo {
  ElementKind kind;
  /// The type code of .npy headers, without the byte order.
  StringRef code;
  StringRef name;
  unsigned size;
};
} // namespace

static constexpr ElementInfo kElements[] = {
    {ElementKind::Bool, "b1", "bool", 1},
    {ElementKind::Int8, "i1", "int8", 1},
    {ElementKind::Int16, "i2", "int16", 2},
    {ElementKind::Int32, "i4", "int32", 4},
    {ElementKind::Int64, "i8", "int64", 8},
    {ElementKind::UInt8, "u1", "uint8", 1},
    {ElementKind::UInt16, "u2", "uint16", 2},
    {ElementKind::UInt32, "u4", "uint32", 4},
    {ElementKind::UInt64, "u8", "uint64", 8},
    {ElementKind::Float16, "f2", "float16", 2},
    {ElementKind::BFloat16, "V2", "bfloat16", 2},
    {ElementKind::Float32, "f4", "float32", 4},
    {ElementKind::Float64, "f8", "float64", 8},
};

static const ElementInfo &getInfo(ElementKind kind) {
  return kElements[static_cast<size_t>(kind)];
}

unsigned mlir::ptq::getElementSize(ElementKind kind) {
  return getInfo(kind).size;
}

StringRef mlir::ptq::getElementName(ElementKind kind) {
  return getInfo(kind).name;
}

std::string mlir::ptq::formatShape(llvm::ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "[";
  llvm::interleaveComma(shape, os);
  os << "]";
  return text;
}

int64_t NumpyArray::getNumElements() const {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

//===----------------------------------------------------------------------===//
// Headers
//===----------------------------------------------------------------------===//

static llvm::Error makeError(StringRef name, const llvm::Twine &what) {
  return llvm::createStringError(llvm::Twine(name) + ": " + what);
}

namespace {

/// Reads the header's dictionary, a Python literal like
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
class HeaderParser {
public:
  HeaderParser(StringRef text, StringRef name) : rest(text), name(name) {}

  llvm::Expected<NumpyArray> parse() {
    if (!consume("{"))
      return malformed();
    while (!consume("}")) {
      std::optional<StringRef> key = parseString();
      if (!key || !consume(":"))
        return malformed();
      llvm::Error error = parseEntry(*key);
      if (error)
        return std::move(error);
      if (!consume(",") && !peek("}"))
        return malformed();
    }
    if (!hasType || !hasOrder || !hasShape)
      return makeError(name, "the .npy header lacks 'descr', 'fortran_order' "
                             "or 'shape'");
    return std::move(array);
  }

private:
  llvm::Error malformed() const {
    return makeError(name, "malformed .npy header");
  }

  bool peek(StringRef token) {
    rest = rest.ltrim(" \t\n");
    return rest.starts_with(token);
  }

  bool consume(StringRef token) {
    return peek(token) && rest.consume_front(token);
  }

  std::optional<StringRef> parseString() {
    if (!peek("'") && !peek("\""))
      return std::nullopt;
    char quote = rest.front();
    size_t end = rest.find(quote, 1);
    if (end == StringRef::npos)
      return std::nullopt;
    StringRef value = rest.slice(1, end);
    rest = rest.drop_front(end + 1);
    return value;
  }

  llvm::Error parseEntry(StringRef key) {
    if ((key == "descr" && hasType) || (key == "fortran_order" && hasOrder) ||
        (key == "shape" && hasShape))
      return makeError(name, "the .npy header has '" + key + "' twice");
    if (key == "descr")
      return parseType();
    if (key == "fortran_order")
      return parseOrder();
    if (key == "shape")
      return parseShape();
    return makeError(name, "unknown entry '" + key + "' in the .npy header");
  }

  llvm::Error parseType() {
    std::optional<StringRef> descr = parseString();
    if (!descr)
      return makeError(name, "structured arrays are not supported");
    StringRef code = *descr;
    char order = code.empty() ? '?' : code.front();
    code = code.drop_front(code.empty() ? 0 : 1);
    if (code.starts_with("O"))
      return makeError(name, "arrays of Python objects are not supported");
    const ElementInfo *info = llvm::find_if(
        kElements, [&](const ElementInfo &e) { return e.code == code; });
    if (info == std::end(kElements))
      return makeError(name, "element type '" + *descr + "' is not supported");
    if (order == '>' && info->size > 1)
      return makeError(name, "big-endian elements ('" + *descr +
                                 "') are not supported");
    if (order != '<' && order != '|' && order != '=' && order != '>')
      return malformed();
    array.kind = info->kind;
    hasType = true;
    return llvm::Error::success();
  }

  llvm::Error parseOrder() {
    if (consume("True"))
      return makeError(name, "arrays in Fortran order are not supported; save "
                             "numpy.ascontiguousarray(...) instead");
    if (!consume("False"))
      return malformed();
    hasOrder = true;
    return llvm::Error::success();
  }

  llvm::Error parseShape() {
    if (!consume("("))
      return malformed();
    while (!consume(")")) {
      peek("");
      int64_t size = 0;
      if (rest.consumeInteger(10, size) || size < 0)
        return malformed();
      array.shape.push_back(size);
      consume("L"); // Python 2 wrote long integers so.
      if (!consume(",") && !peek(")"))
        return malformed();
    }
    hasShape = true;
    return llvm::Error::success();
  }

  StringRef rest;
  StringRef name;
  NumpyArray array;
  bool hasType = false, hasOrder = false, hasShape = false;
};

} // namespace

//===----------------------------------------------------------------------===//
// Reading and writing
//===----------------------------------------------------------------------===//

static constexpr StringRef kMagic("\x93NUMPY", 6);

llvm::Expected<NumpyArray> mlir::ptq::parseNumpyArray(StringRef contents,
                                                      StringRef name) {
  StringRef rest = contents;
  if (!rest.consume_front(kMagic) || rest.size() < 2)
    return makeError(name, "not a .npy array");
  unsigned version = static_cast<uint8_t>(rest[0]);
  rest = rest.drop_front(2);
  if (version < 1 || version > 3)
    return makeError(name, ".npy version " + llvm::Twine(version) +
                               " is not supported");
  size_t lengthBytes = version == 1 ? 2 : 4;
  if (rest.size() < lengthBytes)
    return makeError(name, "truncated .npy header");
  size_t headerSize = version == 1
                          ? llvm::support::endian::read16le(rest.data())
                          : llvm::support::endian::read32le(rest.data());
  rest = rest.drop_front(lengthBytes);
  if (rest.size() < headerSize)
    return makeError(name, "truncated .npy header");

  llvm::Expected<NumpyArray> array =
      HeaderParser(rest.take_front(headerSize), name).parse();
  if (!array)
    return array.takeError();
  rest = rest.drop_front(headerSize);
  int64_t expected = getElementSize(array->kind);
  for (int64_t size : array->shape)
    if (llvm::MulOverflow(expected, size, expected))
      return makeError(name, "the shape of the array is too large");
  if (rest.size() != static_cast<uint64_t>(expected))
    return makeError(name, "the array needs " + llvm::Twine(expected) +
                               " bytes of data, the file has " +
                               llvm::Twine(rest.size()));
  array->data.assign(rest.begin(), rest.end());
  if (array->kind == ElementKind::Bool)
    for (char &element : array->data)
      element = element != 0;
  return array;
}

llvm::Expected<NumpyArray> mlir::ptq::readNumpyFile(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return makeError(path, buffer.getError().message());
  return parseNumpyArray((*buffer)->getBuffer(), path);
}

std::string mlir::ptq::serializeNumpyArray(const NumpyArray &array) {
  const ElementInfo &info = getInfo(array.kind);
  std::string header = "{'descr': '";
  header += info.size == 1 ? "|" : "<";
  header += info.code;
  header += "', 'fortran_order': False, 'shape': (";
  for (int64_t size : array.shape)
    header += std::to_string(size) + ",";
  header += "), }";
  // The data starts at a multiple of 64 bytes, and a newline ends the header.
  size_t prefix = kMagic.size() + 4;
  header.resize(llvm::alignTo(prefix + header.size() + 1, 64) - prefix - 1,
                ' ');
  header += '\n';

  std::string result = kMagic.str();
  result += {'\x01', '\x00'};
  char length[2];
  llvm::support::endian::write16le(length, header.size());
  result.append(length, 2);
  result += header;
  result.append(array.data.begin(), array.data.end());
  return result;
}
