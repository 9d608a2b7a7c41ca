//===- SCFModels.cpp - Loops and branches ---------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Models.h"
#include "TensorRegions.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;

static void setResults(Operation *op, EvaluationFrame &frame,
                       MutableArrayRef<TensorValue> values) {
  for (auto [result, value] : llvm::zip_equal(op->getResults(), values))
    frame.set(result, std::move(value));
}

/// The low bits of an integer as a value of the type of an induction variable.
/// Null if there is no representation.
static TensorValue makeInteger(Type type, int64_t value) {
  // Elements are kept sign-extended, but for i1.
  if (auto integer = dyn_cast<IntegerType>(type))
    value = integer.getWidth() == 1
                ? value & 1
                : llvm::SignExtend64(value, integer.getWidth());
  switch (getElementByteSize(type).value_or(0)) {
  case 1:
    return TensorValue::fromScalar(type, static_cast<int8_t>(value));
  case 2:
    return TensorValue::fromScalar(type, static_cast<int16_t>(value));
  case 4:
    return TensorValue::fromScalar(type, static_cast<int32_t>(value));
  case 8:
    return TensorValue::fromScalar(type, value);
  default:
    return {};
  }
}

namespace {
struct ForModel : EvaluableOpInterface::ExternalModel<ForModel, scf::ForOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto loop = cast<scf::ForOp>(op);
    Type type = loop.getInductionVar().getType();
    auto readBound = [&](Value value) {
      int64_t bound = frame.getInteger(value);
      if (!loop.getUnsignedCmp() || type.isIndex())
        return bound;
      return static_cast<int64_t>(
          static_cast<uint64_t>(bound) &
          llvm::maskTrailingOnes<uint64_t>(type.getIntOrFloatBitWidth()));
    };
    int64_t lower = readBound(loop.getLowerBound());
    int64_t step = readBound(loop.getStep());
    if (step == 0 || (step < 0 && !loop.getUnsignedCmp()))
      return op->emitError("needs a positive step, got ") << step;
    SmallVector<TensorValue> carried;
    for (Value init : loop.getInitArgs())
      carried.push_back(frame.take(op, init));
    uint64_t trips = countTrips(lower, readBound(loop.getUpperBound()), step,
                                loop.getUnsignedCmp());
    for (uint64_t trip = 0; trip < trips; ++trip) {
      // Wraps for unsigned values only.
      uint64_t index =
          static_cast<uint64_t>(lower) + trip * static_cast<uint64_t>(step);
      SmallVector<TensorValue> arguments = {
          makeInteger(type, static_cast<int64_t>(index))};
      llvm::append_range(arguments, std::move(carried));
      carried.clear();
      FailureOr<SmallVector<TensorValue>> results =
          frame.evaluateRegion(loop.getRegion(), std::move(arguments));
      if (failed(results))
        return failure();
      carried = std::move(*results);
    }
    setResults(op, frame, carried);
    return success();
  }

private:
  /// The number of steps from `lower` that stay below `upper`.
  static uint64_t countTrips(int64_t lower, int64_t upper, int64_t step,
                             bool isUnsigned) {
    auto from = static_cast<uint64_t>(lower);
    auto to = static_cast<uint64_t>(upper);
    if (isUnsigned ? from >= to : lower >= upper)
      return 0;
    return (to - from - 1) / static_cast<uint64_t>(step) + 1;
  }
};

struct IfModel : EvaluableOpInterface::ExternalModel<IfModel, scf::IfOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto branch = cast<scf::IfOp>(op);
    Region &region = frame.getInteger(branch.getCondition()) != 0
                         ? branch.getThenRegion()
                         : branch.getElseRegion();
    if (region.empty())
      return success();
    FailureOr<SmallVector<TensorValue>> results =
        frame.evaluateRegion(region, {});
    if (failed(results))
      return failure();
    setResults(op, frame, *results);
    return success();
  }
};

struct IndexSwitchModel
    : EvaluableOpInterface::ExternalModel<IndexSwitchModel,
                                          scf::IndexSwitchOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto branch = cast<scf::IndexSwitchOp>(op);
    int64_t choice = frame.getInteger(branch.getArg());
    Region *region = &branch.getDefaultRegion();
    for (auto [value, caseRegion] :
         llvm::zip_equal(branch.getCases(), branch.getCaseRegions()))
      if (value == choice)
        region = &caseRegion;
    FailureOr<SmallVector<TensorValue>> results =
        frame.evaluateRegion(*region, {});
    if (failed(results))
      return failure();
    setResults(op, frame, *results);
    return success();
  }
};

