// RUN: ptq-opt %s --ptq-verify-integer-only="allow-tail" --remarks-filter='ptq-verify.*' 2>&1 | FileCheck %s
// RUN: not ptq-opt %s --ptq-verify-integer-only 2>&1 | FileCheck %s --check-prefix=ALL
// RUN: ptq-opt %s --pass-pipeline='builtin.module(symbol-privatize{exclude=integer},symbol-dce,ptq-verify-integer-only)' -o /dev/null

// Floats come in and go out, and nothing between them is one; a function has a
// tail of floats.
// CHECK: [Passed] IntegerOnly {{.*}}3 ops compute on integers, none on floats
// CHECK: func.func @integer

// ALL-NOT: error
// ALL: error: computes on floats: 'ptq.dequantize' stands between codes and an op that stayed in float
// ALL: error: computes on floats: 'math.exp'
// ALL-NOT: error

func.func @integer(%x: tensor<1x2x2xf32>, %e: tensor<2x1xi32>) -> tensor<2xf32> {
  %s = arith.constant 0.5 : f32
  %m = arith.constant 1073741824 : i32
  %k = arith.constant 31 : i32
  %w = arith.constant dense<[[1], [2]]> : tensor<2x1xi8>
  %c = tensor.collapse_shape %x [[0, 1], [2]] : tensor<1x2x2xf32> into tensor<2x2xf32>
  %q = ptq.quantize %c, %s : tensor<2x2xf32>, f32 -> tensor<2x2xi8>
  %a = linalg.matmul ins(%q, %w : tensor<2x2xi8>, tensor<2x1xi8>) outs(%e : tensor<2x1xi32>) -> tensor<2x1xi32>
  %r = ptq.requantize %a, %m shift %k : tensor<2x1xi32>, i32 shift i32 -> tensor<2x1xi8>
  %d = ptq.dequantize %r, %s : tensor<2x1xi8>, f32 -> tensor<2x1xf32>
  %y = tensor.collapse_shape %d [[0, 1]] : tensor<2x1xf32> into tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func @tail(%acc: tensor<?xi32>) -> (tensor<?xf32>, index) {
  %s = arith.constant 0.5 : f32
  %m = arith.constant 1 : i32
  %c0 = arith.constant 0 : index
  %r = ptq.requantize %acc, %m shift %m : tensor<?xi32>, i32 shift i32 -> tensor<?xi8>
  %x = ptq.dequantize %r, %s : tensor<?xi8>, f32 -> tensor<?xf32>
  %y = math.exp %x : tensor<?xf32>
  %n = tensor.dim %y, %c0 : tensor<?xf32>
  return %y, %n : tensor<?xf32>, index
}
