// RUN: ptq-opt %s -split-input-file -ptq-vectorize-contractions=cpu=znver4 -canonicalize | FileCheck %s

// The range of what a convolution gives: each channel of each image row has
// partial extrema, which are in registers for the pixels of a tile. Pixels of a
// row come one after the other. A scale that is computed in between is no
// obstacle. Where an extremum is infinite all is measured again.

// CHECK-LABEL: func.func @measured(
// CHECK: %[[MIN:.*]] = memref.alloc() {{.*}} : memref<1x4x16xf32>
// CHECK: linalg.fill ins(%{{.*}} : f32) outs(%[[MIN]]
// CHECK: %[[MAX:.*]] = memref.alloc() {{.*}} : memref<1x4x16xf32>
// CHECK: linalg.fill ins(%{{.*}} : f32) outs(%[[MAX]]
// CHECK: scf.parallel (%[[ROW:.*]]) =
// CHECK: scf.for
// CHECK: ptq.dot
// CHECK: %[[FLOAT:.*]] = arith.mulf {{.*}} : vector<16xf32>
// CHECK: vector.store %[[FLOAT]]
// CHECK: %[[LEAST:.*]] = vector.load %[[MIN]][%{{.*}}, %[[ROW]], %{{.*}}]
// CHECK: %[[GREATEST:.*]] = vector.load %[[MAX]][%{{.*}}, %[[ROW]], %{{.*}}]
// CHECK-NOT: math.absf
// CHECK: arith.cmpf olt, %[[FLOAT]], %[[LEAST]] : vector<16xf32>
// CHECK: arith.cmpf ogt, %[[FLOAT]], %[[GREATEST]] : vector<16xf32>
// CHECK: vector.store %{{.*}}, %[[MIN]]
// CHECK: vector.store %{{.*}}, %[[MAX]]
// CHECK: linalg.generic {{.*}} ["parallel", "reduction", "reduction"]} ins(%[[MIN]] : {{.*}}) outs(%arg3
// CHECK: linalg.generic {{.*}} ["parallel", "reduction", "reduction"]} ins(%[[MAX]] : {{.*}}) outs(%arg4
// CHECK: %[[IS_INFINITE:.*]] = arith.ori
// CHECK: scf.if %[[IS_INFINITE]] {
// CHECK: linalg.fill {{.*}} outs(%arg3
// CHECK: linalg.fill {{.*}} outs(%arg4
// CHECK: linalg.generic {{.*}} ins(%arg2 {{.*}} outs(%arg3, %arg4
#pixels = affine_map<(n, h, w, c) -> (n, h, w, c)>
#sample = affine_map<(n, h, w, c) -> (n)>
#one = affine_map<(n) -> (n)>
memref.global "private" constant @w : memref<1x1x4x16xi8> = dense_resource<w>
func.func @measured(%x: memref<1x4x24x4xi8>, %given: memref<1xf32>, %y: memref<1x4x24x16xf32>,
                    %least: memref<1xf32>, %greatest: memref<1xf32>) {
  %w = memref.get_global @w : memref<1x1x4x16xi8>
  %none = arith.constant 0 : i32
  %zero = arith.constant 0.0 : f32
  %infinity = arith.constant 0x7F800000 : f32
  %sums = memref.alloc() : memref<1x4x24x16xi32>
  %scale = memref.alloc() : memref<1xf32>
  linalg.fill ins(%none : i32) outs(%sums : memref<1x4x24x16xi32>)
  linalg.conv_2d_nhwc_hwcf ins(%x, %w : memref<1x4x24x4xi8>, memref<1x1x4x16xi8>)
                           outs(%sums : memref<1x4x24x16xi32>)
  linalg.generic {indexing_maps = [#one, #one], iterator_types = ["parallel"]}
      ins(%given : memref<1xf32>) outs(%scale : memref<1xf32>) {
  ^bb0(%in: f32, %out: f32):
    %square = arith.mulf %in, %in : f32
    linalg.yield %square : f32
  }
  linalg.generic {indexing_maps = [#pixels, #sample, #pixels],
                  iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%sums, %scale : memref<1x4x24x16xi32>, memref<1xf32>)
      outs(%y : memref<1x4x24x16xf32>) {
  ^bb0(%sum: i32, %factor: f32, %out: f32):
    %number = arith.sitofp %sum : i32 to f32
    %product = arith.mulf %number, %factor : f32
    linalg.yield %product : f32
  }
  linalg.fill ins(%zero : f32) outs(%least : memref<1xf32>)
  linalg.fill ins(%zero : f32) outs(%greatest : memref<1xf32>)
  linalg.generic {indexing_maps = [#pixels, #sample, #sample],
                  iterator_types = ["parallel", "reduction", "reduction", "reduction"]}
      ins(%y : memref<1x4x24x16xf32>) outs(%least, %greatest : memref<1xf32>, memref<1xf32>) {
  ^bb0(%in: f32, %min: f32, %max: f32):
    %magnitude = math.absf %in : f32
    %is_finite = arith.cmpf olt, %magnitude, %infinity : f32
    %finite = arith.select %is_finite, %in, %zero : f32
    %is_less = arith.cmpf olt, %finite, %min : f32
    %new_min = arith.select %is_less, %finite, %min : f32
    %is_greater = arith.cmpf ogt, %finite, %max : f32
    %new_max = arith.select %is_greater, %finite, %max : f32
    linalg.yield %new_min, %new_max : f32, f32
  }
  return
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x01000000000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F"
    }
  }
#-}

// -----

// Any extremum is one, of each column here; the rows that share it come one
// after the other. Other elements than those of the results are computed first.

// CHECK-LABEL: func.func @columns(
// CHECK: %[[MAX:.*]] = memref.alloc() {{.*}} : memref<16xf32>
// CHECK: ptq.dot
// CHECK: %[[GREATEST:.*]] = vector.load %[[MAX]][%c0] : memref<16xf32>, vector<16xf32>
// CHECK: %[[MAGNITUDE:.*]] = math.absf %{{.*}} : vector<16xf32>
// CHECK: %[[FIRST:.*]] = arith.maximumf %[[GREATEST]], %[[MAGNITUDE]] : vector<16xf32>
// CHECK: arith.maximumf %[[FIRST]], %{{.*}} : vector<16xf32>
// CHECK: linalg.generic {{.*}} ["parallel"]} ins(%[[MAX]] : {{.*}}) outs(%arg2
// CHECK-NOT: scf.if

// A sum is not, nor is an extremum for each row of a tile, or of results that
// have been changed.

// CHECK-LABEL: func.func @summed(
// CHECK: ptq.dot
// CHECK: linalg.generic {{.*}} ["reduction", "parallel"]} ins(%arg1

// CHECK-LABEL: func.func @rows(
// CHECK: ptq.dot
// CHECK: linalg.generic {{.*}} ["parallel", "reduction"]} ins(%arg1

// CHECK-LABEL: func.func @changed(
// CHECK: ptq.dot
// CHECK: linalg.fill {{.*}} outs(%arg1
// CHECK: linalg.generic {{.*}} ["reduction", "parallel"]} ins(%arg1
#all = affine_map<(m, n) -> (m, n)>
#row = affine_map<(m, n) -> (m)>
#column = affine_map<(m, n) -> (n)>
memref.global "private" constant @w : memref<4x16xi8> = dense_resource<w>
func.func @columns(%x: memref<8x4xi8>, %y: memref<8x16xf32>, %greatest: memref<16xf32>) {
  %w = memref.get_global @w : memref<4x16xi8>
  %none = arith.constant 0 : i32
  %zero = arith.constant 0.0 : f32
  %sums = memref.alloc() : memref<8x16xi32>
  linalg.fill ins(%none : i32) outs(%sums : memref<8x16xi32>)
  linalg.matmul ins(%x, %w : memref<8x4xi8>, memref<4x16xi8>) outs(%sums : memref<8x16xi32>)
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<8x16xi32>) outs(%y : memref<8x16xf32>) {
  ^bb0(%sum: i32, %out: f32):
    %number = arith.sitofp %sum : i32 to f32
    linalg.yield %number : f32
  }
  linalg.fill ins(%zero : f32) outs(%greatest : memref<16xf32>)
  linalg.generic {indexing_maps = [#all, #column], iterator_types = ["reduction", "parallel"]}
      ins(%y : memref<8x16xf32>) outs(%greatest : memref<16xf32>) {
  ^bb0(%in: f32, %max: f32):
    %magnitude = math.absf %in : f32
    %new_max = arith.maximumf %max, %magnitude : f32
    linalg.yield %new_max : f32
  }
  return
}

func.func @summed(%x: memref<8x4xi8>, %y: memref<8x16xi32>, %total: memref<16xi32>) {
  %w = memref.get_global @w : memref<4x16xi8>
  %none = arith.constant 0 : i32
  %sums = memref.alloc() : memref<8x16xi32>
  linalg.fill ins(%none : i32) outs(%sums : memref<8x16xi32>)
  linalg.matmul ins(%x, %w : memref<8x4xi8>, memref<4x16xi8>) outs(%sums : memref<8x16xi32>)
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<8x16xi32>) outs(%y : memref<8x16xi32>) {
  ^bb0(%sum: i32, %out: i32):
    %square = arith.muli %sum, %sum : i32
    linalg.yield %square : i32
  }
  linalg.fill ins(%none : i32) outs(%total : memref<16xi32>)
  linalg.generic {indexing_maps = [#all, #column], iterator_types = ["reduction", "parallel"]}
      ins(%y : memref<8x16xi32>) outs(%total : memref<16xi32>) {
  ^bb0(%in: i32, %sum: i32):
    %new_sum = arith.addi %sum, %in : i32
    linalg.yield %new_sum : i32
  }
  return
}

func.func @rows(%x: memref<8x4xi8>, %y: memref<8x16xi32>, %greatest: memref<8xi32>) {
  %w = memref.get_global @w : memref<4x16xi8>
  %none = arith.constant 0 : i32
  %sums = memref.alloc() : memref<8x16xi32>
  linalg.fill ins(%none : i32) outs(%sums : memref<8x16xi32>)
  linalg.matmul ins(%x, %w : memref<8x4xi8>, memref<4x16xi8>) outs(%sums : memref<8x16xi32>)
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<8x16xi32>) outs(%y : memref<8x16xi32>) {
  ^bb0(%sum: i32, %out: i32):
    %square = arith.muli %sum, %sum : i32
    linalg.yield %square : i32
  }
  linalg.fill ins(%none : i32) outs(%greatest : memref<8xi32>)
  linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]}
      ins(%y : memref<8x16xi32>) outs(%greatest : memref<8xi32>) {
  ^bb0(%in: i32, %max: i32):
    %new_max = arith.maxsi %max, %in : i32
    linalg.yield %new_max : i32
  }
  return
}

func.func @changed(%x: memref<8x4xi8>, %y: memref<8x16xi32>, %greatest: memref<16xi32>) {
  %w = memref.get_global @w : memref<4x16xi8>
  %none = arith.constant 0 : i32
  %sums = memref.alloc() : memref<8x16xi32>
  linalg.fill ins(%none : i32) outs(%sums : memref<8x16xi32>)
  linalg.matmul ins(%x, %w : memref<8x4xi8>, memref<4x16xi8>) outs(%sums : memref<8x16xi32>)
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%sums : memref<8x16xi32>) outs(%y : memref<8x16xi32>) {
  ^bb0(%sum: i32, %out: i32):
    %square = arith.muli %sum, %sum : i32
    linalg.yield %square : i32
  }
  linalg.fill ins(%none : i32) outs(%y : memref<8x16xi32>)
  linalg.fill ins(%none : i32) outs(%greatest : memref<16xi32>)
  linalg.generic {indexing_maps = [#all, #column], iterator_types = ["reduction", "parallel"]}
      ins(%y : memref<8x16xi32>) outs(%greatest : memref<16xi32>) {
  ^bb0(%in: i32, %max: i32):
    %new_max = arith.maxsi %max, %in : i32
    linalg.yield %new_max : i32
  }
  return
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x01000000000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F"
    }
  }
#-}
