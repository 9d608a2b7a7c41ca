//===- TensorValue.cpp - Tensors of the interpreter -----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Interpreter/TensorValue.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "ptq/Interpreter/ResourceData.h"
#include "llvm/Support/MathExtras.h"
#include <cstdlib>
#include <cstring>

using namespace mlir;
using namespace mlir::ptq;

/// What kernels and other libraries like data to be aligned to.
static constexpr size_t kAlignment = 64;

/// A tensor larger than this is refused: an operating system that promises more
/// memory than it has would end the process when the tensor is written.
static constexpr int64_t kMaxBytes = int64_t{1} << 34;

//===----------------------------------------------------------------------===//
// Representation
//===----------------------------------------------------------------------===//

std::optional<unsigned> mlir::ptq::getElementByteSize(Type type) {
  if (isa<IndexType>(type))
    return 8;
  if (auto integer = dyn_cast<IntegerType>(type)) {
    if (integer.getWidth() < 1 || integer.getWidth() > 64)
      return std::nullopt;
    return llvm::PowerOf2Ceil(llvm::divideCeil(integer.getWidth(), 8));
  }
  if (isa<Float16Type, BFloat16Type>(type))
    return 2;
  if (isa<Float32Type>(type))
    return 4;
  if (isa<Float64Type>(type))
    return 8;
  return std::nullopt;
}

RankedTensorType mlir::ptq::getTensorTypeOf(Type type) {
  RankedTensorType result;
  if (auto tensor = dyn_cast<RankedTensorType>(type)) {
    result =
        tensor.getEncoding()
            ? RankedTensorType::get(tensor.getShape(), tensor.getElementType())
            : tensor;
  } else if (auto vector = dyn_cast<VectorType>(type)) {
    if (vector.isScalable())
      return {};
    result = RankedTensorType::get(vector.getShape(), vector.getElementType());
  } else if (type.isIntOrIndexOrFloat()) {
    result = RankedTensorType::get(/*shape=*/{}, type);
  }
  if (!result || !getElementByteSize(result.getElementType()))
    return {};
  return result;
}

/// The bytes of a tensor of `type`; nullopt if it cannot be held.
static std::optional<int64_t> getByteSize(RankedTensorType type) {
  std::optional<unsigned> elementSize =
      getElementByteSize(type.getElementType());
  if (!elementSize)
    return std::nullopt;
  int64_t bytes = *elementSize;
  for (int64_t size : type.getShape())
    if (size < 0 || llvm::MulOverflow(bytes, size, bytes) || bytes > kMaxBytes)
      return std::nullopt;
  return bytes;
}

/// Memory from the C library: unlike llvm::allocate_buffer it may say no.
static std::shared_ptr<AsmResourceBlob> allocateBlob(int64_t bytes) {
  size_t padded = llvm::alignTo(std::max<int64_t>(bytes, 1),
                                static_cast<int64_t>(kAlignment));
  auto *data = static_cast<char *>(std::aligned_alloc(kAlignment, padded));
  if (!data)
    return nullptr;
  return std::make_shared<AsmResourceBlob>(
      ArrayRef<char>(data, bytes), kAlignment,
      [](void *memory, size_t, size_t) { std::free(memory); },
      /*dataIsMutable=*/true);
}

//===----------------------------------------------------------------------===//
// TensorValue
//===----------------------------------------------------------------------===//

TensorValue::TensorValue(RankedTensorType type,
                         std::shared_ptr<AsmResourceBlob> blob)
    : type(type),
      elementByteSize(*ptq::getElementByteSize(type.getElementType())),
      blob(std::move(blob)) {}

TensorValue TensorValue::allocateUninitialized(RankedTensorType type) {
  std::optional<int64_t> bytes = getByteSize(type);
  if (!bytes)
    return {};
  std::shared_ptr<AsmResourceBlob> blob = allocateBlob(*bytes);
  if (!blob)
    return {};
  return TensorValue(type, std::move(blob));
}

TensorValue TensorValue::allocate(RankedTensorType type) {
  TensorValue result = allocateUninitialized(type);
  if (result) {
    MutableArrayRef<char> raw = result.getMutableRawData();
    std::memset(raw.data(), 0, raw.size());
  }
  return result;
}

ArrayRef<char> TensorValue::getRawData() const {
  return blob ? blob->getData() : ArrayRef<char>();
}

bool TensorValue::isUnique() const {
  return blob && blob.use_count() == 1 && blob->isMutable();
}

