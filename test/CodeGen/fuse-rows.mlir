// RUN: ptq-opt %s -split-input-file -ptq-fuse-rows=cache-bytes=8000 | FileCheck %s

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
#one = affine_map<(i) -> (i)>

// Rows are computed, measured and quantized while they are in the cache: eight
// of them here, of 320 and 80 bytes. The values that nobody else reads have the
// memory of eight rows; the scales are read after the loop.

// CHECK-LABEL: func.func @measure(
// CHECK-SAME: %[[X:.*]]: memref<32x80xf32>, %[[M:.*]]: memref<32xf32>, %[[Q:.*]]: memref<32x80xi8>
// CHECK: scf.parallel (%[[I:.*]]) = ({{.*}}) to (%c32{{.*}}) step (%c8{{.*}})
// CHECK-DAG: %[[Y1:.*]] = memref.alloc() {{.*}} : memref<8x80xf32>
// CHECK-DAG: %[[X1:.*]] = memref.subview %[[X]][%[[I]], 0] [8, 80] [1, 1]
// CHECK: linalg.exp ins(%[[X1]] : {{.*}}) outs(%[[Y1]] : memref<8x80xf32>)
// CHECK: %[[M1:.*]] = memref.subview %[[M]][%[[I]]] [8] [1]
// CHECK: linalg.fill {{.*}} outs(%[[M1]]
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]} ins(%[[Y1]] : memref<8x80xf32>)
// CHECK: arith.maximumf
// CHECK: %[[Q1:.*]] = memref.subview %[[Q]][%[[I]], 0] [8, 80] [1, 1]
// CHECK: linalg.generic {{.*}} ins(%[[Y1]], %{{.*}} : {{.*}}) outs(%[[Q1]]
// CHECK: scf.reduce
// CHECK-NOT: memref<32x80xf32>
// CHECK: return
func.func @measure(%x: memref<32x80xf32>, %m: memref<32xf32>, %q: memref<32x80xi8>) {
  %zero = arith.constant 0.0 : f32
  %y = memref.alloc() : memref<32x80xf32>
  linalg.exp ins(%x : memref<32x80xf32>) outs(%y : memref<32x80xf32>)
  linalg.fill ins(%zero : f32) outs(%m : memref<32xf32>)
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%y : memref<32x80xf32>) outs(%m : memref<32xf32>) {
  ^bb0(%in: f32, %out: f32):
    %a = arith.maximumf %in, %out : f32
    linalg.yield %a : f32
  }
  linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%y, %m : memref<32x80xf32>, memref<32xf32>) outs(%q : memref<32x80xi8>) {
  ^bb0(%in: f32, %max: f32, %out: i8):
    %a = arith.divf %in, %max : f32
    %b = arith.fptosi %a : f32 to i8
    linalg.yield %b : i8
  }
  return
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#id3 = affine_map<(i, j, k) -> (i, j, k)>
#row = affine_map<(i, j) -> (i)>
#rows = affine_map<(i, j, k) -> (0, j, 0)>

// Reshapes that leave elements where they are do not matter; what others read
// keeps its buffer. 33 rows are four times eight and one.

