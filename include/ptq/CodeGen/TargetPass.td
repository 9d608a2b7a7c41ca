//===- TargetPass.td - A pass for one processor -------------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CODEGEN_TARGETPASS_TD
#define PTQ_CODEGEN_TARGETPASS_TD

include "mlir/Pass/PassBase.td"

/// A pass whose code depends on the processor, with `moreOptions` beside it.
class PTQ_TargetPass<string name, list<Option> moreOptions = []>
    : Pass<name, "::mlir::ModuleOp"> {
  let options = [
    Option<"cpu", "cpu", "std::string", /*default=*/"\"host\"",
           "Processor to generate code for: host, or its name in LLVM">,
    Option<"features", "features", "std::string", /*default=*/"\"\"",
           "Features to add (+name) to those of the processor or to take away "
           "(-name)">
  ] # moreOptions;
}

#endif // PTQ_CODEGEN_TARGETPASS_TD
