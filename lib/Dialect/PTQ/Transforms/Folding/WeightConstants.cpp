//===- WeightConstants.cpp - Codes of observed constants ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WeightConstants.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Quantization/ArrayQuantization.h"
#include "ptq/Quantization/CodePacking.h"
#include "ptq/Quantization/ParameterLayout.h"

using namespace mlir;
using namespace mlir::ptq;

/// Fills `codes` with the codes of `values`, which have the shape of `codes`.
template <typename T>
static void quantizeInto(TensorValue &codes, ArrayRef<float> values,
                         EncodingAttr encoding,
                         const EdgeParameters &parameters) {
  SmallVector<float> scales;
  SmallVector<int32_t> zeroPoints;
  for (const QuantizationParameters &p : parameters.values) {
    scales.push_back(p.scale);
    zeroPoints.push_back(p.zeroPoint);
  }
  CodeRange range{encoding.getMinCode(), encoding.getMaxCode()};
  MutableArrayRef<T> target = codes.getMutableData<T>();
  encoding.getParameterLayout(codes.getShape())
      .forEachRun([&](const ElementRun &run) {
        ParameterRun part{scales.data() + run.parameter,
                          zeroPoints.data() + run.parameter, run.stride};
        quantizeArray<T>(values.slice(run.begin, run.count), part, range,
                         target.slice(run.begin, run.count));
      });
}

/// A constant of packed bytes, and the codes that it is unpacked to. They are
/// packed along the innermost dimension that leaves no bits unused, or, if
/// there is none, as one row of all codes.
static Value createPackedCodes(OpBuilder &builder, Location loc,
                               const TensorValue &codes, StringRef name) {
  RankedTensorType type = codes.getType();
  unsigned width = type.getElementTypeBitWidth();
  int64_t perByte = getCodesPerByte(width);
  SmallVector<int64_t> shape(type.getShape());
  int64_t axis = type.getRank() - 1;
  while (axis >= 0 && shape[axis] % perByte != 0)
    --axis;
  if (axis < 0) {
    shape.assign(1, type.getNumElements());
    axis = 0;
  }
  PackedDimension dimension = PackedDimension::get(shape, axis);
  RankedTensorType unpackedType = type.clone(shape);
  shape[axis] = llvm::divideCeil(shape[axis], perByte);
  TensorValue packed = TensorValue::allocateUninitialized(
      RankedTensorType::get(shape, builder.getI8Type()));
  packCodes(codes.getData<int8_t>(), dimension, width,
            packed.getMutableData<int8_t>());
  Value bytes = createTensorConstant(builder, loc, packed, name);
  Value unpacked = UnpackOp::create(builder, loc, unpackedType, bytes, axis);
  if (unpackedType == type)
    return unpacked;
  if (type.getRank() == 0)
    return tensor::CollapseShapeOp::create(builder, loc, type, unpacked,
                                           ArrayRef<ReassociationIndices>{});
  ReassociationIndices all(llvm::to_vector(llvm::seq(type.getRank())));
  return tensor::ExpandShapeOp::create(builder, loc, type, unpacked,
                                       ArrayRef<ReassociationIndices>(all));
}

FailureOr<Value>
mlir::ptq::createWeightCodes(OpBuilder &builder, ObserveOp observer,
                             const EdgeParameters &parameters) {
  FailureOr<SmallVector<float>> values = readFloatConstant(observer.getInput());
  if (failed(values))
    return observer.emitOpError("observes a constant that is not f32 or whose "
                                "data is missing");
  EncodingAttr encoding = observer.getEncoding();
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  TensorValue codes =
      TensorValue::allocateUninitialized(type.clone(encoding.getStorage()));
  if (codes.getElementByteSize() == 1)
    quantizeInto<int8_t>(codes, *values, encoding, parameters);
  else
    quantizeInto<int16_t>(codes, *values, encoding, parameters);
  Location loc = observer.getLoc();
  StringRef name = observer.getEdge();
  if (encoding.getStorage().getWidth() < 8 && codes.getNumElements() > 0)
    return createPackedCodes(builder, loc, codes, name);
  return createTensorConstant(builder, loc, codes, name);
}
