//===- LinalgModels.cpp - Structured ops ----------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All structured ops share one model, which knows nothing of their names: it
// looks at indexing maps and at the body.
//
//===----------------------------------------------------------------------===//

#include "../EvaluationCache.h"
#include "../Structured/Contraction.h"
#include "../Structured/StructuredLoop.h"
#include "Models.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Utils/NarrowSums.h"
#include "ptq/Interpreter/EvaluationFrame.h"
#include "ptq/Interpreter/FloatElements.h"
#include "ptq/Interpreter/Interpreter.h"
#include "ptq/Support/ElementaryFunctions.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Structured ops
//===----------------------------------------------------------------------===//

namespace {
/// What a structured op has been found to be.
struct StructuredPlan : OpPlan {
  StructuredPlan(linalg::LinalgOp op, LoopNest loops)
      : loops(std::move(loops)) {
    SmallVector<Value> unrounded;
    FailureOr<NarrowSum> sum = findNarrowSum(op, ignoreReason);
    if (succeeded(sum)) {
      unrounded = {op.getBlock()->getArguments().back(), sum->addition};
      if (sum->product)
        unrounded.push_back(sum->product);
    }
    program = ElementwiseProgram::compile(*op.getBlock(), unrounded);
    // A body with control flow is evaluated as it is.
    sumsInF32 = succeeded(sum) && program;
    bool isNarrow = isa<Float16Type, BFloat16Type>(
        getElementTypeOrSelf(op.getDpsInits().front()));
    contraction = isContraction(op) && (sumsInF32 || !isNarrow);
  }

  /// Null, after an error at `op`, if it cannot be evaluated.
  static std::unique_ptr<OpPlan> create(linalg::LinalgOp op) {
    FailureOr<LoopNest> loops = LoopNest::create(op);
    if (failed(loops))
      return nullptr;
    return std::make_unique<StructuredPlan>(op, std::move(*loops));
  }

  LoopNest loops;
  bool contraction;
  /// Whether the output is f16 or bf16, and added up as f32.
  bool sumsInF32;
  /// Null if the body can only be evaluated as a region.
  std::unique_ptr<ElementwiseProgram> program;
};
} // namespace

/// Replaces `tensor`, of f16 or bf16, by the same numbers as f32.
static LogicalResult widen(Operation *op, TensorValue &tensor) {
  RankedTensorType type =
      tensor.getType().clone(Float32Type::get(op->getContext()));
  TensorValue wide = createFromFloats(type, FloatElements(tensor).get());
  if (!wide)
    return op->emitError("not enough memory for a tensor of ") << type;
  tensor = std::move(wide);
  return success();
}

/// Replaces `tensor`, of f32, by its numbers rounded to `elementType`.
static LogicalResult round(Operation *op, Type elementType,
                           TensorValue &tensor) {
  RankedTensorType type = tensor.getType().clone(elementType);
  TensorValue rounded = createFromFloats(type, tensor.getData<float>());
  if (!rounded)
    return op->emitError("not enough memory for a tensor of ") << type;
  tensor = std::move(rounded);
  return success();
}

static LogicalResult evaluateStructured(linalg::LinalgOp op,
                                        EvaluationFrame &frame) {
  if (!op.hasPureTensorSemantics())
    return op->emitError("the interpreter runs ops on tensors, not on memrefs");
  const auto *plan = static_cast<const StructuredPlan *>(
      frame.getInterpreter().getCache().plans.getOrCreate(
          op, [&] { return StructuredPlan::create(op); }));
  if (!plan)
    return failure();

  SmallVector<TensorValue> inputs, outputs, all;
  for (OpOperand *input : op.getDpsInputOperands())
    inputs.push_back(frame.get(input->get()));
  // Initial values are written to; the last user may have them.
  for (Value init : op.getDpsInits())
    outputs.push_back(frame.take(op, init));
  llvm::append_range(all, inputs);
  llvm::append_range(all, outputs);
  FailureOr<IterationSpace> space = plan->loops.getSpace(op, all);
  if (failed(space))
    return failure();
  inputs.assign(all.begin(), all.begin() + inputs.size());
  all.clear();

  auto finish = [&]() -> LogicalResult {
    if (plan->sumsInF32 &&
        failed(round(op, getElementTypeOrSelf(op->getResult(0)), outputs[0])))
      return failure();
    for (auto [result, value] : llvm::zip_equal(op->getResults(), outputs))
      frame.set(result, std::move(value));
    return success();
  };
  if (plan->sumsInF32 && failed(widen(op, outputs[0])))
    return failure();
  if (plan->contraction) {
    SmallVector<TensorValue, 2> factors(inputs.begin(), inputs.end());
    if (plan->sumsInF32)
      for (TensorValue &factor : factors)
        if (failed(widen(op, factor)))
          return failure();
    FailureOr<bool> done =
        runContraction(op, *space, factors[0], factors[1], outputs[0]);
    if (failed(done))
      return failure();
    if (*done)
      return finish();
  }
  if (!plan->program) {
    if (failed(runStructuredRegion(op, frame, *space, inputs, outputs)))
      return failure();
  } else if (failed(runStructuredLoop(op, frame, *plan->program, *space, inputs,
                                      outputs))) {
    return failure();
  }
  return finish();
}

