//===- DotSquares.cpp - Accumulators of several rows ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DotSquares.h"
#include "VectorSlices.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::ptq;

/// Where the lanes of accumulator `part` are among rows behind each other.
static SmallVector<int64_t> getPlacesInRows(const DotInstruction &dot,
                                            int64_t part) {
  int64_t rows = dot.rows;
  SmallVector<int64_t> places;
  for (int64_t lane = 0; lane < dot.lanes; ++lane) {
    int64_t square = lane / (rows * rows);
    int64_t row = lane / rows % rows;
    int64_t column = square * rows + lane % rows;
    places.push_back(row * dot.lanes + part * (dot.lanes / rows) + column);
  }
  return places;
}

SmallVector<Value> DotSquares::fromRows(ValueRange vectors,
                                        int64_t rows) const {
  if (dot.rows == 1)
    return llvm::to_vector(vectors);
  int64_t columns = static_cast<int64_t>(vectors.size()) / rows;
  SmallVector<Value> accumulators;
  for (int64_t first = 0; first < rows; first += dot.rows)
    for (int64_t column = 0; column < columns; ++column) {
      SmallVector<Value> group;
      for (int64_t row = first; row < first + dot.rows; ++row)
        group.push_back(vectors[std::min(row, rows - 1) * columns + column]);
      Value joined = joinVectors(builder, loc, group);
      for (int64_t part = 0; part < dot.rows; ++part)
        accumulators.push_back(
            pickElements(builder, loc, joined, getPlacesInRows(dot, part)));
    }
  return accumulators;
}

SmallVector<Value> DotSquares::toRows(ValueRange accumulators,
                                      int64_t rows) const {
  if (dot.rows == 1)
    return llvm::to_vector(accumulators);
  int64_t columns = static_cast<int64_t>(accumulators.size()) /
                    (getNumGroups(rows) * dot.rows);
  // The accumulators of a vector behind each other are its group's rows behind
  // each other in another order.
  SmallVector<int64_t> places(dot.rows * dot.lanes);
  for (int64_t part = 0; part < dot.rows; ++part)
    for (auto [lane, place] : llvm::enumerate(getPlacesInRows(dot, part)))
      places[place] = part * dot.lanes + static_cast<int64_t>(lane);

  SmallVector<Value> vectors(rows * columns);
  for (int64_t first = 0; first < rows; first += dot.rows)
    for (int64_t column = 0; column < columns; ++column) {
      auto parts = llvm::to_vector(accumulators.take_front(dot.rows));
      accumulators = accumulators.drop_front(dot.rows);
      Value joined = joinVectors(builder, loc, parts);
      for (int64_t row = first; row < std::min(first + dot.rows, rows); ++row)
        vectors[row * columns + column] = pickElements(
            builder, loc, joined,
            ArrayRef(places).slice((row - first) * dot.lanes, dot.lanes));
    }
  return vectors;
}

SmallVector<Value> DotSquares::splitWeights(Value weights) const {
  int64_t size = cast<VectorType>(weights.getType()).getNumElements();
  int64_t partSize = size / dot.rows;
  SmallVector<Value> parts;
  for (int64_t first = 0; first < size; first += partSize)
    parts.push_back(sliceVector(builder, loc, weights, first, partSize));
  return parts;
}

Value DotSquares::spreadActivations(ArrayRef<Value> runs) const {
  auto type = cast<VectorType>(runs.front().getType());
  Type unit = builder.getIntegerType(type.getNumElements() *
                                     type.getElementTypeBitWidth());
  SmallVector<Value> units;
  for (Value run : runs)
    units.push_back(vector::BitCastOp::create(builder, loc,
                                              VectorType::get({1}, unit), run));
  int64_t numRuns = dot.lanes / dot.rows;
  if (units.size() == 1)
    return vector::BroadcastOp::create(
        builder, loc, VectorType::get({numRuns}, unit), units.front());
  units.resize(dot.rows, units.back());
  SmallVector<int64_t> picked;
  for (int64_t run = 0; run < numRuns; ++run)
    picked.push_back(run % dot.rows);
  return pickElements(builder, loc, joinVectors(builder, loc, units), picked);
}
