//===- ModelStructure.cpp - What makes two models the same to a table -----===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModelStructure.h"
#include "ptq/Quantization/ParameterLayout.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/Support/MD5.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// Writes the structure of ops, one after the other, into a hash.
class StructureHasher {
public:
  void add(Operation *op) {
    std::string text;
    llvm::raw_string_ostream os(text);
    os << op->getName() << '(';
    for (Value operand : op->getOperands())
      os << getNumber(operand) << ' ';
    os << ')';
    for (Type type : op->getResultTypes())
      os << type << ' ';
    if (auto observer = dyn_cast<ObserveOp>(op))
      os << observer.getEdge();
    os << '\n';
    for (Value result : op->getResults())
      getNumber(result);
    hash.update(text);
  }

  std::string getDigest() const {
    llvm::MD5 copy = hash;
    return copy.final().digest().str().str();
  }

private:
  /// Values are numbered in the order in which they are first met.
  unsigned getNumber(Value value) {
    return numbers.try_emplace(value, numbers.size()).first->second;
  }

  llvm::MD5 hash;
  DenseMap<Value, unsigned> numbers;
};

} // namespace

ModelStructure mlir::ptq::describeStructure(ModuleOp module,
                                            ArrayRef<ObserveOp> observers) {
  llvm::DenseSet<Operation *> wanted(observers.begin(), observers.end());
  ModelStructure structure;
  StructureHasher hasher;
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    hasher.add(op);
    auto observer = dyn_cast<ObserveOp>(op);
    if (!observer || !wanted.contains(op))
      return;
    auto type = cast<RankedTensorType>(observer.getInput().getType());
    ParameterLayout layout =
        observer.getEncoding().getParameterLayout(type.getShape());
    structure.edges.push_back({observer.getEdge().str(), hasher.getDigest(),
                               layout.getNumParameters()});
  });
  structure.hash = hasher.getDigest();
  return structure;
}
