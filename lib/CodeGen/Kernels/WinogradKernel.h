//===- WinogradKernel.h - Convolutions with fewer products --*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Two by two results of a convolution with a window of 3 by 3 are, for each
// pair of channels, sums of 36 products; Winograd's minimal filtering
// F(2x2, 3x3) needs 16 (Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks", CVPR 2016). With the 4 by 4 activations d of the tile and
// the weights g,
//
//   results = A^T [(G g G^T) * (B^T d B)] A
//
// where * is by element, and
//
//         1  0 -1  0          2  0  0
//   B^T = 0  1  1  0     2G = 1  1  1     A^T = 1  1  1  0
//         0 -1  1  0          1 -1  1           0  1 -1 -1
//         0  1  0 -1          0  0  2
//
// The sum over channels turns that into 16 products of matrices. G holds
// halves, so twice G is applied on both sides, when the code is generated, and
// the results are divided by 4. All is integer and nothing is rounded: codes of
// 8 bits become factors of 10 bits, weights of 12 bits, and the sums wrap like
// those of the convolution as long as four times the result fits 32 bits. So
// the results are those of the convolution in every bit.
//
// It pays where the dot product multiplies 16 bits anyway. A strip of the image
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
void emitWinogradKernel(RewriterBase &rewriter, linalg::LinalgOp op,
                        const WinogradPlan &plan,
                        const TargetDescription &target,
                        SymbolTableCollection &symbols);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_WINOGRADKERNEL_H