// CHECK-LABEL: func.func @reshaped(
// CHECK: %[[Y:.*]] = memref.alloc() : memref<33x80xf32>
// CHECK: scf.parallel {{.*}} to (%c32{{.*}}) step (%c8{{.*}})
// CHECK: %[[M:.*]] = memref.alloc() {{.*}} : memref<8xf32>
// CHECK: memref.subview %[[Y]]
// CHECK: linalg.exp
// CHECK: linalg.generic
// CHECK: memref.expand_shape %[[M]] {{\[\[}}0, 1, 2]] output_shape [1, 8, 1]
// CHECK: linalg.generic
// CHECK: scf.reduce
// CHECK: memref.alloc() {{.*}} : memref<1xf32>
// CHECK: linalg.exp
// CHECK: linalg.generic
// CHECK: linalg.generic
// CHECK: memref.copy %[[Y]]
func.func @reshaped(%x: memref<33x80xf32>, %q: memref<1x33x80xf32>, %z: memref<33x80xf32>) {
  %zero = arith.constant 0.0 : f32
  %y = memref.alloc() : memref<33x80xf32>
  %m = memref.alloc() : memref<33xf32>
  linalg.fill ins(%zero : f32) outs(%m : memref<33xf32>)
  linalg.exp ins(%x : memref<33x80xf32>) outs(%y : memref<33x80xf32>)
  linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%y : memref<33x80xf32>) outs(%m : memref<33xf32>) {
  ^bb0(%in: f32, %out: f32):
    %a = arith.maximumf %in, %out : f32
    linalg.yield %a : f32
  }
  %y1 = memref.expand_shape %y [[0, 1], [2]] output_shape [1, 33, 80] : memref<33x80xf32> into memref<1x33x80xf32>
  %m1 = memref.expand_shape %m [[0, 1, 2]] output_shape [1, 33, 1] : memref<33xf32> into memref<1x33x1xf32>
  linalg.generic {indexing_maps = [#id3, #rows, #id3], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%y1, %m1 : memref<1x33x80xf32>, memref<1x33x1xf32>) outs(%q : memref<1x33x80xf32>) {
  ^bb0(%in: f32, %max: f32, %out: f32):
    %a = arith.divf %in, %max : f32
    linalg.yield %a : f32
  }
  memref.copy %y, %z : memref<33x80xf32> to memref<33x80xf32>
  return
}

// -----

// Where a row of a matrix is read in which another op writes a column, where
// sizes are not known, or where all is in the cache, ops stay as they are.

// CHECK-LABEL: func.func @transposed(
// CHECK-NOT: scf.parallel
func.func @transposed(%x: memref<80x80xf32>, %z: memref<80x80xf32>) {
  %y = memref.alloc() : memref<80x80xf32>
  linalg.exp ins(%x : memref<80x80xf32>) outs(%y : memref<80x80xf32>)
  linalg.transpose ins(%y : memref<80x80xf32>) outs(%z : memref<80x80xf32>) permutation = [1, 0]
  return
}

// CHECK-LABEL: func.func @unknown(
// CHECK-NOT: scf.parallel
func.func @unknown(%x: memref<?x80xf32>, %y: memref<?x80xf32>, %z: memref<?xf32>) {
  linalg.exp ins(%x : memref<?x80xf32>) outs(%y : memref<?x80xf32>)
  linalg.reduce {arith.addf} ins(%y : memref<?x80xf32>) outs(%z : memref<?xf32>) dimensions = [1]
  return
}

// CHECK-LABEL: func.func @small(
// CHECK-NOT: scf.parallel
func.func @small(%x: memref<4x80xf32>, %y: memref<4x80xf32>, %z: memref<4xf32>) {
  linalg.exp ins(%x : memref<4x80xf32>) outs(%y : memref<4x80xf32>)
  linalg.reduce {arith.addf} ins(%y : memref<4x80xf32>) outs(%z : memref<4xf32>) dimensions = [1]
  return
}

// What may overlap is left alone.

// CHECK-LABEL: func.func @overlapping(
// CHECK-NOT: scf.parallel
func.func @overlapping(%x: memref<64x80xf32>, %z: memref<64xf32>, %which: i1) {
  %a = memref.alloc() : memref<64x80xf32>
  %y = arith.select %which, %a, %x : memref<64x80xf32>
  linalg.exp ins(%x : memref<64x80xf32>) outs(%y : memref<64x80xf32>)
  linalg.reduce {arith.addf} ins(%y : memref<64x80xf32>) outs(%z : memref<64xf32>) dimensions = [1]
  return
}

// -----

// A product that is to become a kernel keeps the op that it computes on its
// registers. Sums of floats are vectors of 16 rows.

