// RUN: ptq-opt %s --ptq-summarize-quantization -o /dev/null 2>&1 | FileCheck %s

// CHECK: ptq: 2 ops quantized, 1 left in float (--remarks-filter='ptq.*' says why)
func.func @forward(%x: tensor<4x4xf32>, %q: tensor<4x4xi8>, %acc: tensor<4x4xi32>, %init: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xi32>) {
  %s = arith.constant 0.5 : f32
  %d = ptq.dequantize %q, %s : tensor<4x4xi8>, f32 -> tensor<4x4xf32>
  %0 = linalg.matmul ins(%d, %d : tensor<4x4xf32>, tensor<4x4xf32>) outs(%init : tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = linalg.matmul ins(%x, %x : tensor<4x4xf32>, tensor<4x4xf32>) outs(%init : tensor<4x4xf32>) -> tensor<4x4xf32>
  %2 = linalg.matmul ins(%q, %q : tensor<4x4xi8>, tensor<4x4xi8>) outs(%acc : tensor<4x4xi32>) -> tensor<4x4xi32>
  return %0, %1, %2 : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xi32>
}