struct WhileModel
    : EvaluableOpInterface::ExternalModel<WhileModel, scf::WhileOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto loop = cast<scf::WhileOp>(op);
    SmallVector<TensorValue> carried;
    for (Value init : loop.getInits())
      carried.push_back(frame.take(op, init));
    while (true) {
      FailureOr<SmallVector<TensorValue>> condition =
          frame.evaluateRegion(loop.getBefore(), std::move(carried));
      if (failed(condition))
        return failure();
      // The terminator scf.condition: whether to go on, then the values.
      bool goOn = condition->front().getData<int8_t>().front() != 0;
      SmallVector<TensorValue> values(
          std::make_move_iterator(condition->begin() + 1),
          std::make_move_iterator(condition->end()));
      if (!goOn) {
        setResults(op, frame, values);
        return success();
      }
      FailureOr<SmallVector<TensorValue>> results =
          frame.evaluateRegion(loop.getAfter(), std::move(values));
      if (failed(results))
        return failure();
      carried = std::move(*results);
    }
  }
};

/// Trips run one after the other, and each inserts its slices at its end. One
/// that read what another one inserts would be a race, which has no meaning.
struct ForallModel
    : EvaluableOpInterface::ExternalModel<ForallModel, scf::ForallOp> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    auto loop = cast<scf::ForallOp>(op);
    SmallVector<int64_t> lower = frame.getIntegers(loop.getStaticLowerBound(),
                                                   loop.getDynamicLowerBound());
    SmallVector<int64_t> upper = frame.getIntegers(loop.getStaticUpperBound(),
                                                   loop.getDynamicUpperBound());
    SmallVector<int64_t> step =
        frame.getIntegers(loop.getStaticStep(), loop.getDynamicStep());
    bool isEmpty = false;
    for (auto [from, to, by] : llvm::zip_equal(lower, upper, step)) {
      if (by <= 0)
        return op->emitError("needs positive steps, got ") << by;
      isEmpty |= from >= to;
    }
    SmallVector<TensorValue> outputs;
    for (Value output : loop.getOutputs())
      outputs.push_back(frame.take(op, output));
    SmallVector<int64_t> indices = lower;
    while (!isEmpty) {
      if (failed(evaluateTrip(loop, frame, indices, outputs)))
        return failure();
      int64_t dim = indices.size() - 1;
      for (; dim >= 0; --dim) {
        if (!llvm::AddOverflow(indices[dim], step[dim], indices[dim]) &&
            indices[dim] < upper[dim])
          break;
        indices[dim] = lower[dim];
      }
      if (dim < 0)
        break;
    }
    setResults(op, frame, outputs);
    return success();
  }

private:
  static LogicalResult evaluateTrip(scf::ForallOp loop, EvaluationFrame &frame,
                                    ArrayRef<int64_t> indices,
                                    MutableArrayRef<TensorValue> outputs) {
    Block &body = *loop.getBody();
    Type indexType = IndexType::get(loop.getContext());
    for (auto [argument, index] :
         llvm::zip_equal(loop.getInductionVars(), indices))
      frame.set(argument, TensorValue::fromScalar<int64_t>(indexType, index));
    for (auto [argument, output] :
         llvm::zip_equal(loop.getRegionIterArgs(), outputs))
      frame.set(argument, output);
    for (Operation &nested : body.without_terminator())
      if (failed(frame.evaluate(&nested)))
        return failure();
    auto terminator = cast<scf::InParallelOp>(body.getTerminator());
    for (Operation &yielding : terminator.getYieldingOps()) {
      auto insert = dyn_cast<tensor::ParallelInsertSliceOp>(yielding);
      if (!insert)
        return yielding.emitError("the interpreter knows "
                                  "tensor.parallel_insert_slice only");
      auto target = dyn_cast<BlockArgument>(insert.getDest());
      if (!target || target.getOwner() != &body ||
          target.getArgNumber() < indices.size())
        return insert.emitError("does not insert into a shared output");
      TensorValue &output = outputs[target.getArgNumber() - indices.size()];
      TensorRegion region{
          frame.getIntegers(insert.getStaticOffsets(), insert.getOffsets()),
          frame.getIntegers(insert.getStaticSizes(), insert.getSizes()),
          frame.getIntegers(insert.getStaticStrides(), insert.getStrides())};
      const TensorValue *source = frame.lookup(insert.getSource());
      if (!source)
        return insert.emitError("has no value to insert");
      // The argument no longer needs the output as it was.
      frame.set(target, TensorValue());
      if (failed(verifyRegion(insert, region, output.getShape())) ||
          failed(insertRegion(insert, *source, region, output)))
        return failure();
      frame.set(target, output);
    }
    return success();
  }
};
} // namespace

void mlir::ptq::registerSCFModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, scf::SCFDialect *) {
    scf::ForallOp::attachInterface<ForallModel>(*context);
    scf::ForOp::attachInterface<ForModel>(*context);
    scf::IfOp::attachInterface<IfModel>(*context);
    scf::IndexSwitchOp::attachInterface<IndexSwitchModel>(*context);
    scf::WhileOp::attachInterface<WhileModel>(*context);
  });
}
