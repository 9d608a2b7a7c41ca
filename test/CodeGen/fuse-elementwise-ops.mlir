// RUN: ptq-opt %s -ptq-fuse-elementwise-ops | FileCheck %s

#id = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d1)>
#row = affine_map<(d0, d1) -> (d0)>
#image = affine_map<(d0, d1, d2) -> (d0, d1, d2)>

// What follows an accumulator is one loop.

// CHECK-LABEL: func.func @chain(
// CHECK: linalg.generic
// CHECK: arith.sitofp
// CHECK-NEXT: arith.mulf
// CHECK-NEXT: arith.addf
// CHECK-NEXT: arith.maximumf
// CHECK-NEXT: linalg.yield
// CHECK-NOT: linalg.generic
func.func @chain(%acc: tensor<4x8xi32>, %s: tensor<8xf32>, %b: tensor<8xf32>) -> tensor<4x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%acc, %s : tensor<4x8xi32>, tensor<8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%in: i32, %scale: f32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    %v = arith.mulf %f, %scale : f32
    linalg.yield %v : f32
  } -> tensor<4x8xf32>
  %1 = linalg.generic {indexing_maps = [#id, #column, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0, %b : tensor<4x8xf32>, tensor<8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%in: f32, %bias: f32, %out: f32):
    %v = arith.addf %in, %bias : f32
    linalg.yield %v : f32
  } -> tensor<4x8xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%1 : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %v = arith.maximumf %in, %zero : f32
    linalg.yield %v : f32
  } -> tensor<4x8xf32>
  return %2 : tensor<4x8xf32>
}

// Nothing is computed twice: not for each element of a row, and not for each
// user. A reduction keeps its form.

// CHECK-LABEL: func.func @apart(
// CHECK: math.exp
// CHECK: linalg.yield
// CHECK: arith.mulf
// CHECK: linalg.yield
// CHECK: math.absf
// CHECK: linalg.yield
// CHECK: arith.addf
// CHECK: linalg.yield
func.func @apart(%x: tensor<4x8xf32>, %s: tensor<4xf32>) -> (tensor<4x8xf32>, tensor<4xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x8xf32>
  %v = tensor.empty() : tensor<4xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%s : tensor<4xf32>) outs(%v : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %a = math.exp %in : f32
    linalg.yield %a : f32
  } -> tensor<4xf32>
  %1 = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x, %0 : tensor<4x8xf32>, tensor<4xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%in: f32, %scale: f32, %out: f32):
    %a = arith.mulf %in, %scale : f32
    linalg.yield %a : f32
  } -> tensor<4x8xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%1 : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %a = math.absf %in : f32
    linalg.yield %a : f32
  } -> tensor<4x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%v : tensor<4xf32>) -> tensor<4xf32>
  %3 = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%1 : tensor<4x8xf32>) outs(%f : tensor<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %a = arith.addf %in, %out : f32
    linalg.yield %a : f32
  } -> tensor<4xf32>
  return %2, %3 : tensor<4x8xf32>, tensor<4xf32>
}

// Other dimensions in between are no obstacle, also to an op of two inputs.

// CHECK-LABEL: func.func @expanded(
// CHECK-SAME: %[[ACC:.*]]: tensor<?x8xi32>, %[[B:.*]]: tensor<1x?x8xf32>)
// CHECK: %[[B2:.*]] = tensor.collapse_shape %[[B]] {{.*}} : tensor<1x?x8xf32> into tensor<?x8xf32>
// CHECK: %[[R:.*]] = linalg.generic {{.*}} ins(%[[ACC]], %[[B2]] :
// CHECK: arith.sitofp
// CHECK-NEXT: arith.addf
// CHECK: tensor.expand_shape %[[R]]
// CHECK-NOT: linalg.generic
func.func @expanded(%acc: tensor<?x8xi32>, %b: tensor<1x?x8xf32>) -> tensor<1x?x8xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %acc, %c0 : tensor<?x8xi32>
  %e = tensor.empty(%n) : tensor<?x8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%acc : tensor<?x8xi32>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<?x8xf32>
  %1 = tensor.expand_shape %0 [[0, 1], [2]] output_shape [1, %n, 8] : tensor<?x8xf32> into tensor<1x?x8xf32>
  %f = tensor.empty(%n) : tensor<1x?x8xf32>
  %2 = linalg.generic {indexing_maps = [#image, #image, #image], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%1, %b : tensor<1x?x8xf32>, tensor<1x?x8xf32>) outs(%f : tensor<1x?x8xf32>) {
  ^bb0(%in: f32, %bias: f32, %out: f32):
    %v = arith.addf %in, %bias : f32
    linalg.yield %v : f32
  } -> tensor<1x?x8xf32>
  return %2 : tensor<1x?x8xf32>
}

// Where somebody else needs the elements, they are in memory anyway.

