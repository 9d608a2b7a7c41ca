//===- DotKernel.h - Dot products of packed weights ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The weights are packed when the code is generated, in the order in which the
// kernel reads them (where both factors change from call to call, one of them
// is packed before the kernel, see RunTimePacking.h); the activations are read
// where they are. For one position of the outer reduction loops (say, one row
// of a convolution's window) the elements that are contiguous in the
// activations form a run, which may cross dimensions of the tensor: of an image
// in N, H, W, C order it is a row of the window times the channels. The kernel
// goes along the run as many elements at a time as the dot product of the
// target takes, with a tile of accumulators in registers. What is left at the
// end of a run is read together with elements before it, whose bits are shifted
// out.
//
// Rows of a window that lie in the border of an image are not read, see
// WindowBorder.h. What they would add is in what the accumulators begin with,
// see BorderSums.h.
//
// Where there are several rows, the dot product may be one of several rows and
// columns, see DotSquares.h.
//
// Weights that all fit 4 bits stay packed at rest: the bytes of one vector are
// the nibbles of half a vector.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_DOTKERNEL_H
#define PTQ_LIB_CODEGEN_KERNELS_DOTKERNEL_H

#include "DotPlan.h"

namespace mlir::ptq {

/// Emits the kernel of `op` and its neighbours according to `plan` at the
/// insertion point. The packed weights become globals of the module. `op`
/// stays.
void emitDotKernel(RewriterBase &rewriter, const DotPlan &plan,
                   SymbolTableCollection &symbols);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_DOTKERNEL_H
