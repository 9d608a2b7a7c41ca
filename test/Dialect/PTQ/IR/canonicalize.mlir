// What canonicalization and CSE may do to ptq ops, and what they must not.

// RUN: ptq-opt %s --split-input-file --canonicalize --cse | FileCheck %s

// Codes survive dequantize and quantize with the same parameters.
// CHECK-LABEL: func.func @round_trip
// CHECK-SAME:    (%[[Q:[a-z0-9]*]]: tensor<?x8xi8>
// CHECK-NEXT:    return %[[Q]]
func.func @round_trip(%q: tensor<?x8xi8>, %s: f32, %z: i8) -> tensor<?x8xi8> {
  %0 = ptq.dequantize %q, %s, %z : tensor<?x8xi8>, f32, i8 -> tensor<?x8xf32>
  %1 = ptq.quantize %0, %s, %z : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
  return %1 : tensor<?x8xi8>
}

// -----

// CHECK-LABEL: func.func @round_trip_per_axis
// CHECK-NEXT:    return
func.func @round_trip_per_axis(%q: tensor<8x4xi8>, %s: tensor<8xf32>)
    -> tensor<8x4xi8> {
  %0 = ptq.dequantize %q, %s axis 0 : tensor<8x4xi8>, tensor<8xf32> -> tensor<8x4xf32>
  %1 = ptq.quantize %0, %s axis 0 low -128 high 127
       : tensor<8x4xf32>, tensor<8xf32> -> tensor<8x4xi8>
  return %1 : tensor<8x4xi8>
}

// -----

// Equal constants are merged, so the parameters are the same value.
// CHECK-LABEL: func.func @round_trip_constants
// CHECK-NEXT:    return
func.func @round_trip_constants(%q: tensor<4xi4>) -> tensor<4xi4> {
  %s = arith.constant 0.5 : f32
  %0 = ptq.dequantize %q, %s : tensor<4xi4>, f32 -> tensor<4xf32>
  %t = arith.constant 0.5 : f32
  %1 = ptq.quantize %0, %t : tensor<4xf32>, f32 -> tensor<4xi4>
  return %1 : tensor<4xi4>
}

// -----

// The values are rounded: this is the quantization, and must stay.
// CHECK-LABEL: func.func @fake_quantize
// CHECK:         ptq.quantize
// CHECK:         ptq.dequantize
func.func @fake_quantize(%x: tensor<4xf32>, %s: f32) -> tensor<4xf32> {
  %0 = ptq.quantize %x, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  %1 = ptq.dequantize %0, %s : tensor<4xi8>, f32 -> tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

// Bounds clamp, another scale or zero point changes codes, another type or
// axis is another tensor: none of these fold.
// CHECK-LABEL: func.func @not_the_same
// CHECK-COUNT-6: ptq.quantize
func.func @not_the_same(%q: tensor<4x4xi8>, %s: f32, %t: f32, %z: i8,
                        %u: tensor<4xf32>) -> (tensor<4x4xi8>, tensor<4x4xi8>,
    tensor<4x4xi8>, tensor<4x4xi16>, tensor<4x4xi8>, tensor<4x4xi8>) {
  %0 = ptq.dequantize %q, %s : tensor<4x4xi8>, f32 -> tensor<4x4xf32>
  %1 = ptq.quantize %0, %s low -127 : tensor<4x4xf32>, f32 -> tensor<4x4xi8>
  %2 = ptq.quantize %0, %t : tensor<4x4xf32>, f32 -> tensor<4x4xi8>
  %3 = ptq.quantize %0, %s, %z : tensor<4x4xf32>, f32, i8 -> tensor<4x4xi8>
  %4 = ptq.quantize %0, %s : tensor<4x4xf32>, f32 -> tensor<4x4xi16>
  %5 = ptq.dequantize %q, %u axis 0 : tensor<4x4xi8>, tensor<4xf32> -> tensor<4x4xf32>
  %6 = ptq.quantize %5, %u axis 1 : tensor<4x4xf32>, tensor<4xf32> -> tensor<4x4xi8>
  // Through f16 the codes would be rounded.
  %7 = ptq.dequantize %q, %s : tensor<4x4xi8>, f32 -> tensor<4x4xf16>
  %8 = ptq.quantize %7, %s : tensor<4x4xf16>, f32 -> tensor<4x4xi8>
  return %1, %2, %3, %4, %6, %8 : tensor<4x4xi8>, tensor<4x4xi8>, tensor<4x4xi8>,
    tensor<4x4xi16>, tensor<4x4xi8>, tensor<4x4xi8>
}

// -----

// i32 codes have more digits than an f32.
// CHECK-LABEL: func.func @wide_codes
// CHECK:         ptq.quantize
func.func @wide_codes(%q: tensor<4xi32>, %s: f32) -> tensor<4xi32> {
  %0 = ptq.dequantize %q, %s : tensor<4xi32>, f32 -> tensor<4xf32>
  %1 = ptq.quantize %0, %s : tensor<4xf32>, f32 -> tensor<4xi32>
  return %1 : tensor<4xi32>
}

// -----

// Observers are neither merged nor erased, used or not.
// CHECK-LABEL: func.func @observers
// CHECK-COUNT-3: ptq.observe
func.func @observers(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<4xf32>
  %1 = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<4xf32>
  %2 = ptq.observe %x name("unused") encoding(<i8, asymmetric>) : tensor<4xf32>
  %3 = arith.addf %0, %1 : tensor<4xf32>
  return %3 : tensor<4xf32>
}

// -----

// Everything else is pure.
// CHECK-LABEL: func.func @dead
// CHECK-NEXT:    return
func.func @dead(%x: tensor<4xf32>, %q: tensor<4xi8>, %acc: tensor<4xi32>,
                %table: tensor<256xi8>, %v: vector<4xi32>, %a: vector<16xi8>) {
  %s, %z = ptq.choose_parameters %x encoding(<i8, asymmetric, source = dynamic>)
           : tensor<4xf32> -> f32, i8
  %0 = ptq.quantize %x, %s, %z : tensor<4xf32>, f32, i8 -> tensor<4xi8>
  %1 = ptq.dequantize %0, %s, %z : tensor<4xi8>, f32, i8 -> tensor<4xf32>
  %2 = ptq.requantize %acc, %s : tensor<4xi32>, f32 -> tensor<4xi8>
  %3 = ptq.unpack %q axis 0 : tensor<4xi8> -> tensor<8xi4>
  %4 = ptq.lookup %q, %table : tensor<4xi8>, tensor<256xi8> -> tensor<4xi8>
  %5 = ptq.dot %v, %a, %a : vector<4xi32>, vector<16xi8>, vector<16xi8>
  return
}