// CHECK-LABEL: func.func @expanded_twice(
// CHECK: linalg.generic
// CHECK: tensor.expand_shape
// CHECK: linalg.generic
func.func @expanded_twice(%acc: tensor<4x8xi32>) -> (tensor<4x8xf32>, tensor<1x4x8xf32>) {
  %e = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%acc : tensor<4x8xi32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<4x8xf32>
  %1 = tensor.expand_shape %0 [[0, 1], [2]] output_shape [1, 4, 8] : tensor<4x8xf32> into tensor<1x4x8xf32>
  %f = tensor.empty() : tensor<1x4x8xf32>
  %2 = linalg.generic {indexing_maps = [#image, #image], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%1 : tensor<1x4x8xf32>) outs(%f : tensor<1x4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %v = math.absf %in : f32
    linalg.yield %v : f32
  } -> tensor<1x4x8xf32>
  return %0, %2 : tensor<4x8xf32>, tensor<1x4x8xf32>
}

// An elementary function is faster in a loop of its own than beside accumulators.

// CHECK-LABEL: func.func @elementary(
// CHECK: arith.sitofp
// CHECK: linalg.yield
// CHECK: tensor.expand_shape
// CHECK: math.erf
func.func @elementary(%acc: tensor<4x8xi32>) -> tensor<1x4x8xf32> {
  %e = tensor.empty() : tensor<4x8xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%acc : tensor<4x8xi32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<4x8xf32>
  %1 = tensor.expand_shape %0 [[0, 1], [2]] output_shape [1, 4, 8] : tensor<4x8xf32> into tensor<1x4x8xf32>
  %o = tensor.empty() : tensor<1x4x8xf32>
  %2 = linalg.generic {indexing_maps = [#image, #image], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%1 : tensor<1x4x8xf32>) outs(%o : tensor<1x4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %v = math.erf %in : f32
    linalg.yield %v : f32
  } -> tensor<1x4x8xf32>
  return %2 : tensor<1x4x8xf32>
}

// Behind a sum of products, merged dimensions are split again: what follows is
// computed on its accumulators.

// CHECK-LABEL: func.func @split(
// CHECK: %[[SUMS:.*]] = linalg.batch_matmul
// CHECK: %[[CODES:.*]] = linalg.generic
// CHECK-SAME: ins(%[[SUMS]] : tensor<2x4x8xi32>)
// CHECK: tensor.collapse_shape %[[CODES]] {{\[\[}}0, 1], [2]] : tensor<2x4x8xf32> into tensor<8x8xf32>
func.func @split(%a: tensor<2x4x3xi8>, %b: tensor<2x3x8xi8>, %acc: tensor<2x4x8xi32>) -> tensor<8x8xf32> {
  %0 = linalg.batch_matmul ins(%a, %b : tensor<2x4x3xi8>, tensor<2x3x8xi8>) outs(%acc : tensor<2x4x8xi32>) -> tensor<2x4x8xi32>
  %1 = tensor.collapse_shape %0 [[0, 1], [2]] : tensor<2x4x8xi32> into tensor<8x8xi32>
  %e = tensor.empty() : tensor<8x8xf32>
  %2 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%1 : tensor<8x8xi32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%in: i32, %out: f32):
    %f = arith.sitofp %in : i32 to f32
    linalg.yield %f : f32
  } -> tensor<8x8xf32>
  return %2 : tensor<8x8xf32>
}

// Planes that are computed become pixels where they are, but not many of them.

// CHECK-LABEL: func.func @planes(
// CHECK-NOT: linalg.transpose
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<1x3x4x5xf32>) outs(%{{.*}} : tensor<1x4x5x3xf32>)
// CHECK-NOT: linalg.transpose
// CHECK: linalg.transpose ins(%{{.*}} : tensor<1x9x4x5xf32>)
#planes = affine_map<(n, c, h, w) -> (n, c, h, w)>
func.func @planes(%x: tensor<1x3x4x5xf32>, %y: tensor<1x9x4x5xf32>) -> (tensor<1x4x5x3xf32>, tensor<1x4x5x9xf32>) {
  %e = tensor.empty() : tensor<1x3x4x5xf32>
  %0 = linalg.generic {indexing_maps = [#planes, #planes], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x3x4x5xf32>) outs(%e : tensor<1x3x4x5xf32>) {
  ^bb0(%in: f32, %out: f32):
    %v = math.absf %in : f32
    linalg.yield %v : f32
  } -> tensor<1x3x4x5xf32>
  %f = tensor.empty() : tensor<1x4x5x3xf32>
  %1 = linalg.transpose ins(%0 : tensor<1x3x4x5xf32>) outs(%f : tensor<1x4x5x3xf32>) permutation = [0, 2, 3, 1]
  %g = tensor.empty() : tensor<1x9x4x5xf32>
  %2 = linalg.generic {indexing_maps = [#planes, #planes], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%y : tensor<1x9x4x5xf32>) outs(%g : tensor<1x9x4x5xf32>) {
  ^bb0(%in: f32, %out: f32):
    %v = math.absf %in : f32
    linalg.yield %v : f32
  } -> tensor<1x9x4x5xf32>
  %h = tensor.empty() : tensor<1x4x5x9xf32>
  %3 = linalg.transpose ins(%2 : tensor<1x9x4x5xf32>) outs(%h : tensor<1x4x5x9xf32>) permutation = [0, 2, 3, 1]
  return %1, %3 : tensor<1x4x5x3xf32>, tensor<1x4x5x9xf32>
}
