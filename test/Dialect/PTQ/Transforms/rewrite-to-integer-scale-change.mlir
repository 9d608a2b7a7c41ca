// RUN: ptq-opt %s -split-input-file --ptq-rewrite-to-integer | FileCheck %s
// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-rewrite-to-integer --remarks-filter='ptq-rewrite.*' -o /dev/null
// RUN: ptq-opt %s -split-input-file --ptq-rewrite-to-integer=requantize=fixed-point | FileCheck %s --check-prefix=FIXED

// Codes less their zero point are an accumulator: 0.75 / 0.25 steps each.

// CHECK-LABEL: func @finer(
// CHECK-SAME: %[[Q:.*]]: tensor<4xi8>
// CHECK-DAG: %[[M:.*]] = arith.constant 3.000000e+00 : f32
// CHECK-DAG: %[[Z:.*]] = arith.constant -7 : i8
// CHECK: %[[A:.*]] = linalg.generic {{.*}} ins(%[[Q]] : tensor<4xi8>) outs({{.*}} : tensor<4xi32>)
// CHECK: arith.extsi %{{.*}} : i8 to i32
// CHECK: arith.subi
// CHECK: ptq.requantize %[[A]], %[[M]], %[[Z]] : tensor<4xi32>, f32, i8 -> tensor<4xi8>
// CHECK-NOT: ptq.dequantize
// FIXED-LABEL: func @finer(
// FIXED: ptq.lookup
func.func @finer(%q: tensor<4xi8>) -> tensor<4xi8> {
  %s = arith.constant 0.75 : f32
  %z = arith.constant 5 : i8
  %t = arith.constant 0.25 : f32
  %y = arith.constant -7 : i8
  %x = ptq.dequantize %q, %s, %z : tensor<4xi8>, f32, i8 -> tensor<4xf32>
  // expected-remark@+1 {{become codes of another scale: 0.0 bits lost}}
  %r = ptq.quantize %x, %t, %y : tensor<4xf32>, f32, i8 -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// -----

// Steps four times as large; the bounds stay.

// CHECK-LABEL: func @from_16_bits(
// CHECK: ptq.requantize %{{.*}}, %{{.*}} low 0 : tensor<4xi32>, f32 -> tensor<4xi8>
// FIXED-LABEL: func @from_16_bits(
// FIXED: ptq.requantize %{{.*}}, %{{.*}} shift %{{.*}} low 0 : tensor<4xi32>, i32 shift i32 -> tensor<4xi8>
func.func @from_16_bits(%q: tensor<4xi16>) -> tensor<4xi8> {
  %s = arith.constant 0.125 : f32
  %t = arith.constant 0.5 : f32
  %x = ptq.dequantize %q, %s : tensor<4xi16>, f32 -> tensor<4xf32>
  // expected-remark@+1 {{2.0 bits lost}}
  %r = ptq.quantize %x, %t low 0 : tensor<4xf32>, f32 -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// -----

// A multiplier for each channel.

// CHECK-LABEL: func @channels(
// CHECK-DAG: %[[M:.*]] = arith.constant dense<[1.000000e+00, 5.000000e-01]> : tensor<2xf32>
// CHECK: ptq.requantize %{{.*}}, %[[M]] axis 1 : tensor<4x2xi32>, tensor<2xf32> -> tensor<4x2xi8>
func.func @channels(%q: tensor<4x2xi8>) -> tensor<4x2xi8> {
  %s = arith.constant dense<[0.5, 0.25]> : tensor<2xf32>
  %t = arith.constant 0.5 : f32
  %x = ptq.dequantize %q, %s axis 1 : tensor<4x2xi8>, tensor<2xf32> -> tensor<4x2xf32>
  // expected-remark@+1 {{1.0 bits lost}}
  %r = ptq.quantize %x, %t : tensor<4x2xf32>, f32 -> tensor<4x2xi8>
  return %r : tensor<4x2xi8>
}

// -----

// The same parameters are no change.

// CHECK-LABEL: func @unchanged(
// CHECK-NEXT: return %arg0
func.func @unchanged(%q: tensor<4xi8>) -> tensor<4xi8> {
  %s = arith.constant 0.75 : f32
  %x = ptq.dequantize %q, %s : tensor<4xi8>, f32 -> tensor<4xf32>
  %r = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  return %r : tensor<4xi8>
}

// -----

// What stays a pair, and why.

// CHECK-LABEL: func @pairs(
// CHECK-COUNT-4: ptq.quantize
func.func @pairs(%q: tensor<4xi8>, %p: tensor<4xi32>, %d: f32) -> (tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>) {
  %s = arith.constant 0.75 : f32
  %t = arith.constant 0.25 : f32
  %u = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %v = arith.constant 1.2e-38 : f32
  %b = arith.constant 4.0 : f32
  %x = ptq.dequantize %q, %d : tensor<4xi8>, f32 -> tensor<4xf32>
  // expected-remark@+1 {{the parameters of the input are not constant}}
  %0 = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  %y = ptq.dequantize %p, %s : tensor<4xi32>, f32 -> tensor<4xf32>
  // expected-remark@+1 {{the input is not dequantized from i8 or i16}}
  %1 = ptq.quantize %y, %t : tensor<4xf32>, f32 -> tensor<4xi8>
  %w = ptq.dequantize %q, %u block [2] : tensor<4xi8>, tensor<2xf32> -> tensor<4xf32>
  // expected-remark@+1 {{the input has scales of blocks}}
  %2 = ptq.quantize %w, %t : tensor<4xf32>, f32 -> tensor<4xi8>
  %k = ptq.dequantize %q, %v : tensor<4xi8>, f32 -> tensor<4xf32>
  // expected-remark@+1 {{a multiplier is no normal f32 number}}
  %3 = ptq.quantize %k, %b : tensor<4xf32>, f32 -> tensor<4xi8>
  return %0, %1, %2, %3 : tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>
}
