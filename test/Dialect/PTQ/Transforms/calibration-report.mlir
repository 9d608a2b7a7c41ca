// A report lists edges as the network uses them, although constants stand at
// the top and in any order.

// RUN: ptq-opt %s --ptq-run-calibration="data=random report=%t.html" -o /dev/null
// RUN: FileCheck %s --input-file=%t.html

// CHECK: "edges":[{"name":"x"
// CHECK-SAME: {"name":"first"
// CHECK-SAME: {"name":"y"
// CHECK-SAME: {"name":"second"
// CHECK-SAME: {"name":"z"
func.func @forward(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> {
  %c0 = arith.constant 0 : index
  %second = arith.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %w1 = ptq.observe %second name("second") encoding(<i8, symmetric>) : tensor<2x2xf32>
  %first = arith.constant dense<[[1.0, -2.0], [-3.0, 4.0]]> : tensor<2x2xf32>
  %w0 = ptq.observe %first name("first") encoding(<i8, symmetric>) : tensor<2x2xf32>
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<?x2xf32>
  %n = tensor.dim %x, %c0 : tensor<?x2xf32>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %1 = linalg.matmul ins(%0, %w0 : tensor<?x2xf32>, tensor<2x2xf32>) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %2 = ptq.observe %1 name("y") encoding(<i8, asymmetric>) : tensor<?x2xf32>
  %3 = linalg.matmul ins(%2, %w1 : tensor<?x2xf32>, tensor<2x2xf32>) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %4 = ptq.observe %3 name("z") encoding(<i8, asymmetric>) : tensor<?x2xf32>
  return %4 : tensor<?x2xf32>
}