// CHECK-LABEL: func.func @product(
// CHECK: linalg.fill
// CHECK: linalg.matmul
// CHECK: linalg.tanh
// CHECK-NOT: linalg
// CHECK: scf.parallel {{.*}} to (%c64{{.*}}) step (%c16{{.*}})
// CHECK: linalg.exp
// CHECK: linalg.reduce
func.func @product(%x: memref<64x80xf32>, %w: memref<80x80xf32>, %y: memref<64x80xf32>, %e: memref<64x80xf32>, %z: memref<64xf32>) {
  %zero = arith.constant 0.0 : f32
  %a = memref.alloc() : memref<64x80xf32>
  linalg.fill ins(%zero : f32) outs(%a : memref<64x80xf32>)
  linalg.matmul ins(%x, %w : memref<64x80xf32>, memref<80x80xf32>) outs(%a : memref<64x80xf32>)
  linalg.tanh ins(%a : memref<64x80xf32>) outs(%y : memref<64x80xf32>)
  linalg.exp ins(%y : memref<64x80xf32>) outs(%e : memref<64x80xf32>)
  linalg.reduce {arith.addf} ins(%e : memref<64x80xf32>) outs(%z : memref<64xf32>) dimensions = [1]
  return
}

// -----

// Heads of 32 rows, in each of which rows are cut; one head does not fit.

// CHECK-LABEL: func.func @heads(
// CHECK: scf.parallel (%[[H:.*]]) = ({{.*}}) to (%c4{{.*}}) step (%c1{{.*}})
// CHECK: scf.parallel (%[[I:.*]]) = ({{.*}}) to (%c32{{.*}}) step (%c8{{.*}})
// CHECK: memref.alloc() {{.*}} : memref<1x8x80xf32>
// CHECK: memref.subview %{{.*}}[%[[H]], %[[I]], 0] [1, 8, 80] [1, 1, 1]
func.func @heads(%x: memref<4x32x80xf32>, %q: memref<4x32x80xf32>) {
  %zero = arith.constant 0.0 : f32
  %y = memref.alloc() : memref<4x32x80xf32>
  %m = memref.alloc() : memref<4x32xf32>
  linalg.fill ins(%zero : f32) outs(%m : memref<4x32xf32>)
  linalg.exp ins(%x : memref<4x32x80xf32>) outs(%y : memref<4x32x80xf32>)
  linalg.reduce {arith.maximumf} ins(%y : memref<4x32x80xf32>) outs(%m : memref<4x32xf32>) dimensions = [2]
  linalg.generic {indexing_maps = [affine_map<(h, i, j) -> (h, i, j)>, affine_map<(h, i, j) -> (h, i)>, affine_map<(h, i, j) -> (h, i, j)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%y, %m : memref<4x32x80xf32>, memref<4x32xf32>) outs(%q : memref<4x32x80xf32>) {
  ^bb0(%in: f32, %max: f32, %out: f32):
    %a = arith.divf %in, %max : f32
    linalg.yield %a : f32
  }
  return
}

// -----

// What a loop around leaves in a buffer is there in the next iteration.

// CHECK-LABEL: func.func @carried(
// CHECK: %[[Y:.*]] = memref.alloc() : memref<32x80xf32>
// CHECK: scf.for
// CHECK: scf.parallel
// CHECK-NOT: memref.alloc
// CHECK: memref.subview %[[Y]]
func.func @carried(%x: memref<32x80xf32>, %q: memref<32x80xf32>, %m: memref<32xf32>, %low: index, %high: index, %step: index) {
  %y = memref.alloc() : memref<32x80xf32>
  scf.for %i = %low to %high step %step {
    linalg.add ins(%x, %y : memref<32x80xf32>, memref<32x80xf32>) outs(%q : memref<32x80xf32>)
    linalg.reduce {arith.maximumf} ins(%q : memref<32x80xf32>) outs(%m : memref<32xf32>) dimensions = [1]
    linalg.broadcast ins(%m : memref<32xf32>) outs(%y : memref<32x80xf32>) dimensions = [1]
  }
  return
}
