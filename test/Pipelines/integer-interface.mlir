// RUN: ptq-opt %s --ptq-calibrate="data=random quantize-outputs" -o %t.qdq.mlir
// RUN: ptq-opt %t.qdq.mlir --ptq-lower=integer-interface | FileCheck %s --check-prefix=LLVM
// RUN: ptq-opt %t.qdq.mlir --ptq-lower="integer-interface to=integer" | FileCheck %s --check-prefix=INTEGER
// RUN: ptq-opt %t.qdq.mlir --ptq-lower="to=integer" | FileCheck %s --check-prefix=FLOAT

// Nobody quantizes outputs unasked; a softmax may be quantized as well.
// RUN: ptq-opt %s --ptq-calibrate="data=random" --ptq-lower="integer-interface to=integer" --remarks-filter=ptq-keep-integer-interface 2>&1 | FileCheck %s --check-prefix=INPUT
// INPUT: remark: [Missed] StaysFloat {{.*}}output 'result0' stays f32: {{.*}} computes it in float
// INPUT: func.func @forward(%{{.*}}: tensor<?x8xi8>) -> (tensor<?x4xf32>, tensor<?x4xf32>)

// The codes move through the reshape; what they stand for survives to LLVM.
// LLVM: llvm.func @forward(
// LLVM-SAME: scale = {{[^,]*}} : f32, type = tensor<?x8xi8>, zero_point =
// LLVM-SAME: scale = {{[^,]*}} : f32, type = tensor<?x4xi8>, zero_point =
// LLVM-SAME: scale = 0.00392156886 : f32, type = tensor<?x4xi8>, zero_point = -128
// INTEGER: func.func @forward(%[[X:.*]]: tensor<?x8xi8>) -> (tensor<?x4xi8>, tensor<?x4xi8>)
// INTEGER: tensor.expand_shape %[[X]]
// FLOAT: func.func @forward(%{{.*}}: tensor<?x8xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>)
func.func @forward(%x: tensor<?x8xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x8xf32>
  %w = arith.constant dense<[[0.5, -0.25], [0.125, 1.0], [-1.0, 0.75], [0.25, 0.5]]> : tensor<4x2xf32>
  %zero = arith.constant 0.0 : f32
  %pairs = tensor.expand_shape %x [[0], [1, 2]] output_shape [%n, 2, 4] : tensor<?x8xf32> into tensor<?x2x4xf32>
  %rows = tensor.collapse_shape %pairs [[0, 1], [2]] : tensor<?x2x4xf32> into tensor<?x4xf32>
  %m = tensor.dim %rows, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%m) : tensor<?x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %p = linalg.matmul ins(%rows, %w : tensor<?x4xf32>, tensor<4x2xf32>) outs(%f : tensor<?x2xf32>) -> tensor<?x2xf32>
  %s = tensor.expand_shape %p [[0, 1], [2]] output_shape [%n, 2, 2] : tensor<?x2xf32> into tensor<?x2x2xf32>
  %y = tensor.collapse_shape %s [[0], [1, 2]] : tensor<?x2x2xf32> into tensor<?x4xf32>
  %d = tensor.empty(%n) : tensor<?x4xf32>
  %z = linalg.softmax dimension(1) ins(%y : tensor<?x4xf32>) outs(%d : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %y, %z : tensor<?x4xf32>, tensor<?x4xf32>
}
