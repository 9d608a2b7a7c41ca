//===- CInterface.h - A network as a C function -----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// What C programs call, and what they need to know to do so. The header says it
// in C, the object has the function:
//
//   void forward(int64_t samples, const float *input, float *logits);
//
// It takes the number of samples if that is not part of the types, then the
// inputs, the outputs and a workspace if the code needs one. Names are those of
// the signature as far as C has such names: other characters become
// underscores, keywords get one, and what is the same then is numbered.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TARGET_CHEADER_CINTERFACE_H
#define PTQ_TARGET_CHEADER_CINTERFACE_H

#include "ptq/MachineCode/EntryPoint.h"

namespace mlir::ptq {

/// An input or output as C has it.
struct CArray {
  SignatureEntry entry;
  /// The parameter of the function.
  std::string name;
  /// What the names of its constants begin with: "FORWARD_INPUT".
  std::string macroPrefix;
  /// The type of an element, "float" or "int8_t", and its size.
  std::string type;
  int64_t elementBytes = 0;

  /// The number of elements: of all samples, or of one if the number of samples
  /// is a parameter.
  int64_t getNumElements() const;
  /// Whether the number of elements depends on the number of samples.
  bool hasSamples() const { return !entry.type.hasStaticShape(); }
};

/// The C function of a network.
struct CInterface {
  std::string name;
  /// What the names of constants begin with: "FORWARD".
  std::string macroPrefix;
  /// The names of the parameters that are no inputs or outputs; empty if there
  /// are none.
  std::string samples, workspace;
  SmallVector<CArray> inputs, outputs;
  int64_t workspaceBytes = 0;

  /// The C interface of `entry`; `name` is the function's, derived from that of
  /// the entry if it is empty. Reports an error at the entry if `name` is none
  /// that C allows, or if dynamic inputs and fixed ones contradict each other.
  static FailureOr<CInterface> get(const EntryPoint &entry, StringRef name);
};

/// The value of the option `--c-name` of the translations, which the first call
/// registers.
StringRef getCNameOption();

} // namespace mlir::ptq

#endif // PTQ_TARGET_CHEADER_CINTERFACE_H
