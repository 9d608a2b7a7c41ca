//===- ConstantTensor.cpp - Constants of an ONNX graph --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantTensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <vector>

using namespace mlir;
using namespace mlir::ptq::importer;

/// The data of a tensor that is being made.
using Storage = std::vector<char>;

static ConstantTensor makeTensor(std::string name, RankedTensorType type,
                                 std::shared_ptr<Storage> storage) {
  ArrayRef<char> data(*storage);
  return ConstantTensor(std::move(name), type, data, std::move(storage));
}

/// Element `index` of `data`, which may be unaligned.
template <typename T>
static T loadElement(ArrayRef<char> data, int64_t index) {
  T value;
  std::memcpy(&value, data.data() + index * sizeof(T), sizeof(T));
  return value;
}

template <typename T>
static void storeElement(MutableArrayRef<char> data, int64_t index, T value) {
  std::memcpy(data.data() + index * sizeof(T), &value, sizeof(T));
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

ConstantTensor ConstantTensor::fromDoubles(StringRef name,
                                           RankedTensorType type,
                                           ArrayRef<double> values) {
  auto elementType = cast<FloatType>(type.getElementType());
  unsigned width = elementType.getWidth();
  auto storage = std::make_shared<Storage>(values.size() * (width / 8));
  for (auto [index, value] : llvm::enumerate(values)) {
    if (width == 64) {
      storeElement(MutableArrayRef<char>(*storage), index, value);
    } else if (width == 32) {
      storeElement(MutableArrayRef<char>(*storage), index,
                   static_cast<float>(value));
    } else {
      APFloat rounded(value);
      bool losesInfo;
      rounded.convert(elementType.getFloatSemantics(),
                      APFloat::rmNearestTiesToEven, &losesInfo);
      storeElement(
          MutableArrayRef<char>(*storage), index,
          static_cast<uint16_t>(rounded.bitcastToAPInt().getZExtValue()));
    }
  }
  return makeTensor(name.str(), type, std::move(storage));
}

ConstantTensor ConstantTensor::fromIntegers(StringRef name,
                                            RankedTensorType type,
                                            ArrayRef<int64_t> values) {
  size_t numBytes =
      llvm::divideCeil(type.getElementType().getIntOrFloatBitWidth(), 8);
  auto storage = std::make_shared<Storage>(values.size() * numBytes);
  // The low bytes of a number come first.
  for (auto [index, value] : llvm::enumerate(values))
    std::memcpy(storage->data() + index * numBytes, &value, numBytes);
  return makeTensor(name.str(), type, std::move(storage));
}

FailureOr<SmallVector<double>> ConstantTensor::getDoubles() const {
  auto elementType = dyn_cast<FloatType>(getElementType());
  if (!elementType)
    return failure();
  SmallVector<double> values;
  values.reserve(type.getNumElements());
  for (int64_t index = 0, end = type.getNumElements(); index < end; ++index) {
    if (elementType.isF64()) {
      values.push_back(loadElement<double>(data, index));
    } else if (elementType.isF32()) {
      values.push_back(loadElement<float>(data, index));
    } else {
      APFloat value(elementType.getFloatSemantics(),
                    APInt(16, loadElement<uint16_t>(data, index)));
      values.push_back(value.convertToDouble());
    }
  }
  return values;
}

FailureOr<SmallVector<int64_t>> ConstantTensor::getIntegers() const {
  auto elementType = dyn_cast<IntegerType>(getElementType());
  if (!elementType)
    return failure();
  SmallVector<int64_t> values;
  auto load = [&](auto element) {
    for (int64_t index = 0; index < type.getNumElements(); ++index)
      values.push_back(loadElement<decltype(element)>(data, index));
  };
  bool isUnsigned = elementType.isUnsigned();
  switch (elementType.getWidth()) {
  case 1:
    load(uint8_t());
    for (int64_t &value : values)
      value = value != 0;
    break;
  case 2:
  case 4:
  case 8:
    isUnsigned ? load(uint8_t()) : load(int8_t());
    break;
  case 16:
    isUnsigned ? load(uint16_t()) : load(int16_t());
    break;
  case 32:
    isUnsigned ? load(uint32_t()) : load(int32_t());
    break;
  default:
    load(int64_t());
  }
  return values;
}

ConstantTensor ConstantTensor::shiftedToSigned() const {
  auto elementType = cast<IntegerType>(getElementType());
  if (!elementType.isUnsigned())
    return *this;
  unsigned width = elementType.getWidth();
  SmallVector<int64_t> values = *getIntegers();
  for (int64_t &value : values)
    value = static_cast<int64_t>(static_cast<uint64_t>(value) -
                                 (uint64_t(1) << (width - 1)));
  return fromIntegers(
      name,
      RankedTensorType::get(getShape(),
                            IntegerType::get(type.getContext(), width)),
      values);
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

ConstantTensor ConstantTensor::reshaped(ArrayRef<int64_t> shape) const {
  ConstantTensor result = *this;
  result.type = RankedTensorType::get(shape, getElementType());
  return result;
}

ConstantTensor ConstantTensor::transposed(ArrayRef<int64_t> permutation) const {
  int64_t rank = getRank(), numElements = type.getNumElements();
  if (numElements == 0)
    return reshaped(applyPermutation(getShape(), permutation));
  SmallVector<int64_t> shape(rank), sourceStrides(rank), strides(rank);
  int64_t stride = 1;
  for (int64_t dim = rank - 1; dim >= 0; --dim) {
    sourceStrides[dim] = stride;
    stride *= getShape()[dim];
  }
  for (int64_t dim = 0; dim < rank; ++dim) {
    shape[dim] = getShape()[permutation[dim]];
    strides[dim] = sourceStrides[permutation[dim]];
  }

  size_t numBytes = data.size() / numElements;
  auto storage = std::make_shared<Storage>(data.size());
  SmallVector<int64_t> position(rank, 0);
  int64_t source = 0;
  for (int64_t target = 0; target < numElements; ++target) {
    std::memcpy(storage->data() + target * numBytes,
                data.data() + source * numBytes, numBytes);
    for (int64_t dim = rank - 1; dim >= 0; --dim) {
      source += strides[dim];
      if (++position[dim] < shape[dim])
        break;
      source -= strides[dim] * shape[dim];
      position[dim] = 0;
    }
  }
  return makeTensor(name, RankedTensorType::get(shape, getElementType()),
                    std::move(storage))
      .withBatch(mayHoldBatch);
}

/// The product of `sizes`.
static int64_t countElements(ArrayRef<int64_t> sizes) {
  return llvm::product_of(sizes);
}

ConstantTensor ConstantTensor::taken(int64_t axis,
                                     ArrayRef<int64_t> positions) const {
  SmallVector<int64_t> shape(getShape());
  int64_t numOuter = countElements(getShape().take_front(axis));
  size_t run = countElements(getShape().drop_front(axis + 1)) *
               llvm::divideCeil(getElementType().getIntOrFloatBitWidth(), 8);
  auto storage = std::make_shared<Storage>();
  storage->reserve(numOuter * positions.size() * run);
  for (int64_t outer = 0; outer < numOuter; ++outer)
    for (int64_t position : positions)
      llvm::append_range(
          *storage, data.slice((outer * shape[axis] + position) * run, run));
  shape[axis] = positions.size();
  return makeTensor(name, RankedTensorType::get(shape, getElementType()),
                    std::move(storage))
      .withBatch(mayHoldBatch);
}

ConstantTensor ConstantTensor::concatenated(StringRef name,
                                            ArrayRef<ConstantTensor> parts,
                                            int64_t axis) {
  SmallVector<int64_t> shape(parts.front().getShape());
  int64_t numOuter = countElements(ArrayRef(shape).take_front(axis));
  shape[axis] = 0;
  bool mayHoldBatch = false;
  for (const ConstantTensor &part : parts) {
    shape[axis] += part.getShape()[axis];
    mayHoldBatch |= part.mayHoldBatch;
  }
  auto storage = std::make_shared<Storage>();
  for (int64_t outer = 0; outer < numOuter; ++outer)
    for (const ConstantTensor &part : parts) {
      size_t run = part.data.size() / std::max<int64_t>(numOuter, 1);
      llvm::append_range(*storage, part.data.slice(outer * run, run));
    }
  return makeTensor(
             name.str(),
             RankedTensorType::get(shape, parts.front().getElementType()),
             std::move(storage))
      .withBatch(mayHoldBatch);
}

bool ConstantTensor::mayFold(ArrayRef<int64_t> shape) {
  constexpr int64_t kLargest = int64_t(1) << 24;
  int64_t numElements = 1;
  for (int64_t size : shape)
    if (size < 0 || llvm::MulOverflow(numElements, size, numElements))
      return false;
  return numElements <= kLargest;
}

//===----------------------------------------------------------------------===//
// The batch
//===----------------------------------------------------------------------===//

bool ConstantTensor::holdsBatch() const {
  return mayHoldBatch &&
         llvm::is_contained(*getIntegers(), ShapedType::kDynamic);
}

ConstantTensor ConstantTensor::withBatch(bool value) const {
  ConstantTensor result = *this;
  result.mayHoldBatch = value;
  return result;
}
