//===- PTQEnums.td - Modes of quantization and calibration --*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Modes shared by attributes, pass options and pure C++ code. Pass options are
// generated from the same cases, so a mode is spelled in one place only.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_IR_PTQENUMS_TD
#define PTQ_DIALECT_PTQ_IR_PTQENUMS_TD

include "mlir/IR/EnumAttr.td"

class PTQ_Enum<string name, string summary, list<EnumCase> cases>
    : I32Enum<name, summary, cases> {
  let cppNamespace = "::mlir::ptq";
}

def PTQ_Symmetry : PTQ_Enum<"Symmetry", "where the code of the value 0 lies", [
  I32EnumCase<"Symmetric", 0, "symmetric">,
  I32EnumCase<"Asymmetric", 1, "asymmetric">]>;

def PTQ_Granularity : PTQ_Enum<"Granularity", "what shares one scale", [
  I32EnumCase<"Tensor", 0, "tensor">,
  I32EnumCase<"Axis", 1, "axis">,
  I32EnumCase<"Block", 2, "block">,
  I32EnumCase<"Token", 3, "token">]>;

def PTQ_ParameterSource : PTQ_Enum<"ParameterSource",
    "when scale and zero point are determined", [
  I32EnumCase<"Static", 0, "static">,
  I32EnumCase<"Dynamic", 1, "dynamic">]>;

def PTQ_SchemeKind : PTQ_Enum<"SchemeKind",
    "what of an op is quantized, and when", [
  I32EnumCase<"Static", 0, "static">,
  I32EnumCase<"Dynamic", 1, "dynamic">,
  I32EnumCase<"WeightOnly", 2, "weight-only">,
  I32EnumCase<"Float", 3, "float">]>;

def PTQ_WeightStorage : PTQ_Enum<"WeightStorage", "what holds a weight", [
  I32EnumCase<"I8", 0, "i8">,
  I32EnumCase<"I4", 1, "i4">,
  I32EnumCase<"I2", 2, "i2">]>;

def PTQ_WeightGranularity : PTQ_Enum<"WeightGranularity",
    "which weights share one scale, apart from blocks", [
  I32EnumCase<"Channel", 0, "channel">,
  I32EnumCase<"Tensor", 1, "tensor">]>;

def PTQ_ActivationStorage : PTQ_Enum<"ActivationStorage",
    "what holds an activation", [
  I32EnumCase<"Auto", 0, "auto">,
  I32EnumCase<"I8", 1, "i8">,
  I32EnumCase<"I16", 2, "i16">,
  I32EnumCase<"I4", 3, "i4">,
  I32EnumCase<"F32", 4, "f32">,
  I32EnumCase<"F16", 5, "f16">,
  I32EnumCase<"BF16", 6, "bf16">]>;

def PTQ_ActivationGranularity : PTQ_Enum<"ActivationGranularity",
    "which activations share one scale", [
  I32EnumCase<"Tensor", 0, "tensor">,
  I32EnumCase<"Token", 1, "token">,
  I32EnumCase<"Block", 2, "block">]>;

def PTQ_ActivationSymmetry : PTQ_Enum<"ActivationSymmetry",
    "where the code of the value 0 lies among those of activations", [
  I32EnumCase<"Auto", 0, "auto">,
  I32EnumCase<"Symmetric", 1, "symmetric">,
  I32EnumCase<"Asymmetric", 2, "asymmetric">]>;

def PTQ_Rounding : PTQ_Enum<"Rounding",
    "how weights between two codes are rounded", [
  I32EnumCase<"Nearest", 0, "nearest">,
  I32EnumCase<"AdaRound", 1, "adaround">,
  I32EnumCase<"GPTQ", 2, "gptq">,
  I32EnumCase<"Descent", 3, "descent">]>;

def PTQ_Equalization : PTQ_Enum<"Equalization",
    "how the channels that an op reads are brought to like ranges", [
  I32EnumCase<"None", 0, "none">,
  I32EnumCase<"CrossLayer", 1, "crosslayer">,
  I32EnumCase<"SmoothQuant", 2, "smoothquant">]>;

def PTQ_EqualizationFactors : PTQ_Enum<"EqualizationFactors",
    "which numbers channels are scaled by", [
  I32EnumCase<"Computed", 0, "computed">,
  I32EnumCase<"PowersOfTwo", 1, "powers-of-two">]>;

def PTQ_RoundingTarget : PTQ_Enum<"RoundingTarget",
    "what the outputs of a layer are compared with when its weights are rounded",
  [
  I32EnumCase<"Auto", 0, "auto">,
  I32EnumCase<"Asymmetric", 1, "asymmetric">,
  I32EnumCase<"Symmetric", 2, "symmetric">]>;

def PTQ_RangeEstimator : PTQ_Enum<"RangeEstimatorKind",
    "how a range is chosen from statistics", [
  I32EnumCase<"MinMax", 0, "minmax">,
  I32EnumCase<"Percentile", 1, "percentile">,
  I32EnumCase<"MSE", 2, "mse">,
  I32EnumCase<"KL", 3, "kl">,
  I32EnumCase<"Entropy", 4, "entropy">,
  I32EnumCase<"OMSE", 5, "omse">,
  I32EnumCase<"Auto", 6, "auto">]>;

def PTQ_ExtremesReduction : PTQ_Enum<"ExtremesReduction",
    "how the extremes of samples become one range", [
  I32EnumCase<"Global", 0, "global">,
  I32EnumCase<"MovingAverage", 1, "moving-average">,
  I32EnumCase<"SampleMean", 2, "sample-mean">]>;

def PTQ_OperandRole : PTQ_Enum<"OperandRole",
    "what an operand is to the op that consumes it", [
  I32EnumCase<"None", 0, "none">,
  I32EnumCase<"Activation", 1, "activation">,
  I32EnumCase<"Weight", 2, "weight">,
  I32EnumCase<"Bias", 3, "bias">]>;

def PTQ_Requantization : PTQ_Enum<"Requantization",
    "what accumulators are multiplied by to get codes", [
  I32EnumCase<"Float", 0, "float">,
  I32EnumCase<"FixedPoint", 1, "fixed-point">]>;

def PTQ_WeightOnlyProducts : PTQ_Enum<"WeightOnlyProducts",
    "what activations are multiplied as by weights that alone are quantized", [
  I32EnumCase<"Float", 0, "float">,
  I32EnumCase<"I16", 1, "i16">,
  I32EnumCase<"I8", 2, "i8">]>;

def PTQ_LoweringStage : PTQ_Enum<"LoweringStage",
    "where lowering stops", [
  I32EnumCase<"Integer", 0, "integer">,
  I32EnumCase<"Linalg", 1, "linalg">,
  I32EnumCase<"Vector", 2, "vector">,
  I32EnumCase<"LLVM", 3, "llvm">]>;

#endif // PTQ_DIALECT_PTQ_IR_PTQENUMS_TD