LogicalResult TensorValue::makeUnique() {
  if (!blob)
    return failure();
  if (isUnique())
    return success();
  ArrayRef<char> source = blob->getData();
  std::shared_ptr<AsmResourceBlob> clone = allocateBlob(source.size());
  if (!clone)
    return failure();
  if (!source.empty())
    std::memcpy(clone->getMutableData().data(), source.data(), source.size());
  blob = std::move(clone);
  return success();
}

MutableArrayRef<char> TensorValue::getMutableRawData() {
  if (failed(makeUnique()))
    return {};
  return blob->getMutableData();
}

TensorValue TensorValue::withType(RankedTensorType newType) const {
  assert(newType.getNumElements() == getNumElements() &&
         ptq::getElementByteSize(newType.getElementType()) == elementByteSize &&
         "the new type holds other elements");
  return TensorValue(newType, blob);
}

//===----------------------------------------------------------------------===//
// From attributes
//===----------------------------------------------------------------------===//

/// Writes `value` into an element of `size` bytes. i1 is written as 0 or 1,
/// other integers sign-extended, as every element is kept.
static void writeInteger(char *element, unsigned size, const APInt &value) {
  uint64_t bits = value.getBitWidth() == 1
                      ? value.getZExtValue()
                      : static_cast<uint64_t>(value.getSExtValue());
  // Little-endian or not, the value is stored through a type of its size.
  switch (size) {
  case 1: {
    auto narrow = static_cast<uint8_t>(bits);
    std::memcpy(element, &narrow, 1);
    return;
  }
  case 2: {
    auto narrow = static_cast<uint16_t>(bits);
    std::memcpy(element, &narrow, 2);
    return;
  }
  case 4: {
    auto narrow = static_cast<uint32_t>(bits);
    std::memcpy(element, &narrow, 4);
    return;
  }
  default:
    std::memcpy(element, &bits, 8);
  }
}

/// The integer of `width` bits that an element holds.
static APInt readInteger(const char *element, unsigned size, unsigned width) {
  switch (size) {
  case 1:
    return APInt(width, static_cast<uint8_t>(*element), /*isSigned=*/false,
                 /*implicitTrunc=*/true);
  case 2: {
    uint16_t bits;
    std::memcpy(&bits, element, 2);
    return APInt(width, bits, /*isSigned=*/false, /*implicitTrunc=*/true);
  }
  case 4: {
    uint32_t bits;
    std::memcpy(&bits, element, 4);
    return APInt(width, bits, /*isSigned=*/false, /*implicitTrunc=*/true);
  }
  default: {
    uint64_t bits;
    std::memcpy(&bits, element, 8);
    return APInt(width, bits, /*isSigned=*/false, /*implicitTrunc=*/true);
  }
  }
}

/// Whether elements of `type` lie in an attribute exactly as in a TensorValue.
/// Others (i1, i4, i24) are packed or not extended there.
static bool hasSameLayoutInAttributes(Type type) {
  return isa<IndexType>(type) ||
         (type.isIntOrFloat() &&
          type.getIntOrFloatBitWidth() == 8 * *ptq::getElementByteSize(type));
}

static bool isAligned(ArrayRef<char> data, unsigned alignment) {
  return reinterpret_cast<uintptr_t>(data.data()) % alignment == 0;
}

/// A value of `type` that reads `data`, which somebody else owns.
static std::shared_ptr<AsmResourceBlob> borrow(ArrayRef<char> data) {
  return std::make_shared<AsmResourceBlob>(
      UnmanagedAsmResourceBlob::allocateWithAlign(data, /*align=*/1));
}

/// Fills `raw` with copies of its first `size` bytes.
static void replicateFirst(MutableArrayRef<char> raw, size_t size) {
  for (size_t done = size; done < raw.size();) {
    size_t count = std::min(done, raw.size() - done);
    std::memcpy(raw.data() + done, raw.data(), count);
    done += count;
  }
}

static APInt getBits(Attribute scalar) {
  if (auto integer = dyn_cast<IntegerAttr>(scalar))
    return integer.getValue();
  return cast<FloatAttr>(scalar).getValue().bitcastToAPInt();
}

/// Writes the elements of a resource, `data`, each of which has `width` bits,
/// to elements of `size` bytes.
static void writeResource(MutableArrayRef<char> raw, unsigned size,
                          ArrayRef<char> data, unsigned width) {
  for (size_t i = 0; i < raw.size(); i += size)
    writeInteger(&raw[i], size, readInteger(&data[i], size, width));
}

