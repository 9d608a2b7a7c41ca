//===- SwitchableNetwork.h - Ops quantized or in float ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A network that holds each op twice: quantized and in float. Calibration and
// quantization happen once; any choice of ops is then a matter of which of the
// two the rest of the network uses.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_SWITCHABLENETWORK_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_SWITCHABLENETWORK_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::ptq {

/// What leaving ops in float costs.
struct FloatCost {
  /// By how much weights at rest are larger, scales not counted.
  int64_t bytes = 0;
  /// Multiply-accumulates of one sample, or elements where nothing is summed. 0
  /// where they are made of floats anyway, since only weights are quantized.
  int64_t macs = 0;

  void add(const FloatCost &other) {
    bytes += other.bytes;
    macs += other.macs;
  }
};

/// An op that can be quantized or left in float. Ops whose results have the
/// same name are one, for a recipe cannot tell them apart by it.
struct SwitchableOp {
  SwitchableOp(StringRef name, StringRef kind, Location loc)
      : name(name), kind(kind), loc(loc) {}

  std::string name;
  std::string kind;
  Location loc;
  FloatCost cost;
  /// Whether activations are quantized, and not weights alone.
  bool hasActivationCodes = false;
  /// Quantized ops and the same ops in float.
  SmallVector<std::pair<Operation *, Operation *>> forms;
};

/// The options of the passes that quantize a network, one after the other.
struct QuantizationOptions {
  AssignSchemesPassOptions assign;
  EqualizeChannelsPassOptions equalize;
  RunCalibrationPassOptions calibrate;
};

class SwitchableNetwork {
public:
  /// A network from `module` in float form, which is not changed. Ops that the
  /// scheme leaves in float, and those that carry a scheme of their own, are
  /// not for choice. Errors are reported.
  static FailureOr<SwitchableNetwork> create(ModuleOp module,
                                             QuantizationOptions options);

  /// The network in float, as it is when schemes are assigned.
  ModuleOp getFloatForm() const { return *floatForm; }

  ArrayRef<SwitchableOp> getOps() const { return ops; }

  /// Says how many multiply-accumulates the ops of each name take.
  void setWork(const llvm::StringMap<int64_t> &macs);

  /// What leaving the ops of `inFloat` in float costs.
  FloatCost getCost(const llvm::BitVector &inFloat) const;

  /// The network with the ops of `inFloat` in float and all others quantized.
  OwningOpRef<ModuleOp> build(const llvm::BitVector &inFloat) const;

  /// The same, equalized and calibrated for this choice alone, as a recipe
  /// would have it: ops that stay in float then ask nothing of their inputs.
  FailureOr<OwningOpRef<ModuleOp>>
  buildAfresh(const llvm::BitVector &inFloat) const;

private:
  void addFloatForms(ModuleOp module,
                     function_ref<bool(Operation *)> isForChoice);

  QuantizationOptions options;
  OwningOpRef<ModuleOp> floatForm;
  OwningOpRef<ModuleOp> network;
  SmallVector<SwitchableOp> ops;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_SWITCHABLENETWORK_H