namespace {
template <typename OpTy>
struct StructuredModel
    : EvaluableOpInterface::ExternalModel<StructuredModel<OpTy>, OpTy> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    return evaluateStructured(cast<linalg::LinalgOp>(op), frame);
  }
};

template <typename... Ops>
void attachStructuredModels(MLIRContext *context) {
  (Ops::template attachInterface<StructuredModel<Ops>>(*context), ...);
}

/// The index of a loop is set by the structured op that has the body.
struct IndexModel
    : EvaluableOpInterface::ExternalModel<IndexModel, linalg::IndexOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    if (!frame.lookup(op->getResult(0)))
      return op->emitError("is not in the body of a structured op");
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Softmax
//===----------------------------------------------------------------------===//

/// Along one dimension: `exp(x - max) / sum(exp(x - max))` in f32 with the sum
/// in order, which is what the decomposition computes. Narrower floats are
/// rounded to once, at the end.
struct SoftmaxModel
    : EvaluableOpInterface::ExternalModel<SoftmaxModel, linalg::SoftmaxOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto softmax = cast<linalg::SoftmaxOp>(op);
    if (softmax->getNumResults() != 1)
      return op->emitError(
          "the interpreter runs ops on tensors, not on memrefs");
    const TensorValue &input = frame.get(softmax.getInput());
    if (!isAtMostF32(input.getElementType()))
      return op->emitError(
                 "the interpreter runs softmax on f32, f16 and bf16, got ")
             << input.getType();
    FloatElements elements(input);
    FailureOr<TensorValue> result = frame.allocate(
        op, input.getType().clone(Float32Type::get(op->getContext())));
    if (failed(result))
      return failure();
    ArrayRef<int64_t> shape = input.getShape();
    auto dim = static_cast<size_t>(softmax.getDimension());
    int64_t size = shape[dim];
    int64_t inner = 1;
    for (int64_t other : shape.drop_front(dim + 1))
      inner *= other;
    int64_t rows = input.getNumElements() / std::max<int64_t>(size, 1);
    const float *source = elements.get().data();
    float *target = result->getMutableData<float>().data();
    for (int64_t row = 0; row < rows; ++row) {
      int64_t begin = row / inner * inner * size + row % inner;
      float largest = -std::numeric_limits<float>::infinity();
      for (int64_t i = 0; i < size; ++i) {
        float value = source[begin + i * inner];
        largest = value > largest || value != value ? value : largest;
      }
      // Apart from the sum, which goes on in order, so that it is vectorized.
      for (int64_t i = 0; i < size; ++i)
        target[begin + i * inner] =
            elementary::exp(source[begin + i * inner] - largest);
      float sum = 0.0f;
      for (int64_t i = 0; i < size; ++i)
        sum += target[begin + i * inner];
      for (int64_t i = 0; i < size; ++i)
        target[begin + i * inner] /= sum;
    }
    TensorValue rounded = *result;
    if (input.getType() != result->getType())
      rounded = createFromFloats(input.getType(), result->getData<float>());
    if (!rounded)
      return op->emitError("not enough memory for a tensor of ")
             << input.getType();
    frame.set(softmax->getResult(0), std::move(rounded));
    return success();
  }
};
} // namespace

void mlir::ptq::registerLinalgModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, linalg::LinalgDialect *) {
    attachStructuredModels<
#define GET_OP_LIST
#include "mlir/Dialect/Linalg/IR/LinalgStructuredOps.cpp.inc"
        >(context);
    linalg::IndexOp::attachInterface<IndexModel>(*context);
    linalg::SoftmaxOp::attachInterface<SoftmaxModel>(*context);
  });
}
