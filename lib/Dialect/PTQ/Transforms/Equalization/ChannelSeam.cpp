//===- ChannelSeam.cpp - Where channels pass between ops ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelSeam.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/Models/Homogeneity.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

/// The loop that indexes dimension `dim` of `operand`, if that is a plain one.
static std::optional<unsigned> getLoop(LinalgOp op, OpOperand &operand,
                                       int64_t dim) {
  auto expr = dyn_cast<AffineDimExpr>(
      op.getMatchingIndexingMap(&operand).getResult(dim));
  return expr ? std::optional(expr.getPosition()) : std::nullopt;
}

/// The dimension of `operand` that `loop` indexes, if it does so once and
/// alone.
static std::optional<int64_t> getDim(LinalgOp op, OpOperand &operand,
                                     unsigned loop) {
  std::optional<int64_t> found;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
    if (!expr.isFunctionOfDim(loop))
      continue;
    if (found || !isa<AffineDimExpr>(expr))
      return std::nullopt;
    found = dim;
  }
  return found;
}

/// The dimensions of activation and weights that the same loop indexes: the
/// channels that an op reads. None if there is not exactly one such loop.
static std::optional<std::pair<int64_t, int64_t>>
findSharedDims(const WeightedOp &weighted) {
  LinalgOp op = weighted.op;
  OpOperand &weight = *weighted.weightPath.operands.back();
  std::optional<std::pair<int64_t, int64_t>> found;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    std::optional<int64_t> activationDim =
        getDim(op, *weighted.activation, loop);
    std::optional<int64_t> weightDim = getDim(op, weight, loop);
    if (!activationDim || !weightDim)
      continue;
    if (found)
      return std::nullopt;
    found = {*activationDim, *weightDim};
  }
  return found;
}

/// `op` as what consumes channels through `weighted.activation`.
static FailureOr<SeamConsumer> matchConsumer(WeightedOp weighted) {
  auto dims = findSharedDims(weighted);
  if (!dims)
    return failure();
  FailureOr<SmallVector<int64_t>> rootDims =
      mapDimsToRoot(weighted.weightPath, dims->second);
  if (failed(rootDims) || rootDims->size() != 1)
    return failure();
  ChannelValue activation{weighted.activation->get(), dims->first};
  ChannelConstant weights{weighted.weightPath.root, rootDims->front()};
  return SeamConsumer{std::move(weighted), activation, weights};
}

namespace {

/// Explores a seam from one of its values in all directions.
class SeamExplorer {
public:
  /// Takes `value` with its channels into the seam.
  void enqueue(Value value, int64_t dim) {
    auto [it, isNew] = dims.insert({value, dim});
    if (isNew)
      worklist.push_back(value);
    else if (it->second != dim)
      fail("the channels lie along two dimensions at once");
  }

  /// Explores until all of the seam is known.
  LogicalResult explore() {
    while (!worklist.empty() && problem.empty()) {
      Value value = worklist.pop_back_val();
      int64_t dim = dims.lookup(value);
      exploreProducer(value, dim);
      for (OpOperand &use : value.getUses())
        exploreUse(use, dim);
    }
    return failure(!problem.empty());
  }

  ChannelSeam seam;
  std::string problem;

private:
  void fail(const Twine &reason) {
    if (problem.empty())
      problem = reason.str();
  }

  void exploreProducer(Value value, int64_t dim);
  void exploreUse(OpOperand &use, int64_t dim);
  void exploreStructured(LinalgOp op, unsigned loop,
                         ArrayRef<OpOperand *> scaled);
  void joinProducer(WeightedOp weighted, int64_t dim);
  bool joinConsumer(OpOperand &use, int64_t dim);
  bool absorbFactor(LinalgOp op, unsigned loop);
  std::optional<SmallVector<OpOperand *>>
  chooseScaledOperands(LinalgOp op, unsigned loop, OpOperand *required);
  void addSource(Value value, int64_t dim);

  llvm::MapVector<Value, int64_t> dims;
  /// The ops of the seam that are neither movement nor at its ends, and those
  /// of their operands that are multiplied by the factors.
  DenseMap<Operation *, SmallVector<OpOperand *, 2>> structuredOps;
  SmallVector<Value> worklist;
};

} // namespace

//===----------------------------------------------------------------------===//
// Where the channels come from
//===----------------------------------------------------------------------===//

void SeamExplorer::addSource(Value value, int64_t dim) {
  if (seam.source)
    return fail("they come from outside in two places");
  seam.source = ChannelValue{value, dim};
}

/// The constants behind weights and bias must serve this op alone.
static bool isPrivate(const WeightedOp &weighted) {
  return llvm::all_of(
             weighted.weightPath.operands,
             [](OpOperand *operand) { return operand->get().hasOneUse(); }) &&
         succeeded(weighted.readBias());
}

