// RUN: ptq-opt %s --ptq-fold-constants | FileCheck %s

// CHECK-LABEL: @shapes
// CHECK-DAG: dense<[1, 2, 3, 4, 5, 6]> : tensor<6xi8>
// CHECK-DAG: dense<{{\[}}[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi8>
// CHECK-DAG: dense<{{\[}}[1], [2], [3], [4], [5], [6]]> : tensor<6x1xi8>
// CHECK-DAG: dense<5> : tensor<i8>
func.func @shapes() -> (tensor<6xi8>, tensor<3x2xi8>, tensor<6x1xi8>, tensor<i8>) {
  %a = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
  %0 = tensor.collapse_shape %a [[0, 1]] : tensor<2x3xi8> into tensor<6xi8>
  %1 = tensor.expand_shape %0 [[0, 1]] output_shape [3, 2] : tensor<6xi8> into tensor<3x2xi8>
  %s = arith.constant dense<[6, 1]> : tensor<2xi32>
  %2 = tensor.reshape %a(%s) : (tensor<2x3xi8>, tensor<2xi32>) -> tensor<6x1xi8>
  %b = arith.constant dense<5> : tensor<1x1xi8>
  %3 = tensor.collapse_shape %b [] : tensor<1x1xi8> into tensor<i8>
  return %0, %1, %2, %3 : tensor<6xi8>, tensor<3x2xi8>, tensor<6x1xi8>, tensor<i8>
}

// CHECK-LABEL: @sizes
// CHECK-DAG: arith.constant 3 : index
// CHECK-DAG: arith.constant 2 : index
func.func @sizes() -> (index, index) {
  %a = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
  %c = tensor.cast %a : tensor<2x3xi8> to tensor<?x?xi8>
  %one = arith.constant 1 : index
  %0 = tensor.dim %c, %one : tensor<?x?xi8>
  %1 = tensor.rank %c : tensor<?x?xi8>
  return %0, %1 : index, index
}

// CHECK-LABEL: @slices
// CHECK-DAG: dense<{{\[}}[2, 4], [7, 9]]> : tensor<2x2xi8>
// CHECK-DAG: dense<[6, 7, 8]> : tensor<3xi8>
// CHECK-DAG: dense<{{\[}}[1, 0, 3, 0, 5], [6, 0, 8, 0, 10]]> : tensor<2x5xi8>
// CHECK-DAG: dense<> : tensor<0x2xi8>
func.func @slices() -> (tensor<2x2xi8>, tensor<3xi8>, tensor<2x5xi8>, tensor<0x2xi8>) {
  %a = arith.constant dense<[[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]]> : tensor<2x5xi8>
  %0 = tensor.extract_slice %a[0, 1] [2, 2] [1, 2] : tensor<2x5xi8> to tensor<2x2xi8>
  %1 = tensor.extract_slice %a[1, 0] [1, 3] [1, 1] : tensor<2x5xi8> to tensor<3xi8>
  %z = arith.constant dense<0> : tensor<2x2xi8>
  %2 = tensor.insert_slice %z into %a[0, 1] [2, 2] [1, 2] : tensor<2x2xi8> into tensor<2x5xi8>
  %3 = tensor.extract_slice %a[1, 0] [0, 2] [1, 1] : tensor<2x5xi8> to tensor<0x2xi8>
  return %0, %1, %2, %3 : tensor<2x2xi8>, tensor<3xi8>, tensor<2x5xi8>, tensor<0x2xi8>
}

// CHECK-LABEL: @concat
// CHECK-DAG: dense<{{\[}}[1, 2, 5], [3, 4, 6]]> : tensor<2x3xi8>
// CHECK-DAG: dense<{{\[}}[1, 2], [3, 4], [1, 2], [3, 4]]> : tensor<4x2xi8>
func.func @concat() -> (tensor<2x3xi8>, tensor<4x2xi8>) {
  %a = arith.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>
  %b = arith.constant dense<[[5], [6]]> : tensor<2x1xi8>
  %0 = tensor.concat dim(1) %a, %b : (tensor<2x2xi8>, tensor<2x1xi8>) -> tensor<2x3xi8>
  %1 = tensor.concat dim(0) %a, %a : (tensor<2x2xi8>, tensor<2x2xi8>) -> tensor<4x2xi8>
  return %0, %1 : tensor<2x3xi8>, tensor<4x2xi8>
}

