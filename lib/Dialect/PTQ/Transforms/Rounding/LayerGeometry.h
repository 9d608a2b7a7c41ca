//===- LayerGeometry.h - Ops as products of matrices ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_LAYERGEOMETRY_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_LAYERGEOMETRY_H

#include "ptq/Dialect/PTQ/Transforms/WeightedOp.h"
#include "ptq/Interpreter/TensorValue.h"
#include "ptq/Rounding/Matrix.h"

namespace mlir::ptq {

/// A sum of products with weights as products of matrices: for each group of
/// channels
///
///   result[row][channel] = sum over k of input[row][k] * weight[channel][k]
///
/// The element that each of these is in its tensor is a sum of offsets, one
/// for each of its two or three indices, since the indexing maps are linear. A
/// window is nothing special: rows of inputs are the patches that it reads. A
/// depthwise convolution has as many groups as channels.
class LayerGeometry {
public:
  /// The geometry of `op` with operands and results of the shapes that they
  /// have in a call. Failure where the op is not of this form.
  static FailureOr<LayerGeometry> get(const WeightedOp &op,
                                      ArrayRef<int64_t> inputShape,
                                      ArrayRef<int64_t> resultShape);

  int64_t getNumGroups() const { return weight.groups.size(); }
  int64_t getNumChannels() const { return weight.columns.size(); }
  int64_t getDepth() const { return input.columns.size(); }
  int64_t getNumRows() const { return input.rows.size(); }

  /// The element of the weight operand.
  int64_t getWeightElement(int64_t group, int64_t channel, int64_t k) const {
    return weight.groups[group] + weight.columns[channel] + weight.rows[k];
  }

  /// Copies the inputs of a group to `rows`, which is rows x depth.
  void readInputs(const TensorValue &tensor, int64_t group,
                  Eigen::Ref<MatrixF> rows) const;

  /// The weights of a group, channels x depth.
  MatrixF readWeights(ArrayRef<float> weights, int64_t group) const;

  /// Adds to each result of a group what its channel has in `shifts`.
  void shiftResults(MutableArrayRef<float> result, int64_t group,
                    const VectorD &shifts) const;

private:
  /// Offsets in a tensor by two indices and the group.
  struct Offsets {
    std::vector<int64_t> groups, rows, columns;
  };

  Offsets input, weight, result;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_LAYERGEOMETRY_H