/// Takes an op into the seam whose result has the channels along dimension
/// `dim`: it computes them, or if it cannot be made to compute others, they
/// come from outside.
void SeamExplorer::joinProducer(WeightedOp weighted, int64_t dim) {
  linalg::LinalgOp op = weighted.op;
  if (weighted.resultDims != ArrayRef(dim) || !isPrivate(weighted))
    return addSource(op->getResult(0), dim);
  seam.producers.push_back(std::move(weighted));
}

/// The dimension of `operand` that holds one value for each channel and nothing
/// else, if it is a constant like that which serves `op` alone.
static std::optional<int64_t>
getChannelConstantDim(LinalgOp op, OpOperand &operand, unsigned loop) {
  auto type = dyn_cast<RankedTensorType>(operand.get().getType());
  if (!type || !type.hasStaticShape() ||
      !matchPattern(operand.get(), m_Constant()) || !operand.get().hasOneUse())
    return std::nullopt;
  std::optional<int64_t> dim = getDim(op, operand, loop);
  if (!dim || type.getNumElements() != type.getDimSize(*dim))
    return std::nullopt;
  return dim;
}

/// Whether an elementwise op multiplies by a constant for each channel, which
/// can hold any unit; takes the constant into the seam.
bool SeamExplorer::absorbFactor(LinalgOp op, unsigned loop) {
  for (OpOperand *operand : op.getDpsInputOperands()) {
    std::optional<int64_t> dim = getChannelConstantDim(op, *operand, loop);
    llvm::SmallBitVector scaled(op->getNumOperands());
    scaled.set(operand->getOperandNumber());
    if (!dim || !isHomogeneous(op, scaled))
      continue;
    seam.constants.push_back({operand->get(), *dim});
    structuredOps[op] = {operand};
    return true;
  }
  return false;
}

void SeamExplorer::exploreProducer(Value value, int64_t dim) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return addSource(value, dim);
  if (FailureOr<WeightedOp> weighted = matchWeightedOp(op); succeeded(weighted))
    return joinProducer(std::move(*weighted), dim);
  if (auto transparent = dyn_cast<QuantizationTransparentOpInterface>(op);
      transparent && transparent.preservesRange()) {
    for (OpOperand &operand : op->getOpOperands()) {
      if (!transparent.isTransparentFor(operand.getOperandNumber()))
        continue;
      FailureOr<SmallVector<int64_t>> mapped =
          transparent.mapDimsToOperand(operand.getOperandNumber(), dim);
      if (failed(mapped) || mapped->size() != 1)
        return addSource(value, dim);
      enqueue(operand.get(), mapped->front());
    }
    return;
  }
  auto structured = dyn_cast<LinalgOp>(op);
  if (structuredOps.count(op))
    return;
  if (!structured || structured->getNumResults() != 1)
    return addSource(value, dim);
  std::optional<unsigned> loop =
      getLoop(structured, *structured.getDpsInitOperand(0), dim);
  if (loop && absorbFactor(structured, *loop))
    return;
  std::optional<SmallVector<OpOperand *>> scaled;
  if (loop)
    scaled = chooseScaledOperands(structured, *loop, /*required=*/nullptr);
  if (!scaled)
    return addSource(value, dim);
  exploreStructured(structured, *loop, *scaled);
}

//===----------------------------------------------------------------------===//
// Where they go
//===----------------------------------------------------------------------===//

/// Whether `use` is by an op whose weights meet the channels; takes it into the
/// seam.
bool SeamExplorer::joinConsumer(OpOperand &use, int64_t dim) {
  FailureOr<WeightedOp> weighted = matchWeightedOp(use.getOwner());
  if (failed(weighted) || weighted->activation != &use)
    return false;
  for (OpOperand *operand : weighted->weightPath.operands)
    if (!operand->get().hasOneUse())
      return false;
  FailureOr<SeamConsumer> consumer = matchConsumer(std::move(*weighted));
  if (failed(consumer) || consumer->activation.dim != dim)
    return false;
  seam.consumers.push_back(std::move(*consumer));
  return true;
}

/// Whether `use` is by an op that only writes to a tensor of this shape.
static bool isReadForShape(OpOperand &use) {
  auto op = dyn_cast<LinalgOp>(use.getOwner());
  return op && op.isDpsInit(&use) && !op.payloadUsesValueFromOperand(&use);
}

