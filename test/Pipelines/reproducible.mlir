// A module becomes the same code in every run.

// RUN: ptq-opt %s --ptq-lower -o %t.1.mlir
// RUN: ptq-opt %s --ptq-lower -o %t.2.mlir
// RUN: ptq-opt %s --ptq-lower -o %t.3.mlir
// RUN: ptq-opt %s --ptq-lower -o %t.4.mlir
// RUN: cmp %t.1.mlir %t.2.mlir
// RUN: cmp %t.1.mlir %t.3.mlir
// RUN: cmp %t.1.mlir %t.4.mlir

func.func @forward(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c = arith.constant dense<[0.5, 1.25]> : tensor<2xf32>
  %e = tensor.empty() : tensor<2xf32>
  %y = linalg.add ins(%x, %c : tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func @second(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c = arith.constant dense<[1.5, 1.25]> : tensor<2xf32>
  %e = tensor.empty() : tensor<2xf32>
  %y = linalg.add ins(%x, %c : tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func @third(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c = arith.constant dense<[2.5, 1.25]> : tensor<2xf32>
  %e = tensor.empty() : tensor<2xf32>
  %y = linalg.add ins(%x, %c : tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func @fourth(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c = arith.constant dense<[3.5, 1.25]> : tensor<2xf32>
  %e = tensor.empty() : tensor<2xf32>
  %y = linalg.add ins(%x, %c : tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}

func.func @fifth(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c = arith.constant dense<[4.5, 1.25]> : tensor<2xf32>
  %e = tensor.empty() : tensor<2xf32>
  %y = linalg.add ins(%x, %c : tensor<2xf32>, tensor<2xf32>) outs(%e : tensor<2xf32>) -> tensor<2xf32>
  return %y : tensor<2xf32>
}
