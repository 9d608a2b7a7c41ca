//===- PTQInterfaces.td - What ops tell the quantizer ------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three questions that ptq asks of an op. Upstream ops answer through external
// models; an op of any other dialect may implement them as well.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_IR_PTQINTERFACES_TD
#define PTQ_DIALECT_PTQ_IR_PTQINTERFACES_TD

include "mlir/IR/OpBase.td"

def PTQ_EvaluableOpInterface : OpInterface<"EvaluableOpInterface"> {
  let description = [{
    How the interpreter runs an op. An op without it cannot be evaluated, which
    is reported as a located error that names this interface.
  }];
  let cppNamespace = "::mlir::ptq";
  let methods = [
    InterfaceMethod<[{
      Reads the op's operands from `frame`, computes, and sets the op's results
      in it. Regions are evaluated through the frame. Reports an error at the op
      and returns failure where the values do not allow it; never aborts.
    }], "::llvm::LogicalResult", "evaluate",
    (ins "::mlir::ptq::EvaluationFrame &":$frame)>
  ];
}

def PTQ_QuantizableOpInterface : OpInterface<"QuantizableOpInterface"> {
  let description = [{
    An op that computes on quantized operands: contractions, convolutions,
    averages, residual additions; or that reads rows of a table. A model may decline single instances of its op,
    by an empty kind, since what a structured op is follows from its maps.
  }];
  let cppNamespace = "::mlir::ptq";
  let methods = [
    InterfaceMethod<[{
      The kind of op, in the words of the recipe: "conv", "depthwise_conv",
      "matmul", "average_pool", "add", "mul", "activation", "gather". Empty if
      this instance cannot be quantized.
    }], "::llvm::StringRef", "getQuantizableKind">,
    InterfaceMethod<[{
      What the operand is to this op. A constant factor is a weight, the initial
      value of an accumulation a bias, any other float input an activation.
    }], "::mlir::ptq::OperandRole", "getOperandRole", (ins "unsigned":$operand)>,
    InterfaceMethod<[{
      The dimensions of weight operand `operand` that index output channels, in
      ascending order; empty if there are none. For the table of a gather those
      that say which row is read.
    }], "::llvm::SmallVector<int64_t>", "getOutputChannelDims",
    (ins "unsigned":$operand)>,
    InterfaceMethod<[{
      The dimensions of operand `operand` that the op sums over, in ascending
      order; empty if there are none, or if an index of the operand is computed
      from several loops, as in a window. Blocks lie along them. For the table
      of a gather, which sums nothing, those along which a row lies.
    }], "::llvm::SmallVector<int64_t>", "getReductionDims",
    (ins "unsigned":$operand)>,
    InterfaceMethod<[{
      The dimensions of the result that correspond to `getOutputChannelDims`.
    }], "::llvm::SmallVector<int64_t>", "getResultChannelDims">,
    InterfaceMethod<[{
      The number of products that are summed into one element of the result, if
      it is statically known: the K of the accumulator bound.
    }], "::std::optional<int64_t>", "getAccumulationDepth">
  ];
}

def PTQ_QuantizationTransparentOpInterface
    : OpInterface<"QuantizationTransparentOpInterface"> {
  let description = [{
    An op that commutes with quantization: it moves elements (reshape, transpose,
    pad with a representable value), or selects among them in a way that keeps
    their order (maximum). Dequantization may sink and quantization may rise
    through it.
  }];
  let cppNamespace = "::mlir::ptq";
  let methods = [
    InterfaceMethod<[{
      Whether this instance commutes with quantization through operand `operand`.
    }], "bool", "isTransparentFor", (ins "unsigned":$operand)>,
    InterfaceMethod<[{
      Whether the result holds exactly the elements of the operands that this
      instance is transparent for, of which there is one at least (possibly with
      zeros added), so that both have the same range. False for selections, and
      for padding with other numbers.
    }], "bool", "preservesRange">,
    InterfaceMethod<[{
      Where the given dimensions of operand `operand` are in the result.
      Failure if they do not survive as whole dimensions.
    }], "::mlir::FailureOr<::llvm::SmallVector<int64_t>>", "mapDimsToResult",
    (ins "unsigned":$operand, "::llvm::ArrayRef<int64_t>":$dims)>,
    InterfaceMethod<[{
      The inverse of `mapDimsToResult`.
    }], "::mlir::FailureOr<::llvm::SmallVector<int64_t>>", "mapDimsToOperand",
    (ins "unsigned":$operand, "::llvm::ArrayRef<int64_t>":$dims)>,
    InterfaceMethod<[{
      Builds this op on storage integers: `storage` replaces operand `operand`,
      constants such as a padding value of 0 or an initial -inf become codes
      (`zeroPoint` is null for symmetric quantization). Returns the integer
      result, or failure with nothing built.
    }], "::mlir::FailureOr<::mlir::Value>", "createOnStorage",
    (ins "::mlir::OpBuilder &":$builder, "unsigned":$operand,
         "::mlir::Value":$storage, "::mlir::Value":$zeroPoint)>
  ];
}

#endif // PTQ_DIALECT_PTQ_IR_PTQINTERFACES_TD
