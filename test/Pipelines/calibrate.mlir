// RUN: ptq-opt %s --ptq-calibrate=data=random 2>&1 | FileCheck %s
// RUN: ptq-opt %s --ptq-calibrate="data=random method=minmax samples=3 seed=7" --ptq-lower=to=integer 2>/dev/null | FileCheck %s --check-prefix=INTEGER
// RUN: ptq-opt %s --ptq-calibrate=data=random --ptq-lower 2>/dev/null | FileCheck %s --check-prefix=LLVM
// RUN: ptq-opt %s --ptq-calibrate=scheme=dynamic 2>/dev/null | FileCheck %s --check-prefix=DYNAMIC
// RUN: ptq-opt %s --ptq-calibrate="scheme=dynamic activations-per=token activations-symmetry=symmetric" --ptq-lower=to=integer 2>/dev/null | FileCheck %s --check-prefix=TOKENS

// One line says what was done.
// CHECK:       ptq: 1 op quantized, 0 left in float

// The scale is folded into the weights (now 2, -2), which are codes; the bias has
// become one too.
// CHECK-LABEL: func @forward
// CHECK-DAG:     arith.constant dense<{{.*}}127{{.*}}> : tensor<3x2xi8>
// CHECK-DAG:     arith.constant dense<{{.*}}> : tensor<2xi32>
// CHECK:         %[[Q:.*]] = ptq.quantize %arg0
// CHECK:         %[[X:.*]] = ptq.dequantize %[[Q]]
// CHECK:         linalg.matmul ins(%[[X]],
// CHECK-NOT:     ptq.observe

// INTEGER-LABEL: func @forward
// INTEGER:         %[[Q:.*]] = ptq.quantize %arg0
// INTEGER:         linalg.matmul ins(%[[Q]], %{{.*}} : tensor<?x3xi8>, tensor<3x2xi8>) outs(%{{.*}} : tensor<?x2xi32>)

// LLVM: llvm.func @forward

// What is measured at run time needs no samples before.
// DYNAMIC-LABEL: func @forward
// DYNAMIC-DAG:     arith.constant dense<{{.*}}127{{.*}}> : tensor<3x2xi8>
// DYNAMIC-DAG:     arith.constant dense<{{.*}}> : tensor<2xf32>
// DYNAMIC:         %[[S:.*]], %[[Z:.*]] = ptq.choose_parameters %arg0 encoding(<i8, asymmetric, granularity = axis, axis = 0, source = dynamic>)
// DYNAMIC:         %[[Q:.*]] = ptq.quantize %arg0, %[[S]], %[[Z]] axis 0
// DYNAMIC:         %[[X:.*]] = ptq.dequantize %[[Q]], %[[S]], %[[Z]] axis 0
// DYNAMIC:         linalg.matmul ins(%[[X]],

// TOKENS-LABEL: func @forward
// TOKENS:         %[[S:.*]] = ptq.choose_parameters %arg0 encoding(<i8, symmetric, granularity = token, narrow_range = true, source = dynamic>)
// TOKENS:         %[[Q:.*]] = ptq.quantize %arg0, %[[S]] block [1, 3] low -127
// TOKENS:         %[[ACC:.*]] = linalg.matmul ins(%[[Q]], %{{.*}} : tensor<?x3xi8>, tensor<3x2xi8>)
// TOKENS:         ptq.dequantize %[[ACC]], %{{.*}} axis 0
func.func @forward(%x: tensor<?x3xf32> loc("x")) -> tensor<?x2xf32> {
  %w = arith.constant dense<[[1.0, -1.0], [0.5, 0.25], [-0.125, 1.0]]> : tensor<3x2xf32>
  %b = arith.constant dense<[0.5, -0.5]> : tensor<2xf32>
  %two = arith.constant 2.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %e = tensor.empty(%n) : tensor<?x2xf32>
  %init = linalg.broadcast ins(%b : tensor<2xf32>) outs(%e : tensor<?x2xf32>) dimensions = [0]
  %0 = linalg.matmul ins(%x, %w : tensor<?x3xf32>, tensor<3x2xf32>) outs(%init : tensor<?x2xf32>) -> tensor<?x2xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%0 : tensor<?x2xf32>) outs(%e : tensor<?x2xf32>) {
    ^bb0(%in: f32, %out: f32):
      %m = arith.mulf %in, %two : f32
      linalg.yield %m : f32
  } -> tensor<?x2xf32>
  return %1 : tensor<?x2xf32>
}
