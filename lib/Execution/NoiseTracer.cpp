//===- NoiseTracer.cpp - Where noise comes from ---------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NoiseTracer.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Interpreter/IntegerElements.h"

using namespace mlir;
using namespace mlir::ptq;

static NoiseSum getNoise(const TensorValue &reference,
                         const TensorValue &value) {
  NoiseSum sum;
  if (reference.getElementType().isF32() && value.getElementType().isF32() &&
      reference.getNumElements() == value.getNumElements())
    sum.add(reference.getData<float>(), value.getData<float>());
  return sum;
}

//===----------------------------------------------------------------------===//
// Saturation
//===----------------------------------------------------------------------===//

template <typename CodeT>
static int64_t countSaturated(ArrayRef<float> values, ArrayRef<CodeT> codes,
                              int64_t low, int64_t high) {
  int64_t count = 0;
  for (auto [value, code] : llvm::zip_equal(values, codes))
    count += (code == high && value > 0) || (code == low && value < 0);
  return count;
}

/// Counts what a `ptq.quantize` has made of `input`.
NoiseTracer::SaturationCount
NoiseTracer::countSaturation(Operation *op, const TensorValue &input,
                             const TensorValue &codes) {
  auto quantize = cast<QuantizeOp>(op);
  if (!input.getElementType().isF32())
    return {};
  ArrayRef<float> values = input.getData<float>();
  int64_t low = quantize.getLowCode(), high = quantize.getHighCode();
  return visitIntegerType(codes.getElementByteSize(), [&](auto code) {
    return SaturationCount{
        codes.getNumElements(),
        countSaturated(values, codes.getData<decltype(code)>(), low, high)};
  });
}

//===----------------------------------------------------------------------===//
// NoiseTracer
//===----------------------------------------------------------------------===//

NoiseTracer::NoiseTracer(func::FuncOp network, const Signature &signature,
                         const OpMatching &matching, const ValueMap &references)
    : network(network), interpreter(network->getParentOfType<ModuleOp>()),
      references(references), inputs(findInputs(network, matching)) {
  for (const auto &[value, match] : matching.results) {
    indices[value] = figures.size();
    addFigures(match.name, match.kind);
  }
  Operation *terminator = network.front().getTerminator();
  for (auto [index, operand] : llvm::enumerate(terminator->getOpOperands())) {
    if (indices.contains(traceToRoot(operand).root))
      continue;
    outputIndices[index] = figures.size();
    addFigures(signature.outputs[index].name, "output");
  }
  for (Operation &op : network.front())
    for (Value value : getReadValues(&op))
      if (!llvm::is_contained(op.getOperands(), value))
        isCaptured.insert(value);
}

void NoiseTracer::addFigures(StringRef name, StringRef kind) {
  OpFigures &added = figures.emplace_back();
  added.name = name.str();
  added.kind = kind.str();
}

void NoiseTracer::beginCall(ArrayRef<TensorValue> arguments) {
  exact.clear();
  captured.clear();
  noise.clear();
  saturation.clear();
  for (auto [argument, value] :
       llvm::zip_equal(network.getArguments(), arguments)) {
    noise[argument] = getNoise(value, value);
    if (isCaptured.contains(argument))
      captured[argument] = value;
  }
}

FailureOr<SmallVector<TensorValue>>
NoiseTracer::evaluateOnReferences(Operation *op,
                                  ArrayRef<TensorValue> operands) {
  SmallVector<TensorValue> exactOperands(operands);
  for (auto [operand, value] :
       llvm::zip_equal(op->getOperands(), exactOperands))
    if (auto it = exact.find(operand); it != exact.end())
      value = it->second;
  return interpreter.evaluate(op, exactOperands, [&](Value value) {
    auto it = exact.find(value);
    return it != exact.end() ? it->second : captured.lookup(value);
  });
}

/// Adds what arrives at an op's inputs in this call.
void NoiseTracer::addInputs(OpFigures &figures, const OpInputs &read) {
  for (Value source : read.sources)
    figures.inherited.add(noise.lookup(source));
  for (Operation *quantizer : read.quantizers) {
    SaturationCount count = saturation.lookup(quantizer);
    figures.numCodes += count.numCodes;
    figures.numSaturated += count.numSaturated;
  }
}

void NoiseTracer::notifyEvaluated(Operation *op, ArrayRef<TensorValue> operands,
                                  ArrayRef<TensorValue> results) {
  // What happens in loops and in functions that are called is part of the op
  // that is here.
  if (op->getBlock() != &network.front())
    return;
  if (isa<QuantizeOp>(op))
    saturation[op] = countSaturation(op, operands.front(), results.front());
  SmallVector<TensorValue> onReferences(results);
  if (llvm::any_of(getReadValues(op),
                   [&](Value value) { return exact.contains(value); })) {
    FailureOr<SmallVector<TensorValue>> evaluated =
        evaluateOnReferences(op, operands);
    if (failed(evaluated)) {
      hasFailed = true;
      return;
    }
    onReferences = std::move(*evaluated);
    for (auto [result, value] : llvm::zip_equal(op->getResults(), onReferences))
      exact[result] = value;
  }
  for (auto [result, value] : llvm::zip_equal(op->getResults(), results))
    if (isCaptured.contains(result))
      captured[result] = value;

  auto reference = op->getNumResults() == 1 ? references.find(op->getResult(0))
                                            : references.end();
  if (reference == references.end())
    return;
  OpFigures &ofOp = figures[indices.lookup(op->getResult(0))];
  NoiseSum &total = noise[op->getResult(0)];
  total = getNoise(reference->second, results.front());
  ofOp.total.add(total);
  ofOp.own.add(getNoise(reference->second, onReferences.front()));
  addInputs(ofOp, inputs.find(op)->second);
  exact[op->getResult(0)] = reference->second;
}

LogicalResult NoiseTracer::endCall(ArrayRef<TensorValue> results,
                                   ArrayRef<TensorValue> expected) {
  Operation *terminator = network.front().getTerminator();
  for (auto [output, index] : outputIndices) {
    Value value = terminator->getOperand(output);
    auto it = exact.find(value);
    const TensorValue &onReferences =
        it != exact.end() ? it->second : results[output];
    figures[index].total.add(getNoise(expected[output], results[output]));
    figures[index].own.add(getNoise(expected[output], onReferences));
    if (Operation *producer = value.getDefiningOp())
      addInputs(figures[index], inputs.find(producer)->second);
  }
  return failure(hasFailed);
}
