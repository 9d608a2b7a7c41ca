//===- Shape.cpp - Import of operators that move elements -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Operators on constants are carried out here, so that shapes computed from
// constants are known, and transposed weights are weights.
//
//===----------------------------------------------------------------------===//

#include "../BatchMultiple.h"
#include "../OperatorRegistry.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/Support/MathExtras.h"
#include <numeric>

using namespace mlir;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// Reshapes
//===----------------------------------------------------------------------===//

/// Sets output 0 to input 0 in another shape. With `namesBatch` its dynamic
/// dimension must be the batch, not a multiple.
static LogicalResult setReshaped(Node &node, ArrayRef<int64_t> shape,
                                 bool namesBatch = false) {
  if (const ConstantTensor *constant = node.getConstantInput(0)) {
    int64_t numElements = 1;
    for (int64_t size : shape)
      if (size < 0 || llvm::MulOverflow(numElements, size, numElements))
        return node.emitError()
               << "cannot reshape constant of type " << constant->getType();
    if (numElements != constant->getType().getNumElements())
      return node.emitError() << "cannot reshape " << constant->getType()
                              << " to " << numElements << " elements";
    return node.setOutput(0, constant->reshaped(shape));
  }
  Value input;
  if (failed(node.readInput(0, input)))
    return failure();
  auto type = RankedTensorType::get(shape, getElementType(input));
  Value result = node.getBuilder().createReshape(input, shape);
  if (!result || (namesBatch && getBatchMultiple(result) != BatchMultiple())) {
    InFlightDiagnostic diag = node.emitError();
    diag << "cannot reshape " << input.getType() << " to " << type;
    if (result || type.hasStaticShape() !=
                      cast<RankedTensorType>(input.getType()).hasStaticShape())
      diag << "; fix the batch with --batch";
    return diag;
  }
  return node.setOutput(0, result);
}

/// Replaces the one -1 of a requested `shape` by what the elements of `source`
/// leave.
static LogicalResult inferMissingSize(Node &node, ArrayRef<int64_t> source,
                                      SmallVectorImpl<int64_t> &shape) {
  int64_t *missing = llvm::find(shape, -1);
  if (missing == shape.end())
    return success();
  int64_t available = 1, taken = 1;
  bool sourceIsDynamic = false, isDynamic = false;
  for (int64_t size : source) {
    if (ShapedType::isDynamic(size))
      sourceIsDynamic = true;
    else
      available *= size;
  }
  for (int64_t &size : shape) {
    if (ShapedType::isDynamic(size))
      isDynamic = true;
    else if (&size != missing && llvm::MulOverflow(taken, size, taken))
      return node.emitError() << "the shape is too large";
  }
  if (sourceIsDynamic && !isDynamic) {
    *missing = ShapedType::kDynamic;
    return success();
  }
  if (taken <= 0 || available % taken != 0)
    return node.emitError() << "cannot reshape " << available
                            << " elements to a multiple of " << taken;
  *missing = available / taken;
  return success();
}

static LogicalResult importReshape(Node &node) {
  SmallVector<int64_t> source, requested;
  bool allowsZero = false;
  if (failed(node.readShape(0, source)) ||
      failed(node.readSizes(1, requested)) ||
      failed(node.readAttribute("allowzero", allowsZero)))
    return failure();
  bool namesBatch = llvm::is_contained(requested, ShapedType::kDynamic);
  for (auto [dim, size] : llvm::enumerate(requested)) {
    if (size == 0 && !allowsZero) {
      if (dim >= source.size())
        return node.emitError() << "the shape copies dimension " << dim
                                << " of an input of rank " << source.size();
      size = source[dim];
    } else if (size < -1 && !ShapedType::isDynamic(size)) {
      return node.emitError() << "the shape has the size " << size;
    }
  }
  if (llvm::count(requested, -1) > 1)
    return node.emitError() << "the shape leaves more than one size open";
  if (failed(inferMissingSize(node, source, requested)))
    return failure();
  return setReshaped(node, requested, namesBatch);
}

/// The product of sizes; dynamic if any is. Null if it is out of range.
static std::optional<int64_t> getProduct(ArrayRef<int64_t> sizes) {
  int64_t product = 1;
  if (llvm::is_contained(sizes, ShapedType::kDynamic))
    return ShapedType::kDynamic;
  for (int64_t size : sizes)
    if (llvm::MulOverflow(product, size, product))
      return std::nullopt;
  return product;
}

