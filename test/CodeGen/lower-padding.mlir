// RUN: ptq-opt %s -split-input-file -ptq-lower-padding | FileCheck %s
// RUN: ptq-opt %s -split-input-file -ptq-lower-padding -ptq-bufferize -canonicalize -remarks-filter='ptq.*' -verify-diagnostics | FileCheck %s --check-prefix=BUFFERS

// The border is filled before the sums are initialized: what computes the tensor
// becomes one kernel. Nothing is copied.

// CHECK-LABEL: func.func @between_layers(
// CHECK-SAME: %[[X:.*]]: tensor<?x4x16xi8>
// CHECK: %[[SAMPLES:.*]] = tensor.dim %{{.*}} : tensor<?x4x16xi32>
// CHECK: %[[ALL:.*]] = tensor.empty(%[[SAMPLES]]) : tensor<?x7x16xi8>
// CHECK: %[[LOW:.*]] = tensor.extract_slice %[[ALL]][0, 0, 0] [%[[SAMPLES]], 1, 16] [1, 1, 1]
// CHECK: %[[LOW_FILLED:.*]] = linalg.fill ins(%{{.*}} : i8) outs(%[[LOW]] : tensor<?x1x16xi8>)
// CHECK: %[[WITH_LOW:.*]] = tensor.insert_slice %[[LOW_FILLED]] into %[[ALL]][0, 0, 0]
// CHECK: %[[HIGH:.*]] = tensor.extract_slice %[[WITH_LOW]][0, 5, 0] [%[[SAMPLES]], 2, 16] [1, 1, 1]
// CHECK: %[[HIGH_FILLED:.*]] = linalg.fill
// CHECK: %[[BORDER:.*]] = tensor.insert_slice %[[HIGH_FILLED]] into %[[WITH_LOW]][0, 5, 0]
// CHECK: linalg.broadcast
// CHECK: linalg.generic
// CHECK: %[[CODES:.*]] = linalg.generic
// CHECK: tensor.insert_slice %[[CODES]] into %[[BORDER]][0, 1, 0] [%[[SAMPLES]], 4, 16] [1, 1, 1]

// BUFFERS-LABEL: func.func @between_layers(
// BUFFERS: %[[ALL:.*]] = memref.alloc({{.*}}) {{.*}} : memref<?x7x16xi8>
// BUFFERS: linalg.fill {{.*}} strided
// BUFFERS: linalg.fill {{.*}} strided
// BUFFERS: %[[INSIDE:.*]] = memref.subview %[[ALL]][0, 1, 0]
// BUFFERS: linalg.generic {{.*}} outs(%[[INSIDE]] :
// BUFFERS-NOT: linalg.copy
// BUFFERS: return
#identity = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
func.func @between_layers(%x: tensor<?x4x16xi8>, %bias: tensor<16xi32>) -> tensor<?x7x16xi8> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant -7 : i8
  %samples = tensor.dim %x, %c0 : tensor<?x4x16xi8>
  %sums = tensor.empty(%samples) : tensor<?x4x16xi32>
  %codes = tensor.empty(%samples) : tensor<?x4x16xi8>
  %init = linalg.broadcast ins(%bias : tensor<16xi32>) outs(%sums : tensor<?x4x16xi32>) dimensions = [0, 1]
  %wide = linalg.generic {indexing_maps = [#identity, #identity], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<?x4x16xi8>) outs(%init : tensor<?x4x16xi32>) {
  ^bb0(%a: i8, %b: i32):
    %0 = arith.extsi %a : i8 to i32
    %1 = arith.addi %0, %b : i32
    linalg.yield %1 : i32
  } -> tensor<?x4x16xi32>
  %narrow = linalg.generic {indexing_maps = [#identity, #identity], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%wide : tensor<?x4x16xi32>) outs(%codes : tensor<?x4x16xi8>) {
  ^bb0(%a: i32, %b: i8):
    %0 = arith.trunci %a : i32 to i8
    linalg.yield %0 : i8
  } -> tensor<?x4x16xi8>
  %padded = tensor.pad %narrow low[0, 1, 0] high[0, 2, 0] {
  ^bb0(%i: index, %j: index, %k: index):
    tensor.yield %zero : i8
  } : tensor<?x4x16xi8> to tensor<?x7x16xi8>
  return %padded : tensor<?x7x16xi8>
}

// -----

// An input must be copied. A border of single bytes is filled with the inside.

// CHECK-LABEL: func.func @input(
// CHECK: %[[ALL:.*]] = tensor.empty() : tensor<1x6x12x1xi8>
// CHECK: %[[FILLED:.*]] = linalg.fill ins(%{{.*}} : i8) outs(%[[ALL]] : tensor<1x6x12x1xi8>)
// CHECK: tensor.insert_slice %arg0 into %[[FILLED]][0, 1, 1, 0] [1, 4, 10, 1] [1, 1, 1, 1]
func.func @input(%x: tensor<1x4x10x1xi8>) -> tensor<1x6x12x1xi8> {
  %zero = arith.constant -128 : i8
  // expected-remark @below {{is copied}}
  %padded = tensor.pad %x low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%n: index, %h: index, %w: index, %c: index):
    tensor.yield %zero : i8
  } : tensor<1x4x10x1xi8> to tensor<1x6x12x1xi8>
  return %padded : tensor<1x6x12x1xi8>
}

// -----

// What is not known beforehand is left to bufferization.

