//===- OpMatching.cpp - Ops of two forms that belong together -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpMatching.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/CastInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Kinds
//===----------------------------------------------------------------------===//

static StringRef getQuantizableKind(Operation *op) {
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  return quantizable ? quantizable.getQuantizableKind() : StringRef();
}

static std::string describeOp(Operation *op) {
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    return generic.getNumReductionLoops() == 0 ? "elementwise" : "reduction";
  return op->getName().stripDialect().str();
}

/// Whether `op` computes a value, other than by moving elements, changing their
/// type or standing for codes: the names of those are the names of others.
static bool isComputation(Operation *op) {
  if (isa<PTQDialect>(op->getDialect()) ||
      op->hasTrait<OpTrait::ConstantLike>() ||
      isa<CastOpInterface, tensor::EmptyOp, linalg::FillOp>(op))
    return false;
  if (auto transparent = dyn_cast<QuantizationTransparentOpInterface>(op))
    if (transparent.preservesRange())
      return false;
  auto structured = dyn_cast<linalg::LinalgOp>(op);
  return !structured ||
         classifyStructuredOp(structured) != StructuredOpKind::Movement;
}

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

/// The f32 results of computations in the body of `function` under each name.
static llvm::StringMap<SmallVector<Value>>
getNamedResults(func::FuncOp function) {
  llvm::StringMap<SmallVector<Value>> results;
  for (Operation &op : function.front()) {
    StringRef name = getLocatedName(op.getLoc());
    if (name.empty() || op.getNumResults() != 1 || !isComputation(&op))
      continue;
    auto type = dyn_cast<RankedTensorType>(op.getResult(0).getType());
    if (type && type.getElementType().isF32())
      results[name].push_back(op.getResult(0));
  }
  return results;
}

OpMatching OpMatching::match(func::FuncOp network, func::FuncOp reference) {
  llvm::StringMap<SmallVector<Value>> named = getNamedResults(reference);
  llvm::DenseMap<Value, Value> found;
  for (auto &entry : getNamedResults(network)) {
    auto others = named.find(entry.getKey());
    if (others == named.end())
      continue;
    // The last ones that have a name have what it stands for.
    for (Value value : llvm::reverse(entry.getValue())) {
      auto other =
          llvm::find_if(llvm::reverse(others->getValue()), [&](Value other) {
            return other.getType() == value.getType();
          });
      if (other == llvm::reverse(others->getValue()).end())
        continue;
      found[value] = *other;
      break;
    }
  }
  // What is one op to the model may be several here, such as a sum and the
  // division that makes it an average.
  llvm::StringMap<SmallVector<StringRef>> kinds;
  for (Operation &op : network.front())
    if (StringRef kind = getQuantizableKind(&op); !kind.empty())
      kinds[getLocatedName(op.getLoc())].push_back(kind);

  OpMatching matching;
  for (Operation &op : network.front()) {
    auto it =
        op.getNumResults() == 1 ? found.find(op.getResult(0)) : found.end();
    if (it == found.end())
      continue;
    StringRef name = getLocatedName(op.getLoc());
    auto ofName = kinds.find(name);
    matching.results[it->first] = {it->second, name.str(),
                                   ofName == kinds.end()
                                       ? describeOp(&op)
                                       : ofName->getValue().front().str()};
    if (ofName != kinds.end())
      kinds.erase(ofName);
  }
  for (auto &unmatched : kinds)
    matching.numUnmatched += unmatched.getValue().size();
  return matching;
}

llvm::SetVector<Value> mlir::ptq::getReadValues(Operation *op) {
  llvm::SetVector<Value> values(op->operand_begin(), op->operand_end());
  getUsedValuesDefinedAbove(op->getRegions(), values);
  return values;
}

llvm::DenseMap<Operation *, OpInputs>
mlir::ptq::findInputs(func::FuncOp network, const OpMatching &matching) {
  llvm::DenseMap<Operation *, OpInputs> inputs;
  for (Operation &op : network.front()) {
    OpInputs ofOp;
    for (Value operand : getReadValues(&op)) {
      // Sizes carry no signal.
      if (!isa<TensorType>(operand.getType()))
        continue;
      Operation *producer = operand.getDefiningOp();
      if (!producer || matching.results.contains(operand))
        ofOp.sources.insert(operand);
      else if (auto it = inputs.find(producer); it != inputs.end())
        ofOp.add(it->second);
    }
    if (isa<QuantizeOp>(op))
      ofOp.quantizers.insert(&op);
    inputs.try_emplace(&op, std::move(ofOp));
  }
  return inputs;
}
