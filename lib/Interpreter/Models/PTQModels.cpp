//===- PTQModels.cpp - Observation and quantization -----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All arithmetic is that of ptq/Quantization; which elements share which
// parameters, ElementParameters.h says.
//
//===----------------------------------------------------------------------===//

#include "ElementParameters.h"
#include "ElementwiseModel.h"
#include "FixedPointRequantization.h"
#include "FloatWidths.h"
#include "Models.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/Interpreter.h"
#include "ptq/Quantization/CodePacking.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

/// Calls `visit` with a value of the type that codes of `bytes` bytes have.
template <typename Visit>
static LogicalResult dispatchCodes(Operation *op, unsigned bytes, Visit visit) {
  switch (bytes) {
  case 1:
    visit(int8_t());
    return success();
  case 2:
    visit(int16_t());
    return success();
  case 4:
    visit(int32_t());
    return success();
  default:
    return op->emitError("the interpreter does not quantize to i64");
  }
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

namespace {
struct ObserveModel
    : EvaluableOpInterface::ExternalModel<ObserveModel, ObserveOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto observe = cast<ObserveOp>(op);
    TensorValue value = frame.take(op, observe.getInput());
    frame.notifyObserved(observe, value);
    if (const auto &model = frame.getInterpreter().getObserverModel()) {
      FailureOr<TensorValue> changed = model(observe, std::move(value));
      if (failed(changed))
        return failure();
      value = std::move(*changed);
    }
    frame.set(observe.getResult(), std::move(value));
    return success();
  }
};

struct QuantizeModel
    : EvaluableOpInterface::ExternalModel<QuantizeModel, QuantizeOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto quantize = cast<QuantizeOp>(op);
    FailureOr<TensorValue> input =
        widenToF32(op, frame, frame.get(quantize.getInput()));
    if (failed(input))
      return failure();
    FailureOr<ElementParameters> parameters = ElementParameters::create(
        op, frame, input->getShape(), quantize.getScale(),
        quantize.getZeroPoint(), quantize.getAxis(), quantize.getBlockSize());
    FailureOr<TensorValue> result =
        frame.allocate(op, input->getShape(),
                       getElementTypeOrSelf(quantize.getResult().getType()));
    if (failed(parameters) || failed(result))
      return failure();
    CodeRange range{quantize.getLowCode(), quantize.getHighCode()};
    ArrayRef<float> source = input->getData<float>();
    auto run = [&](auto code) {
      using T = decltype(code);
      MutableArrayRef<T> target = result->getMutableData<T>();
      parameters->forEachRun(
          [&](int64_t begin, int64_t count, ParameterRun run) {
            quantizeArray<T>(source.slice(begin, count), run, range,
                             target.slice(begin, count));
          });
    };
    if (failed(dispatchCodes(op, result->getElementByteSize(), run)))
      return failure();
    frame.set(quantize.getResult(), std::move(*result));
    return success();
  }
};

struct DequantizeModel
    : EvaluableOpInterface::ExternalModel<DequantizeModel, DequantizeOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto dequantize = cast<DequantizeOp>(op);
    const TensorValue input = frame.get(dequantize.getInput());
    FailureOr<ElementParameters> parameters = ElementParameters::create(
        op, frame, input.getShape(), dequantize.getScale(),
        dequantize.getZeroPoint(), dequantize.getAxis(),
        dequantize.getBlockSize());
    FailureOr<TensorValue> result = frame.allocate(
        op, input.getShape(), Float32Type::get(op->getContext()));
    if (failed(parameters) || failed(result))
      return failure();
    MutableArrayRef<float> target = result->getMutableData<float>();
    auto run = [&](auto code) {
      using T = decltype(code);
      ArrayRef<T> source = input.getData<T>();
      parameters->forEachRun(
          [&](int64_t begin, int64_t count, ParameterRun run) {
            dequantizeArray<T>(source.slice(begin, count), run,
                               target.slice(begin, count));
          });
    };
    if (input.getElementByteSize() == 8)
      run(int64_t());
    else if (failed(dispatchCodes(op, input.getElementByteSize(), run)))
      return failure();
    FailureOr<TensorValue> narrowed =
        narrowFromF32(op, frame, std::move(*result),
                      getElementTypeOrSelf(dequantize.getResult().getType()));
    if (failed(narrowed))
      return failure();
    frame.set(dequantize.getResult(), std::move(*narrowed));
    return success();
  }
};

