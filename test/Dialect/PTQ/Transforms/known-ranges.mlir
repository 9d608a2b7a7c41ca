// RUN: ptq-opt %s --split-input-file --ptq-run-calibration="data=random samples=2" | FileCheck %s
// RUN: ptq-opt %s --split-input-file --ptq-run-calibration="data=random samples=2" --remarks-filter=ptq-run-calibration -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// REMARK-NOT: nan
// REMARK: edge 'y' gets [0.00, 1.00] by definition: not measured
// REMARK-NOT: nan

// Edges whose range follows from what computes them are not measured, however
// that is written.

#map = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// CHECK-LABEL: func @softmax
// CHECK: ptq.observe %{{.*}} name("y") {{.*}} range(<min = [0.000000e+00], max = [1.000000e+00], by_definition = true>)
func.func @softmax(%x: tensor<?x8xf32>, %init: tensor<?x8xf32>) -> tensor<?x8xf32> attributes {ptq.entry} {
  %0 = linalg.softmax dimension(1) ins(%x : tensor<?x8xf32>) outs(%init : tensor<?x8xf32>) -> tensor<?x8xf32>
  %1 = ptq.observe %0 name("y") encoding(<i8, asymmetric>) : tensor<?x8xf32>
  return %1 : tensor<?x8xf32>
}

// -----

