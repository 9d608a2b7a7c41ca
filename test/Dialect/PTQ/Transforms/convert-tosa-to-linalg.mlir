// RUN: ptq-opt %s -split-input-file --ptq-convert-tosa-to-linalg | FileCheck %s

// CHECK-LABEL: func @addition
// CHECK-NOT:     tosa
// CHECK:         linalg.generic
// CHECK:           arith.addf
func.func @addition(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tosa.add %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// A convolution becomes the named op, so that quantization knows it.
// CHECK-LABEL: func @convolution
// CHECK-NOT:     tosa
// CHECK:         linalg.conv_2d_nhwc_fhwc
// CHECK:         arith.maximumf
func.func @convolution(%x: tensor<1x5x5x1xf32>) -> tensor<1x4x4x2xf32> {
  %w = "tosa.const"() {values = dense<1.0> : tensor<2x2x2x1xf32>} : () -> tensor<2x2x2x1xf32>
  %b = "tosa.const"() {values = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = tosa.conv2d %x, %w, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x5x5x1xf32>, tensor<2x2x2x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x2xf32>
  %1 = tosa.clamp %0 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32>
  return %1 : tensor<1x4x4x2xf32>
}

// -----

// A module without TOSA is not touched, not even canonicalized.
// CHECK-LABEL: func @already_linalg
// CHECK:         arith.constant 1.0
// CHECK:         tensor.cast
func.func @already_linalg(%x: tensor<4xf32>) -> tensor<4xf32> {
  %unused = arith.constant 1.0 : f32
  %0 = tensor.cast %x : tensor<4xf32> to tensor<?xf32>
  %1 = tensor.cast %0 : tensor<?xf32> to tensor<4xf32>
  return %1 : tensor<4xf32>
}