static LogicalResult importFlatten(Node &node) {
  SmallVector<int64_t> source;
  int64_t axis = 1;
  if (failed(node.readShape(0, source)) ||
      failed(node.readAttribute("axis", axis)))
    return failure();
  // The axis may lie behind the last dimension.
  int64_t rank = source.size();
  if (axis != rank && failed(node.normalizeAxis(rank, axis)))
    return failure();
  ArrayRef<int64_t> sizes(source);
  std::optional<int64_t> rows = getProduct(sizes.take_front(axis));
  std::optional<int64_t> columns = getProduct(sizes.drop_front(axis));
  if (!rows || !columns)
    return node.emitError() << "the shape is too large";
  return setReshaped(node, {*rows, *columns});
}

/// Up to operator set 12 axes are an attribute, later input 1.
static bool axesAreInput(Node &node) { return node.getOpset() >= 13; }

static LogicalResult importSqueeze(Node &node) {
  SmallVector<int64_t> source, axes, shape;
  bool isGiven;
  if (failed(node.readShape(0, source)) ||
      failed(node.readAxes(axesAreInput(node), source.size(), axes, isGiven)))
    return failure();
  for (auto [dim, size] : llvm::enumerate(source)) {
    bool isListed = llvm::is_contained(axes, static_cast<int64_t>(dim));
    if (isListed && size != 1)
      return node.emitError()
             << "cannot drop dimension " << dim << ", which is not of size 1";
    if (!isListed && (isGiven || size != 1))
      shape.push_back(size);
  }
  return setReshaped(node, shape);
}

static LogicalResult importUnsqueeze(Node &node) {
  SmallVector<int64_t> source, axes;
  bool isGiven;
  if (failed(node.readShape(0, source)))
    return failure();
  // The axes are those of the result, whose rank depends on their number.
  int64_t numAxes = 0;
  if (!axesAreInput(node)) {
    if (failed(node.readAttribute("axes", axes)))
      return failure();
    numAxes = axes.size();
  } else if (const ConstantTensor *constant = node.getConstantInput(1)) {
    numAxes = constant->getType().getNumElements();
  }
  if (failed(node.readAxes(axesAreInput(node), source.size() + numAxes, axes,
                           isGiven)))
    return failure();
  if (!isGiven)
    return node.emitError() << "has no axes";
  SmallVector<int64_t> shape(source);
  for (int64_t axis : axes)
    shape.insert(shape.begin() + axis, 1);
  return setReshaped(node, shape);
}

//===----------------------------------------------------------------------===//
// Transpose
//===----------------------------------------------------------------------===//

static LogicalResult importTranspose(Node &node) {
  SmallVector<int64_t> source;
  if (failed(node.readShape(0, source)))
    return failure();
  SmallVector<int64_t> permutation(source.size());
  std::iota(permutation.rbegin(), permutation.rend(), 0);
  if (failed(node.readAttribute("perm", permutation)))
    return failure();
  if (permutation.size() != source.size() || !isPermutationVector(permutation))
    return node.emitError() << "attribute 'perm' is no permutation of "
                            << source.size() << " dimensions";
  if (const ConstantTensor *constant = node.getConstantInput(0))
    return node.setOutput(0, constant->transposed(permutation));
  Value input;
  if (failed(node.readInput(0, input)))
    return failure();
  return node.setOutput(0,
                        node.getBuilder().createTranspose(input, permutation));
}

void mlir::ptq::importer::populateShapeImporters(OperatorRegistry &registry) {
  registry.add("Flatten",
               {kAllOpsets, {1, 1}, importFlatten, /*movesElements=*/true});
  registry.add("Reshape",
               {kAllOpsets, {2, 2}, importReshape, /*movesElements=*/true});
  registry.add(
      "Squeeze",
      {{kMinOpset, 12}, {1, 1}, importSqueeze, /*movesElements=*/true});
  registry.add(
      "Squeeze",
      {{13, kMaxOpset}, {1, 2}, importSqueeze, /*movesElements=*/true});
  registry.add("Transpose",
               {kAllOpsets, {1, 1}, importTranspose, /*movesElements=*/true});
  registry.add(
      "Unsqueeze",
      {{kMinOpset, 12}, {1, 1}, importUnsqueeze, /*movesElements=*/true});
  registry.add(
      "Unsqueeze",
      {{13, kMaxOpset}, {2, 2}, importUnsqueeze, /*movesElements=*/true});
}