/// Writes the elements of `dense` to elements of `size` bytes.
static void writeDense(MutableArrayRef<char> raw, unsigned size,
                       DenseIntOrFPElementsAttr dense) {
  if (raw.empty())
    return;
  if (dense.isSplat()) {
    writeInteger(raw.data(), size, getBits(dense.getSplatValue<Attribute>()));
    replicateFirst(raw, size);
    return;
  }
  char *element = raw.data();
  auto write = [&](const APInt &value) {
    writeInteger(element, size, value);
    element += size;
  };
  if (isa<FloatType>(dense.getElementType())) {
    for (const APFloat &value : dense.getValues<APFloat>())
      write(value.bitcastToAPInt());
  } else {
    for (const APInt &value : dense.getValues<APInt>())
      write(value);
  }
}

FailureOr<TensorValue>
TensorValue::fromAttribute(TypedAttr attr,
                           function_ref<InFlightDiagnostic()> emitError) {
  RankedTensorType type = getTensorTypeOf(attr.getType());
  if (!type || !type.hasStaticShape())
    return emitError() << "the interpreter cannot represent a value of type "
                       << attr.getType();
  auto resource = dyn_cast<DenseResourceElementsAttr>(attr);
  auto dense = dyn_cast<DenseIntOrFPElementsAttr>(attr);
  bool isScalar = isa<IntegerAttr, FloatAttr>(attr);
  if (!isScalar && !resource && !dense)
    return emitError() << "the interpreter cannot read the constant " << attr;

  Type elementType = type.getElementType();
  unsigned size = *ptq::getElementByteSize(elementType);
  ArrayRef<char> data;
  if (resource) {
    FailureOr<ArrayRef<char>> found = getResourceData(resource, emitError);
    if (failed(found))
      return failure();
    data = *found;
  } else if (dense) {
    data = dense.getRawData();
  }
  bool isRepeated = isScalar || (dense && dense.isSplat());
  if (!isRepeated && hasSameLayoutInAttributes(elementType) &&
      isAligned(data, size))
    return TensorValue(type, borrow(data));

  TensorValue result = allocateUninitialized(type);
  if (!result)
    return emitError() << "not enough memory for a value of type " << type;
  MutableArrayRef<char> raw = result.getMutableRawData();
  if (resource)
    writeResource(raw, size, data,
                  isa<IndexType>(elementType)
                      ? IndexType::kInternalStorageBitWidth
                      : elementType.getIntOrFloatBitWidth());
  else if (dense)
    writeDense(raw, size, dense);
  else
    writeInteger(raw.data(), size, getBits(attr));
  return result;
}

//===----------------------------------------------------------------------===//
// To attributes
//===----------------------------------------------------------------------===//

DenseResourceElementsAttr TensorValue::toResource(StringRef name) const {
  assert(*this && "a null value is no constant");
  // The attribute keeps the blob alive, and by that shared, hence unchanged.
  std::shared_ptr<AsmResourceBlob> shared = blob;
  // Bytecode records the alignment and is only read back from a buffer that has
  // it; pipes and small files are read into memory that guarantees 16.
  AsmResourceBlob view = UnmanagedAsmResourceBlob::allocateWithAlign(
      blob->getData(), /*align=*/16,
      [shared](void *, size_t, size_t) mutable { shared.reset(); });
  return DenseResourceElementsAttr::get(type, name, std::move(view));
}

/// The attribute of the element at `element`.
static Attribute getElementAttr(Type type, const char *element) {
  unsigned size = *ptq::getElementByteSize(type);
  if (auto floatType = dyn_cast<FloatType>(type)) {
    APInt bits = readInteger(element, size, floatType.getWidth());
    return FloatAttr::get(type, APFloat(floatType.getFloatSemantics(), bits));
  }
  unsigned width = isa<IndexType>(type) ? IndexType::kInternalStorageBitWidth
                                        : type.getIntOrFloatBitWidth();
  return IntegerAttr::get(type, readInteger(element, size, width));
}

DenseElementsAttr TensorValue::toDenseElements() const {
  assert(*this && "a null value is no constant");
  ArrayRef<char> raw = getRawData();
  if (hasSameLayoutInAttributes(getElementType()) && !raw.empty())
    return DenseElementsAttr::getFromRawBuffer(type, raw);
  SmallVector<Attribute> elements;
  for (size_t i = 0; i < raw.size(); i += elementByteSize)
    elements.push_back(getElementAttr(getElementType(), &raw[i]));
  return DenseElementsAttr::get(type, elements);
}

TypedAttr TensorValue::toScalarAttr() const {
  if (!*this || getRank() != 0)
    return {};
  return cast<TypedAttr>(getElementAttr(getElementType(), getRawData().data()));
}
