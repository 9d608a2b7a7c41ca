// RUN: ptq-opt %s --ptq-rewrite-to-integer --remarks-filter='ptq-rewrite.*' -o /dev/null 2>&1 | FileCheck %s

// The largest code is 128 and the weights' magnitudes add up to 3, the bias has
// 1000: 1384. Codes between -1 and 7, by the bounds of what quantizes: 7 * 3 + 1000.
// CHECK-DAG: AccumulatorBound {{.*}}accumulators of 'plain' are within +-1384, proved from codes and weights: 11.4 of i32's bits
// CHECK-DAG: AccumulatorBound {{.*}}accumulators of 'bounded' are within +-1021,
func.func @bounds(%q: tensor<?x2xi8>, %x: tensor<?x2xf32>, %e: tensor<?x1xf32>) -> (tensor<?x1xf32>, tensor<?x1xf32>) {
  %s = arith.constant 0.5 : f32
  %t = arith.constant 0.25 : f32
  %w = arith.constant dense<[[1], [-2]]> : tensor<2x1xi8>
  %b = arith.constant dense<[-1000]> : tensor<1xi32>
  %tb = arith.constant dense<[0.25]> : tensor<1xf32>
  %d = ptq.dequantize %q, %s : tensor<?x2xi8>, f32 -> tensor<?x2xf32>
  %v = ptq.dequantize %w, %s : tensor<2x1xi8>, f32 -> tensor<2x1xf32>
  %f = ptq.dequantize %b, %tb axis 0 : tensor<1xi32>, tensor<1xf32> -> tensor<1xf32>
  %i = linalg.broadcast ins(%f : tensor<1xf32>) outs(%e : tensor<?x1xf32>) dimensions = [0]
  %y = linalg.matmul ins(%d, %v : tensor<?x2xf32>, tensor<2x1xf32>) outs(%i : tensor<?x1xf32>) -> tensor<?x1xf32> loc("plain")
  %c = ptq.quantize %x, %s low -1 high 7 : tensor<?x2xf32>, f32 -> tensor<?x2xi8>
  %r = ptq.dequantize %c, %s : tensor<?x2xi8>, f32 -> tensor<?x2xf32>
  %z = linalg.matmul ins(%r, %v : tensor<?x2xf32>, tensor<2x1xf32>) outs(%i : tensor<?x1xf32>) -> tensor<?x1xf32> loc("bounded")
  return %y, %z : tensor<?x1xf32>, tensor<?x1xf32>
}
