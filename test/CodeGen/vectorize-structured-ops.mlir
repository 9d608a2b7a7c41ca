// RUN: ptq-opt %s -split-input-file -ptq-vectorize-structured-ops=cpu=znver4 -canonicalize | FileCheck %s
// RUN: ptq-opt %s -split-input-file -ptq-vectorize-structured-ops=cpu=x86-64 -canonicalize | FileCheck %s --check-prefix=SSE

// A static remainder is one narrower vector.

// CHECK-LABEL: func.func @f(
// CHECK: vector.load {{.*}} vector<16xf32>
// CHECK: math.exp {{.*}} : vector<16xf32>
// CHECK: vector.store {{.*}} vector<16xf32>
// CHECK: vector.load {{.*}} vector<4xf32>
// CHECK: math.exp {{.*}} : vector<4xf32>
// CHECK: vector.store {{.*}} vector<4xf32>
// SSE-LABEL: func.func @f(
// SSE: scf.for
// SSE: math.exp {{.*}} : vector<4xf32>
// SSE-NOT: math.exp
func.func @f(%x: memref<20xf32>, %y: memref<20xf32>) {
  linalg.exp ins(%x : memref<20xf32>) outs(%y : memref<20xf32>)
  return
}

// -----

// Short inner dimensions are merged; the dynamic one stays a loop.

// CHECK-LABEL: func.func @merge(
// CHECK: scf.for
// CHECK: vector.load {{.*}} vector<64xi8>
// CHECK: vector.load {{.*}} vector<6xi8>
func.func @merge(%x: memref<?x7x10xi8>, %y: memref<?x7x10xi8>) {
  linalg.copy ins(%x : memref<?x7x10xi8>) outs(%y : memref<?x7x10xi8>)
  return
}

// -----

// A copy is elementwise as well.

// CHECK-LABEL: func.func @copy(
// CHECK-NOT: memref.copy
// CHECK: vector.load {{.*}} vector<8xf32>
func.func @copy(%x: memref<8xf32>, %y: memref<8xf32>) {
  memref.copy %x, %y : memref<8xf32> to memref<8xf32>
  return
}

// -----

// A dynamic length ends in single elements.

// CHECK-LABEL: func.func @dynamic(
// CHECK: scf.for
// CHECK: arith.addf {{.*}} : vector<16xf32>
// CHECK: scf.for
// CHECK: arith.addf {{.*}} : vector<1xf32>
func.func @dynamic(%x: memref<?xf32>, %y: memref<?xf32>) {
  linalg.add ins(%x, %x : memref<?xf32>, memref<?xf32>) outs(%y : memref<?xf32>)
  return
}

// -----

// The rows of a matrix product share a vector of the right-hand side: there is
// one load of it for all rows of the tile.

// CHECK-LABEL: func.func @matmul(
// CHECK: scf.for {{.*}} iter_args
// CHECK-COUNT-1: vector.load {{.*}} vector<16xf32>
// CHECK-NOT: vector.load
// CHECK-COUNT-5: arith.addf {{.*}} : vector<16xf32>
// CHECK: scf.yield
func.func @matmul(%a: memref<5x7xf32>, %b: memref<7x16xf32>, %c: memref<5x16xf32>) {
  linalg.matmul ins(%a, %b : memref<5x7xf32>, memref<7x16xf32>) outs(%c : memref<5x16xf32>)
  return
}

// -----

// Channels are the vectors of a depthwise convolution; pixels of a row share the
// filter.

// CHECK-LABEL: func.func @depthwise(
// CHECK: arith.extsi {{.*}} : vector<16xi8> to vector<16xi32>
// CHECK: arith.muli {{.*}} : vector<16xi32>
func.func @depthwise(%x: memref<?x6x6x16xi8>, %w: memref<3x3x16xi8>, %y: memref<?x4x4x16xi32>) {
  linalg.depthwise_conv_2d_nhwc_hwc
    ins(%x, %w : memref<?x6x6x16xi8>, memref<3x3x16xi8>) outs(%y : memref<?x4x4x16xi32>)
  return
}

// -----

// Elements that lie apart are gathered.

// CHECK-LABEL: func.func @transpose(
// CHECK-COUNT-3: memref.load
// CHECK: vector.from_elements {{.*}} : vector<3xf32>
// CHECK: vector.store {{.*}} vector<3xf32>
func.func @transpose(%x: memref<3x5xf32>, %y: memref<5x3xf32>) {
  linalg.transpose ins(%x : memref<3x5xf32>) outs(%y : memref<5x3xf32>) permutation = [1, 0]
  return
}

// -----

// Booleans lie in buffers one to a byte but in vectors one to a bit: such an op
// is left for scalar loops.

// CHECK-LABEL: func.func @booleans(
// CHECK: linalg.generic
#id = affine_map<(d0) -> (d0)>
func.func @booleans(%x: memref<8xf32>, %y: memref<8xi1>) {
  %zero = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : memref<8xf32>) outs(%y : memref<8xi1>) {
  ^bb0(%in: f32, %out: i1):
    %p = arith.cmpf ogt, %in, %zero : f32
    linalg.yield %p : i1
  }
  return
}

// -----

// So is a payload that reads memory.

// CHECK-LABEL: func.func @table(
// CHECK: linalg.generic
#id = affine_map<(d0) -> (d0)>
func.func @table(%x: memref<8xindex>, %t: memref<256xi8>, %y: memref<8xi8>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : memref<8xindex>) outs(%y : memref<8xi8>) {
  ^bb0(%in: index, %out: i8):
    %v = memref.load %t[%in] : memref<256xi8>
    linalg.yield %v : i8
  }
  return
}
