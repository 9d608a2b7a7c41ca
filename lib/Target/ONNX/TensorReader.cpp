//===- TensorReader.cpp - Decoding of ONNX tensors ------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantTensor.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"
#include <onnx/onnx_pb.h>

using namespace mlir;
using namespace mlir::ptq::importer;
using ::onnx::TensorProto;

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

/// Element types that are younger than the oldest version of the ONNX library
/// that can be built with.
static constexpr int32_t kUInt4 = 21, kInt4 = 22;

Type mlir::ptq::importer::getElementType(int32_t code, MLIRContext *context) {
  auto getInteger = [&](unsigned width, bool isUnsigned) {
    return IntegerType::get(context, width,
                            isUnsigned ? IntegerType::Unsigned
                                       : IntegerType::Signless);
  };
  switch (code) {
  case TensorProto::FLOAT:
    return Float32Type::get(context);
  case TensorProto::DOUBLE:
    return Float64Type::get(context);
  case TensorProto::FLOAT16:
    return Float16Type::get(context);
  case TensorProto::BFLOAT16:
    return BFloat16Type::get(context);
  case TensorProto::BOOL:
    return getInteger(1, /*isUnsigned=*/false);
  case kInt4:
    return getInteger(4, /*isUnsigned=*/false);
  case TensorProto::INT8:
    return getInteger(8, /*isUnsigned=*/false);
  case TensorProto::INT16:
    return getInteger(16, /*isUnsigned=*/false);
  case TensorProto::INT32:
    return getInteger(32, /*isUnsigned=*/false);
  case TensorProto::INT64:
    return getInteger(64, /*isUnsigned=*/false);
  case kUInt4:
    return getInteger(4, /*isUnsigned=*/true);
  case TensorProto::UINT8:
    return getInteger(8, /*isUnsigned=*/true);
  case TensorProto::UINT16:
    return getInteger(16, /*isUnsigned=*/true);
  case TensorProto::UINT32:
    return getInteger(32, /*isUnsigned=*/true);
  case TensorProto::UINT64:
    return getInteger(64, /*isUnsigned=*/true);
  default:
    return Type();
  }
}

std::string mlir::ptq::importer::getElementTypeName(int32_t code) {
  if (TensorProto::DataType_IsValid(code))
    return TensorProto::DataType_Name(static_cast<TensorProto::DataType>(code));
  return "number " + std::to_string(code);
}

/// Bytes of one element, or of two elements of four bits.
static int64_t getNumBytes(Type elementType) {
  return llvm::divideCeil(elementType.getIntOrFloatBitWidth(), 8);
}

/// Whether two elements share a byte of a file.
static bool arePacked(Type elementType) { return elementType.isInteger(4); }

/// The elements of four bits in `bytes`, each in a byte of its own. The first
/// of two is in the low bits.
static ConstantTensor unpackElements(StringRef name, RankedTensorType type,
                                     ArrayRef<char> bytes) {
  bool isUnsigned = type.getElementType().isUnsignedInteger();
  auto elements = std::make_shared<std::vector<char>>();
  for (int64_t index = 0; index < type.getNumElements(); ++index) {
    uint8_t bits = static_cast<uint8_t>(bytes[index / 2]) >> (index % 2 * 4);
    bits &= 0xf;
    elements->push_back(
        static_cast<char>(isUnsigned ? bits : llvm::SignExtend32<4>(bits)));
  }
  return ConstantTensor(name.str(), type, *elements, elements);
}

//===----------------------------------------------------------------------===//
// Data in the model
//===----------------------------------------------------------------------===//

/// Copies the elements of a typed field of a tensor, each narrowed to T.
template <typename T, typename Field>
static ConstantTensor copyField(StringRef name, RankedTensorType type,
                                const Field &field) {
  auto values = std::make_shared<std::vector<T>>(field.begin(), field.end());
  ArrayRef<char> data(reinterpret_cast<const char *>(values->data()),
                      values->size() * sizeof(T));
  return ConstantTensor(name.str(), type, data, values);
}

