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

// A code that is not stored stays as wide as it was, and its zero point moves the
// bounds. One that is stored in between, or has other bounds, does not.

// CHECK-LABEL: func.func @unnarrowed(
// CHECK-DAG: %[[LOW:.*]] = arith.constant -133 : i32
// CHECK-DAG: %[[HIGH:.*]] = arith.constant 122 : i32
// CHECK: linalg.generic
// CHECK: %[[ROUNDED:.*]] = arith.fptosi
// CHECK-NEXT: %[[MAX:.*]] = arith.maxsi %[[ROUNDED]], %[[LOW]]
// CHECK-NEXT: %[[MIN:.*]] = arith.minsi %[[MAX]], %[[HIGH]]
// CHECK-NEXT: arith.sitofp %[[MIN]]
// CHECK: linalg.yield
// CHECK-NOT: linalg.generic
func.func @unnarrowed(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %low = arith.constant -128 : i32
  %high = arith.constant 127 : i32
  %zero_point = arith.constant 5 : i32
  %e = tensor.empty() : tensor<4x8xi8>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xi8>) {
  ^bb0(%in: f32, %out: i8):
    %a = arith.fptosi %in : f32 to i32
    %b = arith.addi %a, %zero_point overflow<nsw> : i32
    %c = arith.maxsi %b, %low : i32
    %d = arith.minsi %c, %high : i32
    %code = arith.trunci %d : i32 to i8
    linalg.yield %code : i8
  } -> tensor<4x8xi8>
  %f = tensor.empty() : tensor<4x8xf32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x8xi8>) outs(%f : tensor<4x8xf32>) {
  ^bb0(%in: i8, %out: f32):
    %a = arith.extsi %in : i8 to i32
    %b = arith.subi %a, %zero_point : i32
    %c = arith.sitofp %b : i32 to f32
    linalg.yield %c : f32
  } -> tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// CHECK-LABEL: func.func @narrowed(
// CHECK: arith.trunci
// CHECK: arith.extsi
// CHECK: arith.maxsi
// CHECK: arith.minsi
// CHECK: arith.subi
func.func @narrowed(%x: i32) -> (i32, i32) {
  %low = arith.constant -128 : i32
  %high = arith.constant 128 : i32
  %five = arith.constant 5 : i32
  %six = arith.constant 6 : i32
  %b = arith.maxsi %x, %low : i32
  %c = arith.minsi %b, %high : i32
  %d = arith.trunci %c : i32 to i8
  %e = arith.extsi %d : i8 to i32
  %f = arith.addi %x, %five overflow<nsw> : i32
  %g = arith.maxsi %f, %low : i32
  %h = arith.minsi %g, %high : i32
  %i = arith.subi %h, %six : i32
  return %e, %i : i32, i32
}

// A sum of two products, both in codes: one of these is computed on accumulators
// with the sum, the other is stored as codes.

// CHECK-LABEL: func.func @two_products(
// CHECK: %[[A:.*]] = linalg.matmul
// CHECK: %[[B:.*]] = linalg.matmul
// CHECK: %[[CODES:.*]] = linalg.generic {{.*}} ins(%[[STORED:.*]] : tensor<4x8xi32>) outs(%{{.*}} : tensor<4x8xi8>)
// CHECK: linalg.generic {{.*}} : tensor<4x8xi{{8|32}}>, tensor<4x8xi{{8|32}}>) outs(%{{.*}} : tensor<4x8xi8>)
// CHECK-NOT: linalg.generic
func.func @two_products(%a: tensor<4x3xi8>, %b: tensor<3x8xi8>, %c: tensor<4x3xi8>, %d: tensor<3x8xi8>, %acc: tensor<4x8xi32>) -> tensor<4x8xi8> {
  %e = tensor.empty() : tensor<4x8xi8>
  %0 = linalg.matmul ins(%a, %b : tensor<4x3xi8>, tensor<3x8xi8>) outs(%acc : tensor<4x8xi32>) -> tensor<4x8xi32>
  %1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<4x8xi32>) outs(%e : tensor<4x8xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in : i32 to i8
    linalg.yield %t : i8
  } -> tensor<4x8xi8>
  %2 = linalg.matmul ins(%c, %d : tensor<4x3xi8>, tensor<3x8xi8>) outs(%acc : tensor<4x8xi32>) -> tensor<4x8xi32>
  %3 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%2 : tensor<4x8xi32>) outs(%e : tensor<4x8xi8>) {
  ^bb0(%in: i32, %out: i8):
    %t = arith.trunci %in : i32 to i8
    linalg.yield %t : i8
  } -> tensor<4x8xi8>
  %4 = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%1, %3 : tensor<4x8xi8>, tensor<4x8xi8>) outs(%e : tensor<4x8xi8>) {
  ^bb0(%x: i8, %y: i8, %out: i8):
    %s = arith.addi %x, %y : i8
    linalg.yield %s : i8
  } -> tensor<4x8xi8>
  return %4 : tensor<4x8xi8>
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
