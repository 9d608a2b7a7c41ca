// Networks in TOSA are lowered and run without being calibrated, too.

// RUN: ptq-opt %s --ptq-lower | FileCheck %s
// RUN: ptq-run %s --verify | FileCheck %s --check-prefix=VERIFY
// RUN: ptq-run %s --input random | FileCheck %s --check-prefix=SAMPLES

// CHECK: llvm.func @forward
// VERIFY: equal to the bit
// SAMPLES: samples {{ *}}16
func.func @forward(%x: tensor<1x4x2xf32>) -> tensor<1x4x3xf32> {
  %w = "tosa.const"() <{values = dense<[[[0.5, -1.0, 0.25], [1.0, 2.0, -0.5]]]> : tensor<1x2x3xf32>}> : () -> tensor<1x2x3xf32>
  %zp = "tosa.const"() <{values = dense<0.0> : tensor<1xf32>}> : () -> tensor<1xf32>
  %0 = tosa.matmul %x, %w, %zp, %zp : (tensor<1x4x2xf32>, tensor<1x2x3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x3xf32>
  %1 = tosa.clamp %0 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  return %1 : tensor<1x4x3xf32>
}