/// Reads the field that ONNX assigns to the element type of `type`.
static FailureOr<ConstantTensor>
readTypedField(const TensorProto &proto, StringRef name, RankedTensorType type,
               function_ref<InFlightDiagnostic()> emitError) {
  auto read = [&](const auto &field,
                  auto element) -> FailureOr<ConstantTensor> {
    if (field.size() != type.getNumElements())
      return emitError() << "tensor '" << name << "' has " << field.size()
                         << " elements, its shape needs "
                         << type.getNumElements();
    return copyField<decltype(element)>(name, type, field);
  };
  if (arePacked(type.getElementType())) {
    std::vector<char> bytes(proto.int32_data().begin(),
                            proto.int32_data().end());
    if (static_cast<int64_t>(bytes.size()) !=
        llvm::divideCeilSigned(type.getNumElements(), 2))
      return emitError() << "tensor '" << name << "' has " << bytes.size()
                         << " bytes, its shape needs "
                         << llvm::divideCeilSigned(type.getNumElements(), 2);
    return unpackElements(name, type, bytes);
  }
  switch (proto.data_type()) {
  case TensorProto::FLOAT:
    return read(proto.float_data(), float());
  case TensorProto::DOUBLE:
    return read(proto.double_data(), double());
  case TensorProto::INT64:
    return read(proto.int64_data(), int64_t());
  case TensorProto::UINT64:
    return read(proto.uint64_data(), uint64_t());
  case TensorProto::UINT32:
    return read(proto.uint64_data(), uint32_t());
  case TensorProto::INT32:
    return read(proto.int32_data(), int32_t());
  case TensorProto::INT16:
  case TensorProto::UINT16:
  case TensorProto::FLOAT16:
  case TensorProto::BFLOAT16:
    return read(proto.int32_data(), uint16_t());
  default:
    return read(proto.int32_data(), uint8_t());
  }
}

FailureOr<ConstantTensor>
TensorReader::read(const TensorProto &proto, StringRef name,
                   function_ref<InFlightDiagnostic()> emitError) {
  Type elementType = getElementType(proto.data_type(), context);
  if (!elementType)
    return emitError() << "tensor '" << name
                       << "' has the unsupported element type "
                       << getElementTypeName(proto.data_type());
  int64_t numBytes = getNumBytes(elementType);
  for (int64_t dim : proto.dims())
    if (dim < 0 || llvm::MulOverflow(numBytes, dim, numBytes))
      return emitError() << "tensor '" << name << "' has an impossible shape";
  auto type = RankedTensorType::get(
      SmallVector<int64_t>(proto.dims().begin(), proto.dims().end()),
      elementType);
  if (arePacked(elementType))
    numBytes = llvm::divideCeilSigned(numBytes, 2);

  if (proto.data_location() == TensorProto::EXTERNAL)
    return readExternal(proto, name, type, numBytes, emitError);
  if (!proto.has_raw_data())
    return readTypedField(proto, name, type, emitError);
  const std::string &data = proto.raw_data();
  if (data.size() != static_cast<uint64_t>(numBytes))
    return emitError() << "tensor '" << name << "' has " << data.size()
                       << " bytes, its shape needs " << numBytes;
  if (arePacked(elementType))
    return unpackElements(name, type, {data.data(), data.size()});
  return ConstantTensor(name.str(), type, {data.data(), data.size()});
}

//===----------------------------------------------------------------------===//
// Data in other files
//===----------------------------------------------------------------------===//

/// Whether `path` names a file in or below the directory it is relative to.
static bool staysInDirectory(StringRef path) {
  return !path.empty() && llvm::sys::path::is_relative(path) &&
         llvm::none_of(llvm::make_range(llvm::sys::path::begin(path),
                                        llvm::sys::path::end(path)),
                       [](StringRef component) { return component == ".."; });
}

FailureOr<ConstantTensor>
TensorReader::readExternal(const TensorProto &proto, StringRef name,
                           RankedTensorType type, uint64_t numBytes,
                           function_ref<InFlightDiagnostic()> emitError) {
  StringRef location;
  uint64_t offset = 0, length = numBytes;
  for (const auto &entry : proto.external_data()) {
    StringRef key = entry.key(), value = entry.value();
    if (key == "location")
      location = value;
    else if ((key == "offset" && value.getAsInteger(10, offset)) ||
             (key == "length" && value.getAsInteger(10, length)))
      return emitError() << "external data of tensor '" << name << "': " << key
                         << " '" << value << "' is not a number";
  }
  if (!staysInDirectory(location))
    return emitError() << "external data of tensor '" << name << "': file '"
                       << location << "' is not in the model's directory";
  if (length != numBytes)
    return emitError() << "external data of tensor '" << name << "' has "
                       << length << " bytes, its shape needs " << numBytes;

  SmallString<128> path(directory);
  llvm::sys::path::append(path, location);
  std::shared_ptr<llvm::MemoryBuffer> &file = files[path];
  if (!file) {
    llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
        llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                    /*RequiresNullTerminator=*/false);
    if (!buffer)
      return emitError() << "external data of tensor '" << name
                         << "': cannot read '" << path
                         << "': " << buffer.getError().message();
    file = std::move(*buffer);
  }
  uint64_t size = file->getBufferSize();
  if (offset > size || numBytes > size - offset)
    return emitError() << "external data of tensor '" << name << "': '" << path
                       << "' has " << size << " bytes, needed are " << numBytes
                       << " at offset " << offset;
  ArrayRef<char> data(file->getBufferStart() + offset, numBytes);
  if (arePacked(type.getElementType()))
    return unpackElements(name, type, data);
  return ConstantTensor(name.str(), type, data, file);
}
