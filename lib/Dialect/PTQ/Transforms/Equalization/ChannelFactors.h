//===- ChannelFactors.h - Factors that equalize channels --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What produces a channel is divided by its factor, what consumes it is
// multiplied with it.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EQUALIZATION_CHANNELFACTORS_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EQUALIZATION_CHANNELFACTORS_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"

namespace mlir::ptq {

/// The factor that gives the weights before and behind a channel, whose largest
/// magnitudes are `produced` and `consumed`, one largest magnitude: the square
/// root of their ratio (Nagel et al. 2019, equation 11). 1 for a channel that
/// is dead on either side.
double getCrossLayerFactor(double produced, double consumed);

/// The factor of SmoothQuant (Xiao et al. 2023, equation 4):
/// `activation^smoothing / weight^(1 - smoothing)`, of largest magnitudes. 1
/// for a channel that is dead on either side.
double getSmoothQuantFactor(double activation, double weight, double smoothing);

/// The power of two that is nearest to `factor` on a logarithmic scale; of two
/// as near, the one whose exponent is even.
double roundToPowerOfTwo(double factor);

/// The largest magnitude of each channel; channel i of `values` has every
/// element whose index divided by `inner` is i modulo the number of channels.
SmallVector<double> getChannelMagnitudes(ArrayRef<double> values, int64_t inner,
                                         int64_t numChannels);

/// Multiplies the elements of each channel with its factor.
void scaleChannels(MutableArrayRef<double> values, int64_t inner,
                   ArrayRef<double> factors);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EQUALIZATION_CHANNELFACTORS_H
