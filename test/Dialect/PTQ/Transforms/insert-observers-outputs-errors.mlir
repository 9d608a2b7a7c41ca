// RUN: ptq-opt %s -verify-diagnostics --ptq-insert-observers=outputs --remarks-filter=ptq-insert-observers

#dynamic = #ptq.scheme<activations = <i8, asymmetric, source = dynamic>>

// Nothing says how an input that is returned is quantized, and what is measured
// at run time has no constants that a caller could know. Integers are no floats.
func.func @left_in_float(%x: tensor<?x8xf32>, %w: tensor<8x4xf32>, %e: tensor<?x4xf32>, %i: tensor<4xi32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<4xi32>) {
  %0 = linalg.matmul {ptq.scheme = #dynamic} ins(%x, %w : tensor<?x8xf32>, tensor<8x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  // expected-remark @below {{no op before output 0 has its activations quantized by constants}}
  // expected-remark @below {{no op before output 1 has its activations quantized by constants}}
  return %0, %e, %i : tensor<?x4xf32>, tensor<?x4xf32>, tensor<4xi32>
}
