//===- Constants.cpp - Constants of the IR in ONNX ------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphExporter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Quantization/CodePacking.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <onnx/onnx_pb.h>

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::exporter;
using ::onnx::TensorProto;

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// `bytes` of packed codes, one code a byte.
static ConstantElements unpack(UnpackOp op, const ConstantElements &bytes) {
  auto type = cast<RankedTensorType>(op.getResult().getType());
  ConstantElements codes{type, std::string(type.getNumElements(), '\0')};
  unpackCodes(
      {reinterpret_cast<const int8_t *>(bytes.data.data()), bytes.data.size()},
      PackedDimension::get(type.getShape(), op.getAxis()),
      type.getElementTypeBitWidth(),
      {reinterpret_cast<int8_t *>(codes.data.data()), codes.data.size()});
  return codes;
}

FailureOr<ConstantElements> mlir::ptq::exporter::readConstant(Value value) {
  if (auto op = value.getDefiningOp<UnpackOp>()) {
    FailureOr<ConstantElements> bytes = readConstant(op.getInput());
    if (failed(bytes))
      return failure();
    return unpack(op, *bytes);
  }
  // The order of the elements stays the same.
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op)) {
    FailureOr<ConstantElements> source = readConstant(op->getOperand(0));
    if (succeeded(source))
      source->type = cast<RankedTensorType>(value.getType());
    return source;
  }
  TypedAttr attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return failure();
  if (isa<FloatAttr, IntegerAttr>(attr))
    attr = DenseElementsAttr::get(RankedTensorType::get({}, attr.getType()),
                                  Attribute(attr));
  auto type = dyn_cast<RankedTensorType>(attr.getType());
  if (!type || !type.getElementType().isIntOrFloat() ||
      type.getElementTypeBitWidth() % 8 != 0)
    return failure();
  size_t numBytes = type.getNumElements() * (type.getElementTypeBitWidth() / 8);
  ArrayRef<char> data;
  if (auto dense = dyn_cast<DenseElementsAttr>(attr)) {
    data = dense.getRawData();
    if (dense.isSplat()) {
      ConstantElements constant{type, ""};
      for (int64_t i = 0; i < type.getNumElements(); ++i)
        constant.data.append(data.begin(), data.end());
      return constant;
    }
  } else if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      data = blob->getData();
  }
  if (data.size() != numBytes)
    return failure();
  return ConstantElements{type, std::string(data.begin(), data.end())};
}

ConstantElements
mlir::ptq::exporter::convertElements(const ConstantElements &constant,
                                     Type type) {
  Type from = constant.type.getElementType();
  if (from == type)
    return constant;
  size_t fromBytes = llvm::divideCeil(from.getIntOrFloatBitWidth(), 8);
  size_t toBytes = llvm::divideCeil(type.getIntOrFloatBitWidth(), 8);
  ConstantElements converted{
      RankedTensorType::get(constant.type.getShape(), type), ""};
  for (size_t at = 0; at < constant.data.size(); at += fromBytes) {
    uint64_t bits = 0;
    std::memcpy(&bits, constant.data.data() + at, fromBytes);
    if (auto floatType = dyn_cast<FloatType>(from)) {
      APFloat value(floatType.getFloatSemantics(),
                    APInt(floatType.getWidth(), bits));
      bool losesInfo;
      value.convert(cast<FloatType>(type).getFloatSemantics(),
                    APFloat::rmNearestTiesToEven, &losesInfo);
      bits = value.bitcastToAPInt().getZExtValue();
    } else {
      bits = llvm::SignExtend64(bits, fromBytes * 8);
    }
    converted.data.append(reinterpret_cast<const char *>(&bits), toBytes);
  }
  return converted;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// Younger than the oldest version of the ONNX library that can be built with.
static constexpr int32_t kInt4 = 22;

int32_t mlir::ptq::exporter::getElementTypeCode(Type type) {
  if (type.isF32())
    return TensorProto::FLOAT;
  if (type.isF16())
    return TensorProto::FLOAT16;
  if (type.isBF16())
    return TensorProto::BFLOAT16;
  if (type.isF64())
    return TensorProto::DOUBLE;
  if (type.isInteger(4))
    return kInt4;
  if (type.isInteger(8))
    return TensorProto::INT8;
  if (type.isInteger(16))
    return TensorProto::INT16;
  if (type.isInteger(32))
    return TensorProto::INT32;
  if (type.isInteger(64))
    return TensorProto::INT64;
  return TensorProto::UNDEFINED;
}

std::string GraphExporter::addConstant(const ConstantElements &constant,
                                       StringRef name) {
  TensorProto &tensor = *graph.add_initializer();
  std::string unique = makeUnique(name);
  tensor.set_name(unique);
  tensor.set_data_type(getElementTypeCode(constant.type.getElementType()));
  for (int64_t size : constant.type.getShape())
    tensor.add_dims(size);
  if (!constant.type.getElementType().isInteger(4)) {
    tensor.set_raw_data(constant.data);
    return unique;
  }
  // Two elements to a byte, the first in the low bits.
  std::string packed(llvm::divideCeil(constant.data.size(), 2), '\0');
  for (auto [index, code] : llvm::enumerate(constant.data))
    packed[index / 2] = static_cast<char>(
        static_cast<uint8_t>(packed[index / 2]) |
        ((static_cast<uint8_t>(code) & 0xf) << (index % 2 * 4)));
  tensor.set_raw_data(packed);
  return unique;
}

std::string GraphExporter::addIntegers(ArrayRef<int64_t> values,
                                       StringRef name) {
  auto type = RankedTensorType::get(static_cast<int64_t>(values.size()),
                                    builder.getI64Type());
  std::string data(reinterpret_cast<const char *>(values.data()),
                   values.size() * sizeof(int64_t));
  return addConstant({type, std::move(data)}, name);
}

std::string GraphExporter::addFloat(Type type, double value, StringRef name) {
  auto scalar = RankedTensorType::get({}, builder.getF64Type());
  std::string data(reinterpret_cast<const char *>(&value), sizeof(value));
  return addConstant(convertElements({scalar, std::move(data)}, type), name);
}