struct RequantizeModel
    : EvaluableOpInterface::ExternalModel<RequantizeModel, RequantizeOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto requantize = cast<RequantizeOp>(op);
    if (requantize.getShift())
      return evaluateFixedPoint(requantize, frame);
    const TensorValue input = frame.get(requantize.getInput());
    FailureOr<ElementParameters> parameters = ElementParameters::create(
        op, frame, input.getShape(), requantize.getMultiplier(),
        requantize.getZeroPoint(), requantize.getAxis(),
        /*blocks=*/std::nullopt);
    FailureOr<TensorValue> result =
        frame.allocate(op, input.getShape(),
                       getElementTypeOrSelf(requantize.getResult().getType()));
    if (failed(parameters) || failed(result))
      return failure();
    CodeRange range{requantize.getLowCode(), requantize.getHighCode()};
    auto runOn = [&](auto accumulator, auto code) {
      using AccT = decltype(accumulator);
      using T = decltype(code);
      ArrayRef<AccT> source = input.getData<AccT>();
      MutableArrayRef<T> target = result->getMutableData<T>();
      parameters->forEachRun(
          [&](int64_t begin, int64_t count, ParameterRun run) {
            requantizeArray<AccT, T>(source.slice(begin, count), run, range,
                                     target.slice(begin, count));
          });
    };
    auto run = [&](auto code) {
      if (input.getElementByteSize() == 8)
        runOn(int64_t(), code);
      else
        runOn(int32_t(), code);
    };
    if (failed(dispatchCodes(op, result->getElementByteSize(), run)))
      return failure();
    frame.set(requantize.getResult(), std::move(*result));
    return success();
  }
};

struct ChooseParametersModel
    : EvaluableOpInterface::ExternalModel<ChooseParametersModel,
                                          ChooseParametersOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto choose = cast<ChooseParametersOp>(op);
    EncodingAttr encoding = choose.getEncoding();
    FailureOr<TensorValue> input =
        widenToF32(op, frame, frame.get(choose.getInput()));
    if (failed(input))
      return failure();
    ParameterLayout parts = encoding.getParameterLayout(input->getShape());
    FailureOr<TensorValue> scales = frame.allocate(
        op, parts.getParameterShape(), Float32Type::get(op->getContext()));
    if (failed(scales))
      return failure();
    MutableArrayRef<float> scaleData = scales->getMutableData<float>();
    SmallVector<FiniteRange> ranges = measure(input->getData<float>(), parts);
    SmallVector<int32_t> zeroPoints;
    CodeRange codes{encoding.getMinCode(), encoding.getMaxCode()};
    for (auto [scale, range] : llvm::zip_equal(scaleData, ranges)) {
      QuantizationParameters parameters = chooseQuantizationParameters(
          range.min, range.max, encoding.getSymmetry(), codes);
      scale = parameters.scale;
      zeroPoints.push_back(parameters.zeroPoint);
    }
    FailureOr<TensorValue> narrowed =
        narrowFromF32(op, frame, std::move(*scales),
                      getElementTypeOrSelf(choose.getScale().getType()));
    if (failed(narrowed))
      return failure();
    frame.set(choose.getScale(), std::move(*narrowed));
    if (!choose.getZeroPoint())
      return success();
    return setZeroPoints(op, frame, choose.getZeroPoint(),
                         parts.getParameterShape(), zeroPoints);
  }

private:
  /// The smallest and the largest finite element, and 0.
  struct FiniteRange {
    float min = 0.0f;
    float max = 0.0f;

    void include(ArrayRef<float> values) {
      for (float value : values) {
        if (!std::isfinite(value))
          continue;
        min = std::min(min, value);
        max = std::max(max, value);
      }
    }
  };

  /// The ranges of the parts of `values` that have parameters of their own.
  static SmallVector<FiniteRange> measure(ArrayRef<float> values,
                                          const ParameterLayout &parts) {
    SmallVector<FiniteRange> ranges(parts.getNumParameters());
    parts.forEachRun([&](const ElementRun &run) {
      ArrayRef<float> elements = values.slice(run.begin, run.count);
      if (run.stride == 0)
        return ranges[run.parameter].include(elements);
      for (auto [index, element] : llvm::enumerate(elements))
        ranges[run.parameter + index].include(element);
    });
    return ranges;
  }

  static LogicalResult setZeroPoints(Operation *op, EvaluationFrame &frame,
                                     Value result, ArrayRef<int64_t> shape,
                                     ArrayRef<int32_t> zeroPoints) {
    FailureOr<TensorValue> value =
        frame.allocate(op, shape, getElementTypeOrSelf(result.getType()));
    if (failed(value))
      return failure();
    if (value->getElementByteSize() == 1) {
      for (auto [target, zeroPoint] :
           llvm::zip_equal(value->getMutableData<int8_t>(), zeroPoints)) {
        if (zeroPoint != static_cast<int8_t>(zeroPoint))
          return op->emitError("zero point ") << zeroPoint << " is no i8";
        target = static_cast<int8_t>(zeroPoint);
      }
    } else {
      llvm::copy(zeroPoints, value->getMutableData<int32_t>().begin());
    }
    frame.set(result, std::move(*value));
    return success();
  }
};

