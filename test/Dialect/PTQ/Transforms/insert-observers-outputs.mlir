// RUN: ptq-opt %s -split-input-file --ptq-insert-observers=outputs | FileCheck %s

#scheme = #ptq.scheme<activations = <i8, asymmetric>, estimator = mse>
#dynamic = #ptq.scheme<activations = <i8, asymmetric, source = dynamic>>
#id = affine_map<(d0, d1) -> (d0, d1)>

// What is returned is observed as the activations of the op before it are, also
// where other ops stand between; what others have quantized is not.
// CHECK-LABEL: func @forward
// CHECK:         %[[M:.*]] = linalg.matmul
// CHECK:         %[[A:.*]] = math.absf %[[M]]
// CHECK:         %[[O:.*]] = ptq.observe %[[A]] name("abs") encoding(<i8, asymmetric>) estimator( mse)
// CHECK:         %[[D:.*]] = ptq.dequantize
// CHECK:         return %[[O]], %[[D]]
func.func @forward(%x: tensor<?x8xf32>, %w: tensor<8x4xf32>, %e: tensor<?x4xf32>, %q: tensor<4xi8>) -> (tensor<?x4xf32>, tensor<4xf32>) {
  %s = arith.constant 0.5 : f32
  %0 = linalg.matmul {ptq.scheme = #scheme} ins(%x, %w : tensor<?x8xf32>, tensor<8x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  %1 = math.absf %0 : tensor<?x4xf32> loc("abs")
  %2 = ptq.dequantize %q, %s : tensor<4xi8>, f32 -> tensor<4xf32>
  return %1, %2 : tensor<?x4xf32>, tensor<4xf32>
}

// -----

#scheme = #ptq.scheme<activations = <i8, asymmetric>>
#id = affine_map<(d0, d1) -> (d0, d1)>

// A function of each element is a table where its result is codes.
// CHECK-LABEL: func @activation
// CHECK:         ptq.observe %arg0
// CHECK:         %[[S:.*]] = linalg.generic
// CHECK:         %[[O:.*]] = ptq.observe %[[S]]
// CHECK:         return %[[O]]
func.func @activation(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %one = arith.constant 1.0 : f32
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"], ptq.scheme = #scheme} ins(%x : tensor<?x8xf32>) outs(%x : tensor<?x8xf32>) {
  ^bb0(%a: f32, %b: f32):
    %n = arith.negf %a : f32
    %e = math.exp %n : f32
    %d = arith.addf %one, %e : f32
    %r = arith.divf %one, %d : f32
    linalg.yield %r : f32
  } -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}
