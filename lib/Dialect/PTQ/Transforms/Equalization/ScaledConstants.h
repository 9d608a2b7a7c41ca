//===- ScaledConstants.h - The constants of seams, scaled -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EQUALIZATION_SCALEDCONSTANTS_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EQUALIZATION_SCALEDCONSTANTS_H

#include "ChannelSeam.h"
#include "llvm/ADT/MapVector.h"
#include <vector>

namespace mlir::ptq {

/// The constants of seams as they are scaled, by neighbouring seams one after
/// the other. Products of factors are kept in f64 and rounded once, when the
/// constants are written back.
class ScaledConstants {
public:
  /// Reads the constants of a seam; failure if one of them is not of f32.
  LogicalResult read(const ChannelSeam &seam);

  /// The largest magnitude of the weights that produce each channel, and of
  /// those that consume it.
  SmallVector<double> getProducedMagnitudes(const ChannelSeam &seam) const;
  SmallVector<double> getConsumedMagnitudes(const ChannelSeam &seam) const;

  /// Divides what produces the channels of a seam by `factors`, and multiplies
  /// what consumes them.
  void apply(const ChannelSeam &seam, ArrayRef<double> factors);

  /// Puts scaled constants in the place of those that have been scaled, which
  /// are erased.
  void write();

private:
  LogicalResult readTensor(Value constant);
  LogicalResult readProducer(const WeightedOp &op);
  SmallVector<double> getMagnitudes(ChannelConstant channels) const;
  void scale(ChannelConstant channels, ArrayRef<double> factors);

  struct Tensor {
    std::vector<double> values;
    bool isScaled = false;
  };
  struct Bias {
    WeightedOp op;
    std::vector<double> values;
    bool isScaled = false;
  };

  llvm::MapVector<Value, Tensor> tensors;
  llvm::MapVector<Operation *, Bias> biases;
};

/// Raises `magnitudes` to those of `others` where these are larger.
void joinMagnitudes(MutableArrayRef<double> magnitudes,
                    ArrayRef<double> others);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EQUALIZATION_SCALEDCONSTANTS_H