struct UnpackModel
    : EvaluableOpInterface::ExternalModel<UnpackModel, UnpackOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto unpack = cast<UnpackOp>(op);
    const TensorValue input = frame.get(unpack.getInput());
    auto type = cast<RankedTensorType>(unpack.getResult().getType());
    auto axis = static_cast<size_t>(unpack.getAxis());
    SmallVector<int64_t> shape(input.getShape());
    shape[axis] = type.getDimSize(axis);
    FailureOr<TensorValue> result =
        frame.allocate(op, shape, type.getElementType());
    if (failed(result))
      return failure();
    unpackCodes(input.getData<int8_t>(), PackedDimension::get(shape, axis),
                type.getElementTypeBitWidth(),
                result->getMutableData<int8_t>());
    frame.set(unpack.getResult(), std::move(*result));
    return success();
  }
};

struct LookupModel
    : EvaluableOpInterface::ExternalModel<LookupModel, LookupOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto lookup = cast<LookupOp>(op);
    const TensorValue input = frame.get(lookup.getInput());
    const TensorValue table = frame.get(lookup.getTable());
    FailureOr<TensorValue> result =
        frame.allocate(op, input.getShape(), table.getElementType());
    if (failed(result))
      return failure();
    ArrayRef<int8_t> codes = input.getData<int8_t>();
    auto run = [&](auto element) {
      using T = decltype(element);
      ArrayRef<T> entries = table.getData<T>();
      for (auto [target, code] :
           llvm::zip_equal(result->getMutableData<T>(), codes))
        target = entries[code + 128];
    };
    if (failed(dispatchCodes(op, table.getElementByteSize(), run)))
      return failure();
    frame.set(lookup.getResult(), std::move(*result));
    return success();
  }
};

struct DotModel : EvaluableOpInterface::ExternalModel<DotModel, DotOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto dot = cast<DotOp>(op);
    TensorValue result = frame.take(op, dot.getAcc());
    if (failed(result.makeUnique()))
      return op->emitError("not enough memory");
    SmallVector<int32_t> a = read(frame.get(dot.getA()), dot.getUnsignedA());
    SmallVector<int32_t> b = read(frame.get(dot.getB()), dot.getUnsignedB());
    MutableArrayRef<int32_t> sums = result.getMutableData<int32_t>();
    int64_t numProducts = dot.getNumProducts();
    for (auto [lane, sum] : llvm::enumerate(sums)) {
      auto [runOfA, runOfB] = dot.getRuns(lane);
      // Wraps, as the instructions do.
      auto total = static_cast<uint32_t>(sum);
      for (int64_t i = 0; i < numProducts; ++i)
        total += static_cast<uint32_t>(a[runOfA * numProducts + i]) *
                 static_cast<uint32_t>(b[runOfB * numProducts + i]);
      sum = static_cast<int32_t>(total);
    }
    frame.set(dot.getResult(), std::move(result));
    return success();
  }

private:
  static SmallVector<int32_t> read(const TensorValue &value, bool isUnsigned) {
    SmallVector<int32_t> result;
    if (value.getElementByteSize() == 1)
      for (int8_t element : value.getData<int8_t>())
        result.push_back(isUnsigned ? static_cast<uint8_t>(element) : element);
    else
      for (int16_t element : value.getData<int16_t>())
        result.push_back(isUnsigned ? static_cast<uint16_t>(element) : element);
    return result;
  }
};
} // namespace

void mlir::ptq::registerPTQModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, PTQDialect *) {
    ChooseParametersOp::attachInterface<ChooseParametersModel>(*context);
    DequantizeOp::attachInterface<DequantizeModel>(*context);
    DotOp::attachInterface<DotModel>(*context);
    LookupByteOp::attachInterface<ElementwiseModel<LookupByteOp>>(*context);
    LookupOp::attachInterface<LookupModel>(*context);
    ObserveOp::attachInterface<ObserveModel>(*context);
    QuantizeOp::attachInterface<QuantizeModel>(*context);
    RequantizeOp::attachInterface<RequantizeModel>(*context);
    UnpackOp::attachInterface<UnpackModel>(*context);
  });
}