// CHECK-LABEL: func.func @unknown(
// CHECK-COUNT-2: tensor.pad
func.func @unknown(%x: tensor<4x16xf32>, %value: f32, %width: index) -> (tensor<5x16xf32>, tensor<?x16xf32>) {
  %zero = arith.constant 0.0 : f32
  // expected-remark @below {{is copied}}
  %0 = tensor.pad %x low[1, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %value : f32
  } : tensor<4x16xf32> to tensor<5x16xf32>
  // expected-remark @below {{is copied}}
  %1 = tensor.pad %x low[%width, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %zero : f32
  } : tensor<4x16xf32> to tensor<?x16xf32>
  return %0, %1 : tensor<5x16xf32>, tensor<?x16xf32>
}

// -----

// What pads each sample with a value of its own has been inserted into a
// broadcast of these. Only the border of it is needed.

// CHECK-LABEL: func.func @of_samples(
// CHECK: %[[ALL:.*]] = tensor.empty(%[[SAMPLES:.*]]) : tensor<?x7x16xf32>
// CHECK: %[[LOW:.*]] = tensor.extract_slice %[[ALL]][0, 0, 0] [%[[SAMPLES]], 1, 16] [1, 1, 1]
// CHECK: %[[LOW_FILLED:.*]] = linalg.broadcast ins(%arg1 : tensor<?xf32>) outs(%[[LOW]] : tensor<?x1x16xf32>) dimensions = [1, 2]
// CHECK: %[[WITH_LOW:.*]] = tensor.insert_slice %[[LOW_FILLED]] into %[[ALL]][0, 0, 0]
// CHECK: %[[HIGH:.*]] = tensor.extract_slice %[[WITH_LOW]][0, 5, 0] [%[[SAMPLES]], 2, 16] [1, 1, 1]
// CHECK: %[[HIGH_FILLED:.*]] = linalg.broadcast ins(%arg1 : tensor<?xf32>) outs(%[[HIGH]] : tensor<?x2x16xf32>) dimensions = [1, 2]
// CHECK: %[[BORDER:.*]] = tensor.insert_slice %[[HIGH_FILLED]] into %[[WITH_LOW]][0, 5, 0]
// CHECK: linalg.exp
// CHECK: tensor.insert_slice %{{.*}} into %[[BORDER]][0, 1, 0] [%[[SAMPLES]], 4, 16] [1, 1, 1]

// BUFFERS-LABEL: func.func @of_samples(
// BUFFERS-COUNT-2: linalg.broadcast {{.*}} strided
// BUFFERS: linalg.exp {{.*}} strided
// BUFFERS-NOT: linalg.copy
// BUFFERS: return

// Not if it is short, if the values differ in it, or if it has no known width.

// CHECK-LABEL: func.func @short_runs(
// CHECK: linalg.broadcast {{.*}} outs(%{{.*}} : tensor<?x4x7xi8>)
// CHECK-LABEL: func.func @of_columns(
// CHECK: linalg.broadcast {{.*}} outs(%{{.*}} : tensor<?x7x16xi8>)
// CHECK-LABEL: func.func @elsewhere(
// CHECK: linalg.broadcast {{.*}} outs(%{{.*}} : tensor<?x7x16xi8>)
func.func @of_samples(%x: tensor<?x4x16xf32>, %values: tensor<?xf32>, %samples: index) -> tensor<?x7x16xf32> {
  %empty = tensor.empty(%samples) : tensor<?x7x16xf32>
  %all = linalg.broadcast ins(%values : tensor<?xf32>) outs(%empty : tensor<?x7x16xf32>) dimensions = [1, 2]
  %inside = tensor.empty(%samples) : tensor<?x4x16xf32>
  %y = linalg.exp ins(%x : tensor<?x4x16xf32>) outs(%inside : tensor<?x4x16xf32>) -> tensor<?x4x16xf32>
  %padded = tensor.insert_slice %y into %all[0, 1, 0] [%samples, 4, 16] [1, 1, 1] : tensor<?x4x16xf32> into tensor<?x7x16xf32>
  return %padded : tensor<?x7x16xf32>
}

func.func @short_runs(%x: tensor<?x4x4xi8>, %values: tensor<?xi8>, %samples: index) -> tensor<?x4x7xi8> {
  %empty = tensor.empty(%samples) : tensor<?x4x7xi8>
  %all = linalg.broadcast ins(%values : tensor<?xi8>) outs(%empty : tensor<?x4x7xi8>) dimensions = [1, 2]
  // expected-remark @below {{is copied}}
  %padded = tensor.insert_slice %x into %all[0, 0, 1] [%samples, 4, 4] [1, 1, 1] : tensor<?x4x4xi8> into tensor<?x4x7xi8>
  return %padded : tensor<?x4x7xi8>
}

func.func @of_columns(%x: tensor<?x4x16xi8>, %values: tensor<7xi8>, %samples: index) -> tensor<?x7x16xi8> {
  %empty = tensor.empty(%samples) : tensor<?x7x16xi8>
  %all = linalg.broadcast ins(%values : tensor<7xi8>) outs(%empty : tensor<?x7x16xi8>) dimensions = [0, 2]
  // expected-remark @below {{is copied}}
  %padded = tensor.insert_slice %x into %all[0, 1, 0] [%samples, 4, 16] [1, 1, 1] : tensor<?x4x16xi8> into tensor<?x7x16xi8>
  return %padded : tensor<?x7x16xi8>
}

func.func @elsewhere(%x: tensor<?x4x16xi8>, %values: tensor<?xi8>, %samples: index, %offset: index) -> tensor<?x7x16xi8> {
  %empty = tensor.empty(%samples) : tensor<?x7x16xi8>
  %all = linalg.broadcast ins(%values : tensor<?xi8>) outs(%empty : tensor<?x7x16xi8>) dimensions = [1, 2]
  // expected-remark @below {{is copied}}
  %padded = tensor.insert_slice %x into %all[0, %offset, 0] [%samples, 4, 16] [1, 1, 1] : tensor<?x4x16xi8> into tensor<?x7x16xi8>
  return %padded : tensor<?x7x16xi8>
}
