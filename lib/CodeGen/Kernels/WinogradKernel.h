//===- WinogradKernel.h - Convolutions with fewer products --*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two by two results of a convolution with a window of 3 by 3 are, for each
// pair of channels, sums of 36 products. With the activations d of such a tile
// and the weights g, they are also
//
//   A0^T [(G0 g G1^T) * (B0^T d B1)] A1
//
// where * is by element, and MinimalFilter.h has the matrices of the two
// dimensions: with 16 products where neighbouring results are neighbours in the
// activations, or 25 at stride 2. The sum over channels turns them into as many
// products of matrices.
//
// The weights are transformed when the code is generated. Codes of 8 bits
// become factors of 10 bits, weights of 12, and the sums wrap like those of the
// convolution as long as the results, if they are doubled in both dimensions,
// fit 32 bits. So the results are those of the convolution in every bit.
//
// It pays where the dot product multiplies 16 bits anyway. A part of the image
// is transformed, multiplied and transformed back at a time, in the cache.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_WINOGRADKERNEL_H
#define PTQ_LIB_CODEGEN_KERNELS_WINOGRADKERNEL_H

#include "WinogradPlan.h"

namespace mlir::ptq {

/// Emits the kernel of `op` and its neighbours according to `plan` at the
/// insertion point. The transformed weights become globals of the module. `op`
/// stays.
void emitWinogradKernel(RewriterBase &rewriter, const WinogradPlan &plan,
                        const TargetDescription &target,
                        SymbolTableCollection &symbols);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_WINOGRADKERNEL_H