void SeamExplorer::exploreUse(OpOperand &use, int64_t dim) {
  Operation *op = use.getOwner();
  // A shape is the same in any unit.
  if (isa<tensor::DimOp>(op) || isReadForShape(use) || joinConsumer(use, dim))
    return;
  if (auto known = structuredOps.find(op); known != structuredOps.end()) {
    if (!llvm::is_contained(known->second, &use))
      fail("'" + op->getName().getStringRef() + "' would scale twice");
    return;
  }
  if (auto transparent = dyn_cast<QuantizationTransparentOpInterface>(op);
      transparent && transparent.preservesRange() &&
      transparent.isTransparentFor(use.getOperandNumber())) {
    FailureOr<SmallVector<int64_t>> mapped =
        transparent.mapDimsToResult(use.getOperandNumber(), dim);
    if (failed(mapped) || mapped->size() != 1)
      return fail("'" + op->getName().getStringRef() + "' takes them apart");
    return enqueue(op->getResult(0), mapped->front());
  }
  auto structured = dyn_cast<LinalgOp>(op);
  std::optional<SmallVector<OpOperand *>> scaled;
  std::optional<unsigned> loop;
  if (structured && !structured.isDpsInit(&use))
    loop = getLoop(structured, use, dim);
  if (loop)
    scaled = chooseScaledOperands(structured, *loop, &use);
  if (!scaled)
    return fail("'" + op->getName().getStringRef() +
                "' consumes them and does not scale with them");
  exploreStructured(structured, *loop, *scaled);
}

//===----------------------------------------------------------------------===//
// What lies between
//===----------------------------------------------------------------------===//

/// The inputs of `op` that have to be multiplied by the factors of the channels
/// along `loop` if the result is, `required` among them if it is given. Of
/// several ways, one that leads to an op with weights.
std::optional<SmallVector<OpOperand *>>
SeamExplorer::chooseScaledOperands(LinalgOp op, unsigned loop,
                                   OpOperand *required) {
  if (op->getNumResults() != 1 ||
      op.getIteratorTypesArray()[loop] != utils::IteratorType::parallel ||
      !getDim(op, *op.getDpsInitOperand(0), loop))
    return std::nullopt;
  SmallVector<OpOperand *> all;
  for (OpOperand *operand : op.getDpsInputOperands())
    if (getDim(op, *operand, loop))
      all.push_back(operand);
  auto isWay = [&](ArrayRef<OpOperand *> operands) {
    llvm::SmallBitVector scaled(op->getNumOperands());
    for (OpOperand *operand : operands)
      scaled.set(operand->getOperandNumber());
    bool hasRequired = !required || llvm::is_contained(operands, required);
    return hasRequired && !operands.empty() && isHomogeneous(op, scaled);
  };
  // One factor of a product.
  SmallVector<OpOperand *> ways;
  for (OpOperand *operand : all)
    if (isWay(operand) && !matchPattern(operand->get(), m_Constant()))
      ways.push_back(operand);
  if (!ways.empty()) {
    auto *weighted = llvm::find_if(ways, [](OpOperand *operand) {
      Value root = traceToRoot(*operand).root;
      return root.getDefiningOp() &&
             succeeded(matchWeightedOp(root.getDefiningOp()));
    });
    return SmallVector<OpOperand *>{weighted == ways.end() ? ways.front()
                                                           : *weighted};
  }
  // The terms of a sum, constants among them.
  if (isWay(all))
    return all;
  return std::nullopt;
}

void SeamExplorer::exploreStructured(LinalgOp op, unsigned loop,
                                     ArrayRef<OpOperand *> scaled) {
  structuredOps[op].assign(scaled.begin(), scaled.end());
  enqueue(op->getResult(0), *getDim(op, *op.getDpsInitOperand(0), loop));
  for (OpOperand *operand : scaled) {
    if (!matchPattern(operand->get(), m_Constant())) {
      enqueue(operand->get(), *getDim(op, *operand, loop));
      continue;
    }
    std::optional<int64_t> dim = getChannelConstantDim(op, *operand, loop);
    if (!dim)
      return fail("a constant is added to them that does not hold one value "
                  "for each channel");
    seam.constants.push_back({operand->get(), *dim});
  }
}

FailureOr<ChannelSeam>
mlir::ptq::findChannelSeam(QuantizableOpInterface consumer,
                           std::string &problem) {
  FailureOr<WeightedOp> weighted = matchWeightedOp(consumer);
  if (failed(weighted)) {
    problem = "the op has no constant weights";
    return failure();
  }
  FailureOr<SeamConsumer> first = matchConsumer(std::move(*weighted));
  if (failed(first)) {
    problem = "weights and activation do not share one dimension of channels";
    return failure();
  }
  Value value = first->activation.value;
  auto type = cast<RankedTensorType>(value.getType());
  if (type.isDynamicDim(first->activation.dim)) {
    problem = "the number of channels is dynamic";
    return failure();
  }
  SeamExplorer explorer;
  explorer.enqueue(value, first->activation.dim);
  if (failed(explorer.explore())) {
    problem = std::move(explorer.problem);
    return failure();
  }
  explorer.seam.numChannels = type.getDimSize(first->activation.dim);
  return std::move(explorer.seam);
}
