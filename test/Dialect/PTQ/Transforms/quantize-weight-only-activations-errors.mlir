// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-quantize-weight-only-activations=products=i8 --remarks-filter=ptq-quantize.*
// RUN: not ptq-opt %s --ptq-quantize-weight-only-activations=products=i4 2>&1 | FileCheck %s --check-prefix=PRODUCTS
// RUN: not ptq-opt %s -split-input-file --ptq-quantize-weight-only-activations="products=i8 block=1" 2>&1 | FileCheck %s --check-prefix=BLOCK
// RUN: not ptq-opt %s --ptq-lower=weight-only=f16 2>&1 | FileCheck %s --check-prefix=LOWER

// PRODUCTS: Cannot find option named 'i4'
// BLOCK: error: blocks have at least 2 elements, got 1
// LOWER: Cannot find option named 'f16'

func.func @zero_point(%x: tensor<2x4xf32>, %z: i8, %i: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %s = arith.constant 0.5 : f32
  %codes = arith.constant dense<3> : tensor<4x4xi8>
  %w = ptq.dequantize %codes, %s, %z : tensor<4x4xi8>, f32, i8 -> tensor<4x4xf32>
  // expected-remark @+1 {{linalg.matmul: the zero points of the weights are not constants that can be read}}
  %y = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x4xf32>) outs(%i : tensor<2x4xf32>) -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// -----

func.func @convolution(%x: tensor<1x4x4x2xf32>, %i: tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xf32> {
  %s = arith.constant 0.5 : f32
  %codes = arith.constant dense<3> : tensor<2x2x2x2xi8>
  %w = ptq.dequantize %codes, %s : tensor<2x2x2x2xi8>, f32 -> tensor<2x2x2x2xf32>
  // expected-remark @+1 {{what it sums over is not one dimension}}
  %y = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x4x4x2xf32>, tensor<2x2x2x2xf32>) outs(%i : tensor<1x3x3x2xf32>) -> tensor<1x3x3x2xf32>
  return %y : tensor<1x3x3x2xf32>
}
