//===- FormVerification.cpp - Two computations of one network -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Execution/FormVerification.h"
#include "mlir/Pass/PassManager.h"
#include "ptq/Pipelines/Lower.h"
#include "llvm/ADT/StringExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::ptq;

/// Samples in a call where the network takes any number: more than one, and not
/// what vectors hold.
static constexpr int64_t kCallSize = 3;

/// How often sums are made wrong at random before a difference counts: a single
/// code that is made of one, next to a tie, changes in one of several trials.
static constexpr unsigned kMaxTrials = 64;

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

/// The bits of an element, sign-extended if it is an integer.
static APInt getBits(const TensorValue &tensor, int64_t index) {
  unsigned bytes = tensor.getElementByteSize();
  uint64_t bits = 0;
  std::memcpy(&bits, tensor.getRawData().data() + index * bytes, bytes);
  return APInt(8 * bytes, bits);
}

static APFloat getFloat(FloatType type, const APInt &bits) {
  return APFloat(type.getFloatSemantics(), bits);
}

static bool isEqual(Type type, const APInt &a, const APInt &b) {
  if (a == b)
    return true;
  auto floatType = dyn_cast<FloatType>(type);
  return floatType && getFloat(floatType, a).isNaN() &&
         getFloat(floatType, b).isNaN();
}

static std::string toText(Type type, const APInt &bits) {
  SmallString<32> text;
  if (auto floatType = dyn_cast<FloatType>(type))
    getFloat(floatType, bits).toString(text);
  else
    bits.toStringSigned(text);
  return text.str().str();
}

static SmallVector<int64_t> getIndex(ArrayRef<int64_t> shape, int64_t linear) {
  SmallVector<int64_t> index(shape.size());
  for (size_t dim = shape.size(); dim-- > 0; linear /= shape[dim])
    index[dim] = linear % shape[dim];
  return index;
}

std::optional<OutputDifference> mlir::ptq::findDifference(
    const Signature &signature, ArrayRef<TensorValue> expected,
    ArrayRef<TensorValue> actual, ArrayRef<OutputTolerance> tolerances,
    int64_t *numRounded) {
  for (auto [number, entry, a, b] :
       llvm::enumerate(signature.outputs, expected, actual)) {
    // Most outputs are equal as a whole.
    if (a.getRawData() == b.getRawData())
      continue;
    Type type = a.getElementType();
    OutputDifference difference;
    difference.numElements = a.getNumElements();
    for (int64_t i = 0, e = a.getNumElements(); i < e; ++i) {
      APInt left = getBits(a, i), right = getBits(b, i);
      if (isEqual(type, left, right))
        continue;
      if (!tolerances.empty() &&
          tolerances[number].allows(getElementAsDouble(a, i),
                                    getElementAsDouble(b, i))) {
        ++*numRounded;
        continue;
      }
      if (difference.numDifferent++ > 0)
        continue;
      difference.output = entry.name;
      difference.index = getIndex(a.getShape(), i);
      difference.expected = toText(type, left);
      difference.actual = toText(type, right);
    }
    if (difference.numDifferent > 0)
      return difference;
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

LogicalResult FormVerifier::verifyCall(ArrayRef<TensorValue> inputs,
                                       const Twine &what) {
  if (!llvm::all_of(inputs, [](const TensorValue &input) { return !!input; }))
    return emitError(expected.getLoc(), "not enough memory for the inputs");
  FailureOr<std::unique_ptr<EngineCall>> first = expected.prepareCall(inputs);
  FailureOr<std::unique_ptr<EngineCall>> second = actual.prepareCall(inputs);
  if (failed(first) || failed(second) || failed((*first)->invoke()) ||
      failed((*second)->invoke()))
    return failure();
  ++result.numCalls;
  for (const TensorValue &output : (*first)->getOutputs())
    result.numElements += output.getNumElements();
  auto compare = [&](ArrayRef<OutputTolerance> tolerances) {
    result.difference =
        findDifference(expected.getSignature(), (*first)->getOutputs(),
                       (*second)->getOutputs(), tolerances, &result.numRounded);
  };
  compare(/*tolerances=*/{});
  if (result.difference && rounding) {
    SmallVector<OutputTolerance> tolerances = rounding->getTolerances();
    int64_t numRoundedBefore = result.numRounded;
    for (unsigned trial = 0; result.difference && trial < kMaxTrials; ++trial) {
      if (failed(rounding->measure(inputs, (*first)->getOutputs(), tolerances)))
        return failure();
      result.numRounded = numRoundedBefore;
      compare(tolerances);
    }
  }
  if (result.difference)
    result.inputs = what.str();
  return success();
}

LogicalResult FormVerifier::verifySamples(const SampleBatches &batches) {
  for (int64_t first = 0, e = batches.getNumSamples();
       first < e && !result.difference; first += batches.getBatchSize()) {
    FailureOr<SmallVector<TensorValue>> inputs = batches.read(first);
    if (failed(inputs) ||
        failed(verifyCall(*inputs, "samples from " + Twine(first))))
      return failure();
  }
  return success();
}

LogicalResult FormVerifier::verifyAdversarial(AdversarialInputs &inputs,
                                              unsigned repetitions) {
  for (unsigned i = 0; i < repetitions * kNumInputPatterns; ++i) {
    if (result.difference)
      break;
    auto pattern = static_cast<InputPattern>(i % kNumInputPatterns);
    if (failed(verifyCall(inputs.make(pattern, kCallSize),
                          stringifyInputPattern(pattern))))
      return failure();
  }
  return success();
}

LogicalResult mlir::ptq::lowerToIntegerForm(ModuleOp module) {
  PassManager pm(module->getName());
  LowerOptions options;
  options.to = LoweringStage::Integer;
  options.summary = false;
  populateLowerPipeline(pm, options);
  return pm.run(module);
}