// A softmax that has been taken apart.
#map = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// CHECK-LABEL: func @normalized
// CHECK: ptq.observe %{{.*}} name("y") {{.*}} max = [1.000000e+00], by_definition = true>)
func.func @normalized(%x: tensor<4x8xf32>) -> tensor<4x8xf32> attributes {ptq.entry} {
  %zero = arith.constant 0.0 : f32
  %init = tensor.empty() : tensor<4x8xf32>
  %e = linalg.exp ins(%x : tensor<4x8xf32>) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>
  %rows = tensor.empty() : tensor<4xf32>
  %zeros = linalg.fill ins(%zero : f32) outs(%rows : tensor<4xf32>) -> tensor<4xf32>
  %sum = linalg.generic {indexing_maps = [#map, #row], iterator_types = ["parallel", "reduction"]}
      ins(%e : tensor<4x8xf32>) outs(%zeros : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %s = arith.addf %out, %in : f32
    linalg.yield %s : f32
  } -> tensor<4xf32>
  %y = linalg.generic {indexing_maps = [#map, #row, #map], iterator_types = ["parallel", "parallel"]}
      ins(%e, %sum : tensor<4x8xf32>, tensor<4xf32>) outs(%init : tensor<4x8xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %q = arith.divf %a, %b : f32
    linalg.yield %q : f32
  } -> tensor<4x8xf32>
  %1 = ptq.observe %y name("y") encoding(<i8, asymmetric>) : tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// -----

#map = affine_map<(d0, d1) -> (d0, d1)>

// One body, or op by op on tensors; reshapes and padding keep the range.
// CHECK-LABEL: func @sigmoid
// CHECK-DAG: name("body") {{.*}} range(<min = [0.000000e+00], max = [1.000000e+00], by_definition = true>)
// CHECK-DAG: name("ops") {{.*}} range(<min = [0.000000e+00], max = [1.000000e+00], by_definition = true>)
// CHECK-DAG: name("gated") {{.*}} range(<min = [-1.000000e+00], max = [1.000000e+00], by_definition = true>)
// CHECK-DAG: name("moved") {{.*}} range(<min = [0.000000e+00], max = [1.000000e+00], by_definition = true>)
func.func @sigmoid(%x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<32xf32>) attributes {ptq.entry} {
  %one = arith.constant 1.0 : f32
  %ones = arith.constant dense<1.0> : tensor<4x8xf32>
  %init = tensor.empty() : tensor<4x8xf32>
  %body = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4x8xf32>) outs(%init : tensor<4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %n = arith.negf %in : f32
    %e = math.exp %n : f32
    %d = arith.addf %e, %one : f32
    %q = arith.divf %one, %d : f32
    linalg.yield %q : f32
  } -> tensor<4x8xf32>
  %0 = ptq.observe %body name("body") encoding(<i8, asymmetric>) : tensor<4x8xf32>
  %n = arith.negf %x : tensor<4x8xf32>
  %e = math.exp %n : tensor<4x8xf32>
  %d = arith.addf %ones, %e : tensor<4x8xf32>
  %ops = arith.divf %ones, %d : tensor<4x8xf32>
  %1 = ptq.observe %ops name("ops") encoding(<i8, asymmetric>) : tensor<4x8xf32>
  %t = math.tanh %x : tensor<4x8xf32>
  %gated = arith.mulf %t, %1 : tensor<4x8xf32>
  %2 = ptq.observe %gated name("gated") encoding(<i8, symmetric>) : tensor<4x8xf32>
  %moved = tensor.collapse_shape %0 [[0, 1]] : tensor<4x8xf32> into tensor<32xf32>
  %3 = ptq.observe %moved name("moved") encoding(<i8, asymmetric>) : tensor<32xf32>
  return %0, %1, %2, %3 : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<32xf32>
}

// -----

// What is only bounded, or not bounded by 1, is measured; so is what a sum of
// other elements divides.

#map = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>

// CHECK-LABEL: func @measured
// CHECK-NOT: by_definition
func.func @measured(%x: tensor<4x8xf32>, %z: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) attributes {ptq.entry} {
  %zero = arith.constant dense<0.0> : tensor<4x8xf32>
  %six = arith.constant dense<6.0> : tensor<4x8xf32>
  %r = arith.maximumf %x, %zero : tensor<4x8xf32>
  %relu6 = arith.minimumf %r, %six : tensor<4x8xf32>
  %0 = ptq.observe %relu6 name("relu6") encoding(<i8, asymmetric>) : tensor<4x8xf32>
  %t = math.tanh %x : tensor<4x8xf32>
  %s = arith.addf %t, %t : tensor<4x8xf32>
  %1 = ptq.observe %s name("sum") encoding(<i8, asymmetric>) : tensor<4x8xf32>
  %f0 = arith.constant 0.0 : f32
  %init = tensor.empty() : tensor<4x8xf32>
  %rows = tensor.empty() : tensor<4xf32>
  %zeros = linalg.fill ins(%f0 : f32) outs(%rows : tensor<4xf32>) -> tensor<4xf32>
  %a = linalg.exp ins(%x : tensor<4x8xf32>) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>
  %b = linalg.exp ins(%z : tensor<4x8xf32>) outs(%init : tensor<4x8xf32>) -> tensor<4x8xf32>
  %sum = linalg.generic {indexing_maps = [#map, #row], iterator_types = ["parallel", "reduction"]}
      ins(%b : tensor<4x8xf32>) outs(%zeros : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %v = arith.addf %out, %in : f32
    linalg.yield %v : f32
  } -> tensor<4xf32>
  %y = linalg.generic {indexing_maps = [#map, #row, #map], iterator_types = ["parallel", "parallel"]}
      ins(%a, %sum : tensor<4x8xf32>, tensor<4xf32>) outs(%init : tensor<4x8xf32>) {
  ^bb0(%n: f32, %d: f32, %out: f32):
    %q = arith.divf %n, %d : f32
    linalg.yield %q : f32
  } -> tensor<4x8xf32>
  %2 = ptq.observe %y name("other") encoding(<i8, asymmetric>) : tensor<4x8xf32>
  return %0, %1, %2 : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// A pad of 5 lies beyond the range of what it is put around; one of 0 does not.
// CHECK-LABEL: func @padded
// CHECK: ptq.observe %{{.*}} name("beyond") {{.*}} max = [{{[5-9].*}}], samples = 2>)
// CHECK: ptq.observe %{{.*}} name("within") {{.*}} range(<min = [-1.000000e+00], max = [1.000000e+00], by_definition = true>)
func.func @padded(%x: tensor<4x8xf32>, %z: tensor<4x10xf32>) -> (tensor<4x10xf32>, tensor<4x10xf32>) attributes {ptq.entry} {
  %five = arith.constant 5.0 : f32
  %zero = arith.constant 0.0 : f32
  %t = math.tanh %x : tensor<4x8xf32>
  %p = tensor.pad %t low[0, 1] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %five : f32
  } : tensor<4x8xf32> to tensor<4x10xf32>
  %u = math.tanh %z : tensor<4x10xf32>
  %s = arith.addf %p, %u : tensor<4x10xf32>
  %0 = ptq.observe %s name("beyond") encoding(<i8, asymmetric>) : tensor<4x10xf32>
  %q = tensor.pad %t low[0, 1] high[0, 1] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<4x8xf32> to tensor<4x10xf32>
  %1 = ptq.observe %q name("within") encoding(<i8, asymmetric>) : tensor<4x10xf32>
  return %0, %1 : tensor<4x10xf32>, tensor<4x10xf32>
}