// By a constant, and by a value that depends on the place.
// CHECK-LABEL: @pad
// CHECK-DAG: dense<{{\[}}[9, 9, 9, 9], [9, 1, 2, 9]]> : tensor<2x4xi8>
// CHECK-DAG: dense<[7, 0, 2]> : tensor<3xindex>
func.func @pad() -> (tensor<2x4xi8>, tensor<3xindex>) {
  %a = arith.constant dense<[[1, 2]]> : tensor<1x2xi8>
  %nine = arith.constant 9 : i8
  %0 = tensor.pad %a low[1, 1] high[0, 1] {
  ^bb0(%i: index, %j: index):
    %c = arith.constant 9 : i8
    tensor.yield %c : i8
  } : tensor<1x2xi8> to tensor<2x4xi8>
  %b = arith.constant dense<7> : tensor<1xindex>
  %1 = tensor.pad %b low[0] high[2] {
  ^bb0(%i: index):
    %one = arith.constant 1 : index
    %less = arith.subi %i, %one : index
    %twice = arith.addi %less, %less : index
    tensor.yield %twice : index
  } : tensor<1xindex> to tensor<3xindex>
  return %0, %1 : tensor<2x4xi8>, tensor<3xindex>
}

// CHECK-LABEL: @elements
// CHECK-DAG: arith.constant 6 : i8
// CHECK-DAG: dense<{{\[}}[1, 2, 3], [4, 5, 0]]> : tensor<2x3xi8>
// CHECK-DAG: dense<{{\[}}[6], [0]]> : tensor<2x1xi8>
// CHECK-DAG: dense<{{\[}}[0, 1], [10, 11], [20, 21]]> : tensor<3x2xindex>
func.func @elements() -> (i8, tensor<2x3xi8>, tensor<2x1xi8>, tensor<3x2xindex>) {
  %a = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi8>
  %one = arith.constant 1 : index
  %two = arith.constant 2 : index
  %zero = arith.constant 0 : i8
  %0 = tensor.extract %a[%one, %two] : tensor<2x3xi8>
  %1 = tensor.insert %zero into %a[%one, %two] : tensor<2x3xi8>
  %2 = tensor.from_elements %0, %zero : tensor<2x1xi8>
  %3 = tensor.generate {
  ^bb0(%i: index, %j: index):
    %ten = arith.constant 10 : index
    %t = arith.muli %i, %ten : index
    %s = arith.addi %t, %j : index
    tensor.yield %s : index
  } : tensor<3x2xindex>
  return %0, %1, %2, %3 : i8, tensor<2x3xi8>, tensor<2x1xi8>, tensor<3x2xindex>
}

// A splat stays by itself and goes with what uses it.
// CHECK-LABEL: @splat
// CHECK-DAG: dense<7> : tensor<3xi8>
// CHECK-NOT: tensor.splat
func.func @splat() -> tensor<3xi8> {
  %seven = arith.constant 7 : i8
  %0 = tensor.splat %seven : tensor<2x3xi8>
  %1 = tensor.extract_slice %0[1, 0] [1, 3] [1, 1] : tensor<2x3xi8> to tensor<3xi8>
  return %1 : tensor<3xi8>
}

// CHECK-LABEL: @bitcast
// CHECK-DAG: dense<[1065353216, 0]> : tensor<2xi32>
func.func @bitcast() -> tensor<2xi32> {
  %a = arith.constant dense<[1.0, 0.0]> : tensor<2xf32>
  %0 = tensor.bitcast %a : tensor<2xf32> to tensor<2xi32>
  return %0 : tensor<2xi32>
}
