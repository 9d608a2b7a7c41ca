// RUN: ptq-opt %s -split-input-file -ptq-fuse-activation-functions | FileCheck %s

// The example of the pass's description, with numbers as constants of tensors.
// CHECK-LABEL: func @gelu
// CHECK-SAME:    (%[[X:.*]]: tensor<4xf32>)
// CHECK:         %[[Y:.*]] = linalg.generic {{.*}} ins(%[[X]] : tensor<4xf32>)
// CHECK-NEXT:    ^bb0(%[[E:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:      %[[ERF:.*]] = math.erf %[[E]] : f32
// CHECK:           %[[SUM:.*]] = arith.addf %[[ERF]], %{{.*}} : f32
// CHECK:           %[[MUL:.*]] = arith.mulf %[[E]], %[[SUM]] : f32
// CHECK:           linalg.yield %[[MUL]]
// CHECK-NOT:     linalg.generic
// CHECK:         return %[[Y]]
func.func @gelu(%0: tensor<4xf32>) -> tensor<4xf32> {
  %one = arith.constant dense<1.0> : tensor<4xf32>
  %1 = math.erf %0 : tensor<4xf32>
  %2 = arith.addf %1, %one : tensor<4xf32>
  %3 = arith.mulf %0, %2 : tensor<4xf32>
  return %3 : tensor<4xf32>
}

// -----

// Structured ops, with a number that is read by an operand, on a dynamic size:
// the sizes come from the destination of the last op. It is called as the last
// op was.
// CHECK-LABEL: func @silu
// CHECK-SAME:    (%[[X:.*]]: tensor<?x8xf16>, %[[INIT:.*]]: tensor<?x8xf16>)
// CHECK-NOT:     linalg.generic
// CHECK:         linalg.generic {{.*}} ins(%[[X]] : tensor<?x8xf16>) outs(%[[INIT]] : tensor<?x8xf16>)
// CHECK:           math.exp
// CHECK:           arith.divf
// CHECK:           arith.mulf
// CHECK-NOT:     linalg.generic
// CHECK:         return
#id = affine_map<(d0, d1) -> (d0, d1)>
#scalar = affine_map<(d0, d1) -> ()>
func.func @silu(%x: tensor<?x8xf16>, %init: tensor<?x8xf16>) -> tensor<?x8xf16> {
  %one = arith.constant dense<1.0> : tensor<f16>
  %0 = linalg.generic {indexing_maps = [#id, #scalar, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %one : tensor<?x8xf16>, tensor<f16>) outs(%init : tensor<?x8xf16>) {
  ^bb0(%in: f16, %c: f16, %out: f16):
    %2 = arith.negf %in : f16
    %3 = math.exp %2 : f16
    %4 = arith.addf %3, %c : f16
    %5 = arith.divf %c, %4 : f16
    linalg.yield %5 : f16
  } -> tensor<?x8xf16>
  %1 = linalg.mul ins(%x, %0 : tensor<?x8xf16>, tensor<?x8xf16>) outs(%init : tensor<?x8xf16>) -> tensor<?x8xf16>
  return %1 : tensor<?x8xf16>
}

// -----

// x * clamp(x + 3) is a parabola in the middle.
// CHECK-LABEL: func @hard_swish
// CHECK:         linalg.generic
// CHECK:           arith.addf
// CHECK:           arith.maximumf
// CHECK:           arith.minimumf
// CHECK:           arith.mulf
// CHECK-NOT:     arith.mulf {{.*}} : tensor
// CHECK:         return
func.func @hard_swish(%x: tensor<4xf32>) -> tensor<4xf32> {
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %three = arith.constant dense<3.0> : tensor<4xf32>
  %six = arith.constant dense<6.0> : tensor<4xf32>
  %0 = arith.addf %x, %three : tensor<4xf32>
  %1 = arith.maximumf %0, %zero : tensor<4xf32>
  %2 = arith.minimumf %1, %six : tensor<4xf32>
  %3 = arith.mulf %x, %2 : tensor<4xf32>
  return %3 : tensor<4xf32>
}

// -----

// Between the tanh and its scale somebody else reads: two ops remain, and the
// chain before them is one.
// CHECK-LABEL: func @read_between
// CHECK:         %[[Y:.*]] = linalg.generic
// CHECK:           arith.mulf
// CHECK:           math.tanh
// CHECK:         %[[Z:.*]] = arith.mulf %[[Y]], %{{.*}} : tensor<4xf32>
// CHECK:         return %[[Y]], %[[Z]]
func.func @read_between(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %half = arith.constant dense<0.5> : tensor<4xf32>
  %0 = arith.mulf %x, %half : tensor<4xf32>
  %1 = math.tanh %0 : tensor<4xf32>
  %2 = arith.mulf %1, %half : tensor<4xf32>
  return %1, %2 : tensor<4xf32>, tensor<4xf32>
}

// -----

// Functions of two tensors, and of one that is read in another order, stay. What
// is a function of the sum is one op.
// CHECK-LABEL: func @two_arguments
// CHECK:         %[[SUM:.*]] = arith.addf %{{.*}}, %{{.*}} : tensor<4x4xf32>
// CHECK:         linalg.generic {{.*}} ins(%[[SUM]] : tensor<4x4xf32>)
// CHECK:         %[[TANH:.*]] = math.tanh %{{.*}} : tensor<4x4xf32>
// CHECK:         %[[T:.*]] = linalg.transpose ins(%{{.*}} : tensor<4x4xf32>)
// CHECK:         arith.mulf %[[TANH]], %[[T]]
func.func @two_arguments(%x: tensor<4x4xf32>, %y: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %0 = arith.addf %x, %y : tensor<4x4xf32>
  %1 = math.tanh %0 : tensor<4x4xf32>
  %2 = arith.mulf %0, %1 : tensor<4x4xf32>
  %3 = math.tanh %x : tensor<4x4xf32>
  %4 = tensor.empty() : tensor<4x4xf32>
  %5 = linalg.transpose ins(%x : tensor<4x4xf32>) outs(%4 : tensor<4x4xf32>) permutation = [1, 0]
  %6 = arith.mulf %3, %5 : tensor<4x4xf32>
  return %2, %6 : tensor<4x4xf32>, tensor<4x4xf32>
}

// -----

// A scale before a clamp is no activation function; nor is a clamp part of the
// function behind it, since it limits the range of the op before. A square root
// needs an argument that is more precise than a code.
// CHECK-LABEL: func @left_alone
// CHECK:         arith.mulf %{{.*}} : tensor<4xf32>
// CHECK:         linalg.max
// CHECK:         linalg.generic
// CHECK:           math.tanh
// CHECK:         arith.addf %{{.*}} : tensor<4xf32>
// CHECK:         math.sqrt %{{.*}} : tensor<4xf32>
func.func @left_alone(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %zero = arith.constant dense<0.0> : tensor<4xf32>
  %half = arith.constant dense<0.5> : tensor<4xf32>
  %0 = arith.mulf %x, %half : tensor<4xf32>
  %empty = tensor.empty() : tensor<4xf32>
  %1 = linalg.max ins(%0, %zero : tensor<4xf32>, tensor<4xf32>) outs(%empty : tensor<4xf32>) -> tensor<4xf32>
  %2 = math.tanh %1 : tensor<4xf32>
  %3 = arith.mulf %2, %half : tensor<4xf32>
  %4 = arith.addf %x, %half : tensor<4xf32>
  %5 = math.sqrt %4 : tensor<4xf32>
  return %3, %5 : tensor<4xf32>, tensor<4xf32>
}
