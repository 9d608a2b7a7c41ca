//===- Comparison.h - Results against labels and references -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TOOLS_PTQ_RUN_COMPARISON_H
#define PTQ_TOOLS_PTQ_RUN_COMPARISON_H

#include "Network.h"
#include "Report.h"

namespace mlir::ptq {

/// Sets the accuracy of the network's first output against the array `key` of
/// the input file, which has one class for each prediction. Where only the
/// first samples are run, there may be more.
LogicalResult compareWithLabels(const Network &network,
                                const RunOptions &options, StringRef key,
                                Figures &figures);

/// Sets the loss of the network's first output, logits [..., T, V], at the next
/// of the tokens [..., T] that the array `key` of the input file has. Where
/// only the first samples are run, there may be more.
LogicalResult compareWithTokens(const Network &network,
                                const RunOptions &options, StringRef key,
                                Figures &figures);

/// Sets agreement with, and ratios to, the reference at `path`: an .npz file
/// with results, or another network, which is run on the same samples. The
/// first output that the reference has as well is compared, by name; a single
/// output is compared with a single array whatever their names are. Where only
/// the first samples are run, an .npz file may have more.
LogicalResult compareWithReference(const Network &network, MLIRContext &context,
                                   StringRef path, const RunOptions &options,
                                   Figures &figures);

/// Sets the figures of each op of the network at `path` against those of the
/// float network at `reference`.
LogicalResult compareOpByOp(MLIRContext &context, StringRef path,
                            StringRef reference, const RunOptions &options,
                            Figures &figures);

} // namespace mlir::ptq

#endif // PTQ_TOOLS_PTQ_RUN_COMPARISON_H
