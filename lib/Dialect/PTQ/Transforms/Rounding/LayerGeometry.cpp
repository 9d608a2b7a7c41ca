//===- LayerGeometry.cpp - A structured op as products of matrices --------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayerGeometry.h"
#include "mlir/IR/AffineMap.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {
/// The element of an operand as a linear function of the loops.
struct LinearAddress {
  int64_t origin;
  SmallVector<int64_t> strides;
};
} // namespace

static bool isLinear(AffineMap map) {
  bool linear = map.getNumSymbols() == 0;
  map.walkExprs([&](AffineExpr expr) {
    linear &=
        !llvm::is_contained({AffineExprKind::FloorDiv, AffineExprKind::CeilDiv,
                             AffineExprKind::Mod},
                            expr.getKind());
  });
  return linear;
}

/// The address that a linear `map` gives in a tensor of `shape`.
static LinearAddress getAddress(AffineMap map, ArrayRef<int64_t> shape) {
  auto getElement = [&](ArrayRef<int64_t> loops) {
    int64_t element = 0;
    for (auto [index, size] : llvm::zip_equal(map.compose(loops), shape))
      element = element * size + index;
    return element;
  };
  SmallVector<int64_t> loops(map.getNumDims(), 0);
  LinearAddress address{getElement(loops), {}};
  for (int64_t &loop : loops) {
    loop = 1;
    address.strides.push_back(getElement(loops) - address.origin);
    loop = 0;
  }
  return address;
}

/// The offsets of all iterations of `loops`, the last one fastest.
static std::vector<int64_t> enumerateOffsets(const LinearAddress &address,
                                             ArrayRef<unsigned> loops,
                                             ArrayRef<int64_t> sizes) {
  std::vector<int64_t> offsets = {0};
  for (unsigned loop : loops) {
    std::vector<int64_t> next;
    next.reserve(offsets.size() * sizes[loop]);
    for (int64_t offset : offsets)
      for (int64_t i = 0; i < sizes[loop]; ++i)
        next.push_back(offset + i * address.strides[loop]);
    offsets = std::move(next);
  }
  return offsets;
}

FailureOr<LayerGeometry> LayerGeometry::get(const WeightedOp &op,
                                            ArrayRef<int64_t> inputShape,
                                            ArrayRef<int64_t> resultShape) {
  linalg::LinalgOp linalgOp = op.op;
  OpOperand *weightOperand = op.weightPath.operands.back();
  AffineMap inputMap = linalgOp.getMatchingIndexingMap(op.activation);
  AffineMap weightMap = linalgOp.getMatchingIndexingMap(weightOperand);
  AffineMap resultMap =
      linalgOp.getMatchingIndexingMap(linalgOp.getDpsInitOperand(0));
  auto weightType = cast<RankedTensorType>(weightOperand->get().getType());
  if (!isLinear(inputMap) || !weightMap.isProjectedPermutation() ||
      !resultMap.isProjectedPermutation() || !weightType.hasStaticShape())
    return failure();

  // Every loop indexes the weights or the result.
  SmallVector<int64_t> sizes(linalgOp.getNumLoops(), -1);
  auto noteSizes = [&](AffineMap map, ArrayRef<int64_t> shape) {
    for (auto [expr, size] : llvm::zip_equal(map.getResults(), shape))
      sizes[cast<AffineDimExpr>(expr).getPosition()] = size;
  };
  noteSizes(weightMap, weightType.getShape());
  noteSizes(resultMap, resultShape);
  SmallVector<unsigned> groups, rows, channels, depth;
  for (unsigned loop = 0; loop < sizes.size(); ++loop) {
    bool inInput = inputMap.isFunctionOfDim(loop);
    bool inWeight = weightMap.isFunctionOfDim(loop);
    bool inResult = resultMap.isFunctionOfDim(loop);
    if (sizes[loop] < 0 || (!inResult && !inInput))
      return failure();
    if (inWeight && inResult)
      (inInput ? groups : channels).push_back(loop);
    else
      (inWeight ? depth : rows).push_back(loop);
  }

  auto getOffsets = [&](AffineMap map, ArrayRef<int64_t> shape,
                        ArrayRef<unsigned> rowLoops,
                        ArrayRef<unsigned> columnLoops) {
    LinearAddress address = getAddress(map, shape);
    Offsets offsets{enumerateOffsets(address, groups, sizes),
                    enumerateOffsets(address, rowLoops, sizes),
                    enumerateOffsets(address, columnLoops, sizes)};
    for (int64_t &offset : offsets.groups)
      offset += address.origin;
    return offsets;
  };
  LayerGeometry geometry;
  geometry.input = getOffsets(inputMap, inputShape, rows, depth);
  geometry.weight =
      getOffsets(weightMap, weightType.getShape(), depth, channels);
  geometry.result = getOffsets(resultMap, resultShape, rows, channels);
  return geometry;
}

void LayerGeometry::readInputs(const TensorValue &tensor, int64_t group,
                               Eigen::Ref<MatrixF> rows) const {
  const float *data = tensor.getData<float>().data() + input.groups[group];
  for (int64_t row = 0, e = getNumRows(); row < e; ++row) {
    const float *origin = data + input.rows[row];
    float *target = rows.row(row).data();
    for (int64_t offset : input.columns)
      *target++ = origin[offset];
  }
}

MatrixF LayerGeometry::readWeights(ArrayRef<float> weights,
                                   int64_t group) const {
  MatrixF matrix(getNumChannels(), getDepth());
  for (int64_t channel = 0; channel < matrix.rows(); ++channel)
    for (int64_t k = 0; k < matrix.cols(); ++k)
      matrix(channel, k) = weights[getWeightElement(group, channel, k)];
  return matrix;
}

void LayerGeometry::shiftResults(MutableArrayRef<float> values, int64_t group,
                                 const VectorD &shifts) const {
  for (int64_t row : result.rows)
    for (auto [channel, column] : llvm::enumerate(result.columns))
      values[result.groups[group] + row + column] +=
          static_cast<float>(shifts(channel));
}
