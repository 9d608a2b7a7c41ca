//===- TargetPass.h - A pass for one processor ------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_TARGETPASS_H
#define PTQ_LIB_CODEGEN_TARGETPASS_H

#include "mlir/IR/BuiltinOps.h"
#include "ptq/CodeGen/TargetDescription.h"

namespace mlir::ptq {

/// The base of `ConcretePass`, a `PTQ_TargetPass` whose generated base is
/// `GeneratedBase`: runs it for what its options `cpu` and `features` name.
template <template <typename> class GeneratedBase, typename ConcretePass>
class TargetPass : public GeneratedBase<ConcretePass> {
public:
  using Base = TargetPass;
  using GeneratedBase<ConcretePass>::GeneratedBase;

  void runOnOperation() final {
    FailureOr<TargetDescription> target = TargetDescription::get(
        this->getOperation().getLoc(), this->cpu, this->features);
    if (failed(target))
      return this->signalPassFailure();
    runOnTarget(*target);
  }

protected:
  virtual void runOnTarget(const TargetDescription &target) = 0;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_TARGETPASS_H
