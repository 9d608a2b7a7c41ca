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
                                            MLIRContext *context,
                                            ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())},
                                    IntegerType::get(context, 64));
  auto storage = std::make_shared<Storage>(values.size() * sizeof(int64_t));
  for (auto [index, value] : llvm::enumerate(values))
    storeElement(MutableArrayRef<char>(*storage), index, value);
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
  bool isWide = getElementType().isSignlessInteger(64);
  if (!isWide && !getElementType().isSignlessInteger(32))
    return failure();
  SmallVector<int64_t> values;
  for (int64_t index = 0, end = type.getNumElements(); index < end; ++index)
    values.push_back(isWide ? loadElement<int64_t>(data, index)
                            : loadElement<int32_t>(data, index));
  return values;
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
                    std::move(storage));
}
