//===- ElementParameters.h - The parameters that elements have --*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_MODELS_ELEMENTPARAMETERS_H
#define PTQ_LIB_INTERPRETER_MODELS_ELEMENTPARAMETERS_H

#include "ptq/Interpreter/EvaluationFrame.h"
#include "ptq/Interpreter/TensorValue.h"
#include "ptq/Quantization/ArrayQuantization.h"
#include "ptq/Quantization/ParameterLayout.h"

namespace mlir::ptq {

/// Scales and zero points as arrays, and which of them an element has.
class ElementParameters {
public:
  /// Reads the parameters of `op` for data of `shape`. Reports an error where
  /// their shapes, which may be dynamic, do not fit it.
  static FailureOr<ElementParameters>
  create(Operation *op, EvaluationFrame &frame, ArrayRef<int64_t> shape,
         Value scale, Value zeroPoint, std::optional<int64_t> axis,
         std::optional<ArrayRef<int64_t>> blocks);

  /// Calls `visit(begin, count, parameters)` for runs of elements that cover
  /// the data in order.
  void
  forEachRun(function_ref<void(int64_t, int64_t, ParameterRun)> visit) const {
    layout.forEachRun([&](const ElementRun &run) {
      ParameterRun parameters{
          scales.getData<float>().data() + run.parameter,
          zeroPoints.empty() ? nullptr : zeroPoints.data() + run.parameter,
          run.stride};
      visit(run.begin, run.count, parameters);
    });
  }

private:
  explicit ElementParameters(ParameterLayout layout)
      : layout(std::move(layout)) {}

  ParameterLayout layout;
  TensorValue scales;
  SmallVector<int32_t> zeroPoints;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_MODELS_ELEMENTPARAMETERS_H
