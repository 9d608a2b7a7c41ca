// Whatever happens to a value between two products, its codes are the only thing
// that is computed: what is left of quantize and dequantize is at inputs and
// outputs.
//
// RUN: ptq-opt %s -split-input-file --ptq-calibrate="data=random samples=4" \
// RUN:   --ptq-lower="to=integer" \
// RUN:   | FileCheck %s --implicit-check-not=ptq.quantize \
// RUN:     --implicit-check-not=ptq.dequantize

// A value that two products read is quantized once.
// CHECK-LABEL: func @two_products(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @two_products(%x: tensor<2x8xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %1 = arith.constant dense<0.0> : tensor<2x4xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%1 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %4 = arith.constant dense<0.0> : tensor<2x4xf32>
  %5 = linalg.matmul ins(%x, %3 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%4 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %6 = tensor.empty() : tensor<2x4xf32>
  %7 = linalg.add ins(%2, %5 : tensor<2x4xf32>, tensor<2x4xf32>) outs(%6 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %8 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %9 = arith.constant dense<0.0> : tensor<2x3xf32>
  %10 = linalg.matmul ins(%7, %8 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%9 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %10 : tensor<2x3xf32>
}

// -----

// One reader wants it transposed.
// CHECK-LABEL: func @product_and_transposed_product(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: ptq.dequantize
// CHECK: return
func.func @product_and_transposed_product(%x: tensor<2x8xf32>) -> (tensor<2x4xf32>, tensor<6x4xf32>) attributes {ptq.entry} {
  %0 = arith.constant dense<0.25> : tensor<8x6xf32>
  %1 = arith.constant dense<0.0> : tensor<2x6xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<2x8xf32>, tensor<8x6xf32>) outs(%1 : tensor<2x6xf32>) -> tensor<2x6xf32>
  %3 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875]]> : tensor<6x4xf32>
  %4 = arith.constant dense<0.0> : tensor<2x4xf32>
  %5 = linalg.matmul ins(%2, %3 : tensor<2x6xf32>, tensor<6x4xf32>) outs(%4 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %6 = tensor.empty() : tensor<6x2xf32>
  %7 = linalg.transpose ins(%2 : tensor<2x6xf32>) outs(%6 : tensor<6x2xf32>) permutation = [1, 0]
  %8 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125]]> : tensor<2x4xf32>
  %9 = arith.constant dense<0.0> : tensor<6x4xf32>
  %10 = linalg.matmul ins(%7, %8 : tensor<6x2xf32>, tensor<2x4xf32>) outs(%9 : tensor<6x4xf32>) -> tensor<6x4xf32>
  return %5, %10 : tensor<2x4xf32>, tensor<6x4xf32>
}

// -----

// A clamp with three readers.
// CHECK-LABEL: func @three_readers_of_relu(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @three_readers_of_relu(%x: tensor<2x8xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %1 = arith.constant dense<0.0> : tensor<2x4xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%1 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = arith.constant dense<0.0> : tensor<2x4xf32>
  %4 = linalg.max ins(%2, %3 : tensor<2x4xf32>, tensor<2x4xf32>) outs(%3 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %5 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0]]> : tensor<4x4xf32>
  %6 = arith.constant dense<0.0> : tensor<2x4xf32>
  %7 = linalg.matmul ins(%4, %5 : tensor<2x4xf32>, tensor<4x4xf32>) outs(%6 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %8 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0]]> : tensor<4x4xf32>
  %9 = arith.constant dense<0.0> : tensor<2x4xf32>
  %10 = linalg.matmul ins(%4, %8 : tensor<2x4xf32>, tensor<4x4xf32>) outs(%9 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %11 = tensor.empty() : tensor<2x4xf32>
  %12 = linalg.add ins(%7, %10 : tensor<2x4xf32>, tensor<2x4xf32>) outs(%11 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %13 = tensor.empty() : tensor<2x4xf32>
  %14 = linalg.add ins(%12, %4 : tensor<2x4xf32>, tensor<2x4xf32>) outs(%13 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %15 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %16 = arith.constant dense<0.0> : tensor<2x3xf32>
  %17 = linalg.matmul ins(%14, %15 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%16 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %17 : tensor<2x3xf32>
}

// -----

// Maxima and a convolution of one value.
// CHECK-LABEL: func @pooled_and_convolved(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @pooled_and_convolved(%x: tensor<1x2x4x4xf32>) -> tensor<1x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]]]]> : tensor<3x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x3x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<3x2x1x1xf32>) outs(%1 : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %3 = arith.constant dense<0xFF800000> : tensor<1x3x2x2xf32>
  %4 = tensor.empty() : tensor<2x2xf32>
  %5 = linalg.pooling_nchw_max {strides = dense<2> : tensor<2xi64>} ins(%2, %4 : tensor<1x3x4x4xf32>, tensor<2x2xf32>) outs(%3 : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
  %6 = arith.constant dense<0.25> : tensor<3x3x2x2xf32>
  %7 = arith.constant dense<0.0> : tensor<1x3x2x2xf32>
  %8 = linalg.conv_2d_nchw_fchw {strides = dense<2> : tensor<2xi64>} ins(%2, %6 : tensor<1x3x4x4xf32>, tensor<3x3x2x2xf32>) outs(%7 : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
  %9 = tensor.empty() : tensor<1x3x2x2xf32>
  %10 = linalg.add ins(%5, %8 : tensor<1x3x2x2xf32>, tensor<1x3x2x2xf32>) outs(%9 : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
  %11 = tensor.collapse_shape %10 [[0], [1, 2, 3]] : tensor<1x3x2x2xf32> into tensor<1x12xf32>
  %12 = arith.constant dense<0.25> : tensor<12x3xf32>
  %13 = arith.constant dense<0.0> : tensor<1x3xf32>
  %14 = linalg.matmul ins(%11, %12 : tensor<1x12xf32>, tensor<12x3xf32>) outs(%13 : tensor<1x3xf32>) -> tensor<1x3xf32>
  return %14 : tensor<1x3xf32>
}

// -----

// A result that a product reads, too, has one quantize for it.
// CHECK-LABEL: func @result_that_is_also_read(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: ptq.dequantize
// CHECK: return
func.func @result_that_is_also_read(%x: tensor<2x8xf32>) -> (tensor<2x4xf32>, tensor<2x3xf32>) attributes {ptq.entry} {
  %0 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %1 = arith.constant dense<0.0> : tensor<2x4xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%1 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %4 = arith.constant dense<0.0> : tensor<2x3xf32>
  %5 = linalg.matmul ins(%2, %3 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%4 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %2, %5 : tensor<2x4xf32>, tensor<2x3xf32>
}

// -----

// Both operands are one value.
// CHECK-LABEL: func @twice_the_same(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @twice_the_same(%x: tensor<2x8xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %1 = arith.constant dense<0.0> : tensor<2x4xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%1 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = tensor.empty() : tensor<2x4xf32>
  %4 = linalg.add ins(%2, %2 : tensor<2x4xf32>, tensor<2x4xf32>) outs(%3 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %5 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %6 = arith.constant dense<0.0> : tensor<2x3xf32>
  %7 = linalg.matmul ins(%4, %5 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%6 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %7 : tensor<2x3xf32>
}

// -----

// A product of a value with itself.
// CHECK-LABEL: func @square(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @square(%x: tensor<2x8xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %1 = arith.constant dense<0.0> : tensor<2x4xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%1 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = tensor.empty() : tensor<2x4xf32>
  %4 = linalg.mul ins(%2, %2 : tensor<2x4xf32>, tensor<2x4xf32>) outs(%3 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %5 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %6 = arith.constant dense<0.0> : tensor<2x3xf32>
  %7 = linalg.matmul ins(%4, %5 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%6 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %7 : tensor<2x3xf32>
}

// -----

// One value in two shapes.
// CHECK-LABEL: func @reshaped_two_ways(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @reshaped_two_ways(%x: tensor<1x16xf32>) -> tensor<1x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<0.25> : tensor<16x16xf32>
  %1 = arith.constant dense<0.0> : tensor<1x16xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<1x16xf32>, tensor<16x16xf32>) outs(%1 : tensor<1x16xf32>) -> tensor<1x16xf32>
  %3 = tensor.expand_shape %2 [[0], [1, 2, 3]] output_shape [1, 1, 4, 4] : tensor<1x16xf32> into tensor<1x1x4x4xf32>
  %4 = arith.constant dense<[[[[-0.25, 0.625], [-0.875, 0.0]]], [[[0.875, -0.625], [0.25, 1.125]]]]> : tensor<2x1x2x2xf32>
  %5 = arith.constant dense<0.0> : tensor<1x2x3x3xf32>
  %6 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%3, %4 : tensor<1x1x4x4xf32>, tensor<2x1x2x2xf32>) outs(%5 : tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  %7 = tensor.collapse_shape %6 [[0], [1, 2, 3]] : tensor<1x2x3x3xf32> into tensor<1x18xf32>
  %8 = arith.constant dense<0.25> : tensor<16x18xf32>
  %9 = arith.constant dense<0.0> : tensor<1x18xf32>
  %10 = linalg.matmul ins(%2, %8 : tensor<1x16xf32>, tensor<16x18xf32>) outs(%9 : tensor<1x18xf32>) -> tensor<1x18xf32>
  %11 = tensor.empty() : tensor<1x18xf32>
  %12 = linalg.add ins(%7, %10 : tensor<1x18xf32>, tensor<1x18xf32>) outs(%11 : tensor<1x18xf32>) -> tensor<1x18xf32>
  %13 = arith.constant dense<0.25> : tensor<18x3xf32>
  %14 = arith.constant dense<0.0> : tensor<1x3xf32>
  %15 = linalg.matmul ins(%12, %13 : tensor<1x18xf32>, tensor<18x3xf32>) outs(%14 : tensor<1x3xf32>) -> tensor<1x3xf32>
  return %15 : tensor<1x3xf32>
}

// -----

// Scales per channel of the first product do not pass the transpose.
// CHECK-LABEL: func @transposed_product(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @transposed_product(%x: tensor<2x8xf32>) -> tensor<4x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %1 = arith.constant dense<0.0> : tensor<2x4xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%1 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = tensor.empty() : tensor<4x2xf32>
  %4 = linalg.transpose ins(%2 : tensor<2x4xf32>) outs(%3 : tensor<4x2xf32>) permutation = [1, 0]
  %5 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625]]> : tensor<2x3xf32>
  %6 = arith.constant dense<0.0> : tensor<4x3xf32>
  %7 = linalg.matmul ins(%4, %5 : tensor<4x2xf32>, tensor<2x3xf32>) outs(%6 : tensor<4x3xf32>) -> tensor<4x3xf32>
  return %7 : tensor<4x3xf32>
}

// -----

// Two transposes that cancel.
// CHECK-LABEL: func @there_and_back(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @there_and_back(%x: tensor<2x8xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %1 = arith.constant dense<0.0> : tensor<2x4xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%1 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = tensor.empty() : tensor<4x2xf32>
  %4 = linalg.transpose ins(%2 : tensor<2x4xf32>) outs(%3 : tensor<4x2xf32>) permutation = [1, 0]
  %5 = arith.constant dense<0.0> : tensor<4x2xf32>
  %6 = linalg.max ins(%4, %5 : tensor<4x2xf32>, tensor<4x2xf32>) outs(%5 : tensor<4x2xf32>) -> tensor<4x2xf32>
  %7 = tensor.empty() : tensor<2x4xf32>
  %8 = linalg.transpose ins(%6 : tensor<4x2xf32>) outs(%7 : tensor<2x4xf32>) permutation = [1, 0]
  %9 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %10 = arith.constant dense<0.0> : tensor<2x3xf32>
  %11 = linalg.matmul ins(%8, %9 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%10 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %11 : tensor<2x3xf32>
}

// -----

// An image in another order between two convolutions.
// CHECK-LABEL: func @channels_last_between(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @channels_last_between(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]]]]> : tensor<3x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x3x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<3x2x1x1xf32>) outs(%1 : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %3 = tensor.empty() : tensor<1x4x4x3xf32>
  %4 = linalg.transpose ins(%2 : tensor<1x3x4x4xf32>) outs(%3 : tensor<1x4x4x3xf32>) permutation = [0, 2, 3, 1]
  %5 = arith.constant dense<0.0> : tensor<1x4x4x3xf32>
  %6 = linalg.max ins(%4, %5 : tensor<1x4x4x3xf32>, tensor<1x4x4x3xf32>) outs(%5 : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  %7 = tensor.empty() : tensor<1x3x4x4xf32>
  %8 = linalg.transpose ins(%6 : tensor<1x4x4x3xf32>) outs(%7 : tensor<1x3x4x4xf32>) permutation = [0, 3, 1, 2]
  %9 = arith.constant dense<[[[[-0.25]], [[0.625]], [[-0.875]]], [[[0.0]], [[0.875]], [[-0.625]]]]> : tensor<2x3x1x1xf32>
  %10 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %11 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%8, %9 : tensor<1x3x4x4xf32>, tensor<2x3x1x1xf32>) outs(%10 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %11 : tensor<1x2x4x4xf32>
}

// -----

// A dense layer behind a convolution.
// CHECK-LABEL: func @flattened_image(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @flattened_image(%x: tensor<1x2x4x4xf32>) -> tensor<1x4xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25, 0.625], [-0.875, 0.0]], [[0.875, -0.625], [0.25, 1.125]]], [[[-0.375, 0.5], [-1.0, -0.125]], [[0.75, -0.75], [0.125, 1.0]]], [[[-0.5, 0.375], [-1.125, -0.25]], [[0.625, -0.875], [0.0, 0.875]]]]> : tensor<3x2x2x2xf32>
  %1 = arith.constant dense<0.0> : tensor<1x3x3x3xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<3x2x2x2xf32>) outs(%1 : tensor<1x3x3x3xf32>) -> tensor<1x3x3x3xf32>
  %3 = tensor.collapse_shape %2 [[0], [1, 2, 3]] : tensor<1x3x3x3xf32> into tensor<1x27xf32>
  %4 = arith.constant dense<0.25> : tensor<27x4xf32>
  %5 = arith.constant dense<0.0> : tensor<1x4xf32>
  %6 = linalg.matmul ins(%3, %4 : tensor<1x27xf32>, tensor<27x4xf32>) outs(%5 : tensor<1x4xf32>) -> tensor<1x4xf32>
  return %6 : tensor<1x4xf32>
}

// -----

// A separable convolution.
// CHECK-LABEL: func @depthwise_and_pointwise(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @depthwise_and_pointwise(%x: tensor<1x2x4x4xf32>) -> tensor<1x4x2x2xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375]], [[0.5, -1.0, -0.125], [0.75, -0.75, 0.125], [1.0, -0.5, 0.375]]]> : tensor<2x3x3xf32>
  %1 = arith.constant dense<0.0> : tensor<1x2x2x2xf32>
  %2 = linalg.depthwise_conv_2d_nchw_chw ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<2x3x3xf32>) outs(%1 : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %3 = arith.constant dense<0.0> : tensor<1x2x2x2xf32>
  %4 = linalg.max ins(%2, %3 : tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) outs(%3 : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %5 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]]], [[[0.25]], [[1.125]]]]> : tensor<4x2x1x1xf32>
  %6 = arith.constant dense<0.0> : tensor<1x4x2x2xf32>
  %7 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%4, %5 : tensor<1x2x2x2xf32>, tensor<4x2x1x1xf32>) outs(%6 : tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32>
  return %7 : tensor<1x4x2x2xf32>
}

// -----

// Zeros around an image in the middle of the network.
// CHECK-LABEL: func @padded_convolution(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @padded_convolution(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]]]]> : tensor<3x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x3x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<3x2x1x1xf32>) outs(%1 : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %3 = arith.constant dense<0.0> : tensor<1x3x4x4xf32>
  %4 = linalg.max ins(%2, %3 : tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>) outs(%3 : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %5 = arith.constant 0.0 : f32
  %6 = tensor.pad %4 low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%p70: index, %p71: index, %p72: index, %p73: index):
    tensor.yield %5 : f32
  } : tensor<1x3x4x4xf32> to tensor<1x3x6x6xf32>
  %7 = arith.constant dense<0.25> : tensor<2x3x3x3xf32>
  %8 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %9 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%6, %7 : tensor<1x3x6x6xf32>, tensor<2x3x3x3xf32>) outs(%8 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %9 : tensor<1x2x4x4xf32>
}

// -----

// Zeros around the input.
// CHECK-LABEL: func @padded_input(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @padded_input(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> attributes {ptq.entry} {
  %0 = arith.constant 0.0 : f32
  %1 = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%p20: index, %p21: index, %p22: index, %p23: index):
    tensor.yield %0 : f32
  } : tensor<1x2x4x4xf32> to tensor<1x2x6x6xf32>
  %2 = arith.constant dense<0.25> : tensor<2x2x3x3xf32>
  %3 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %4 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%1, %2 : tensor<1x2x6x6xf32>, tensor<2x2x3x3xf32>) outs(%3 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %4 : tensor<1x2x4x4xf32>
}

// -----

// A slice of channels.
// CHECK-LABEL: func @some_channels(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @some_channels(%x: tensor<1x2x4x4xf32>) -> tensor<1x3x4x4xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]]], [[[0.25]], [[1.125]]]]> : tensor<4x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x4x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<4x2x1x1xf32>) outs(%1 : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %3 = tensor.extract_slice %2[0, 1, 0, 0] [1, 2, 4, 4] [1, 1, 1, 1] : tensor<1x4x4x4xf32> to tensor<1x2x4x4xf32>
  %4 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]]]]> : tensor<3x2x1x1xf32>
  %5 = arith.constant dense<0.0> : tensor<1x3x4x4xf32>
  %6 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%3, %4 : tensor<1x2x4x4xf32>, tensor<3x2x1x1xf32>) outs(%5 : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return %6 : tensor<1x3x4x4xf32>
}

// -----

// Channels that part and are summed.
// CHECK-LABEL: func @split_channels(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @split_channels(%x: tensor<1x2x4x4xf32>) -> tensor<1x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]]], [[[0.25]], [[1.125]]]]> : tensor<4x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x4x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<4x2x1x1xf32>) outs(%1 : tensor<1x4x4x4xf32>) -> tensor<1x4x4x4xf32>
  %3 = tensor.extract_slice %2[0, 0, 0, 0] [1, 2, 4, 4] [1, 1, 1, 1] : tensor<1x4x4x4xf32> to tensor<1x2x4x4xf32>
  %4 = tensor.extract_slice %2[0, 2, 0, 0] [1, 2, 4, 4] [1, 1, 1, 1] : tensor<1x4x4x4xf32> to tensor<1x2x4x4xf32>
  %5 = tensor.empty() : tensor<1x2x4x4xf32>
  %6 = linalg.add ins(%3, %4 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) outs(%5 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %7 = tensor.collapse_shape %6 [[0], [1, 2, 3]] : tensor<1x2x4x4xf32> into tensor<1x32xf32>
  %8 = arith.constant dense<0.25> : tensor<32x3xf32>
  %9 = arith.constant dense<0.0> : tensor<1x3xf32>
  %10 = linalg.matmul ins(%7, %8 : tensor<1x32xf32>, tensor<32x3xf32>) outs(%9 : tensor<1x3xf32>) -> tensor<1x3xf32>
  return %10 : tensor<1x3xf32>
}

// -----

// Attention heads: reshape, transpose, slice.
// CHECK-LABEL: func @heads(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @heads(%x: tensor<4x8xf32>) -> tensor<4x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<0.25> : tensor<8x8xf32>
  %1 = arith.constant dense<0.0> : tensor<4x8xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<4x8xf32>, tensor<8x8xf32>) outs(%1 : tensor<4x8xf32>) -> tensor<4x8xf32>
  %3 = tensor.expand_shape %2 [[0], [1, 2]] output_shape [4, 2, 4] : tensor<4x8xf32> into tensor<4x2x4xf32>
  %4 = tensor.empty() : tensor<2x4x4xf32>
  %5 = linalg.transpose ins(%3 : tensor<4x2x4xf32>) outs(%4 : tensor<2x4x4xf32>) permutation = [1, 0, 2]
  %6 = tensor.extract_slice %5[1, 0, 0] [1, 4, 4] [1, 1, 1] : tensor<2x4x4xf32> to tensor<1x4x4xf32>
  %7 = tensor.collapse_shape %6 [[0, 1], [2]] : tensor<1x4x4xf32> into tensor<4x4xf32>
  %8 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %9 = arith.constant dense<0.0> : tensor<4x3xf32>
  %10 = linalg.matmul ins(%7, %8 : tensor<4x4xf32>, tensor<4x3xf32>) outs(%9 : tensor<4x3xf32>) -> tensor<4x3xf32>
  return %10 : tensor<4x3xf32>
}

// -----

// Two convolutions side by side.
// CHECK-LABEL: func @two_branches(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @two_branches(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%1 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %3 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]]]]> : tensor<3x2x1x1xf32>
  %4 = arith.constant dense<0.0> : tensor<1x3x4x4xf32>
  %5 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %3 : tensor<1x2x4x4xf32>, tensor<3x2x1x1xf32>) outs(%4 : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %6 = tensor.concat dim(1) %2, %5 : (tensor<1x2x4x4xf32>, tensor<1x3x4x4xf32>) -> tensor<1x5x4x4xf32>
  %7 = arith.constant dense<[[[[-0.25]], [[0.625]], [[-0.875]], [[0.0]], [[0.875]]], [[[-0.625]], [[0.25]], [[1.125]], [[-0.375]], [[0.5]]]]> : tensor<2x5x1x1xf32>
  %8 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %9 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%6, %7 : tensor<1x5x4x4xf32>, tensor<2x5x1x1xf32>) outs(%8 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %9 : tensor<1x2x4x4xf32>
}

// -----

// The input joins what is computed from it.
// CHECK-LABEL: func @input_and_convolution(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @input_and_convolution(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]]]]> : tensor<3x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x3x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<3x2x1x1xf32>) outs(%1 : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %3 = tensor.concat dim(1) %x, %2 : (tensor<1x2x4x4xf32>, tensor<1x3x4x4xf32>) -> tensor<1x5x4x4xf32>
  %4 = arith.constant dense<[[[[-0.25]], [[0.625]], [[-0.875]], [[0.0]], [[0.875]]], [[[-0.625]], [[0.25]], [[1.125]], [[-0.375]], [[0.5]]]]> : tensor<2x5x1x1xf32>
  %5 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %6 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%3, %4 : tensor<1x5x4x4xf32>, tensor<2x5x1x1xf32>) outs(%5 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %6 : tensor<1x2x4x4xf32>
}

// -----

// One part is clamped, the other is not.
// CHECK-LABEL: func @clamped_and_not(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @clamped_and_not(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%1 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %3 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %4 = linalg.max ins(%2, %3 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) outs(%3 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %5 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %6 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %7 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %5 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%6 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %8 = tensor.concat dim(1) %4, %7 : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x4x4x4xf32>
  %9 = arith.constant dense<[[[[-0.25]], [[0.625]], [[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]], [[0.25]], [[1.125]]]]> : tensor<2x4x1x1xf32>
  %10 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %11 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%8, %9 : tensor<1x4x4x4xf32>, tensor<2x4x1x1xf32>) outs(%10 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %11 : tensor<1x2x4x4xf32>
}

// -----

// Convolutions of two sizes and maxima.
// CHECK-LABEL: func @inception(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @inception(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<0.25> : tensor<2x2x3x3xf32>
  %1 = arith.constant dense<0.0> : tensor<1x2x2x2xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<2x2x3x3xf32>) outs(%1 : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %3 = arith.constant dense<0xFF800000> : tensor<1x2x2x2xf32>
  %4 = tensor.empty() : tensor<3x3xf32>
  %5 = linalg.pooling_nchw_max {strides = dense<1> : tensor<2xi64>} ins(%x, %4 : tensor<1x2x4x4xf32>, tensor<3x3xf32>) outs(%3 : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %6 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %7 = arith.constant dense<0.0> : tensor<1x2x2x2xf32>
  %8 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%5, %6 : tensor<1x2x2x2xf32>, tensor<2x2x1x1xf32>) outs(%7 : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %9 = arith.constant dense<[[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375]], [[0.5, -1.0, -0.125], [0.75, -0.75, 0.125], [1.0, -0.5, 0.375]]]> : tensor<2x3x3xf32>
  %10 = arith.constant dense<0.0> : tensor<1x2x2x2xf32>
  %11 = linalg.depthwise_conv_2d_nchw_chw ins(%x, %9 : tensor<1x2x4x4xf32>, tensor<2x3x3xf32>) outs(%10 : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %12 = tensor.concat dim(1) %2, %8, %11 : (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) -> tensor<1x6x2x2xf32>
  %13 = arith.constant dense<[[[[-0.25]], [[0.625]], [[-0.875]], [[0.0]], [[0.875]], [[-0.625]]], [[[0.25]], [[1.125]], [[-0.375]], [[0.5]], [[-1.0]], [[-0.125]]]]> : tensor<2x6x1x1xf32>
  %14 = arith.constant dense<0.0> : tensor<1x2x2x2xf32>
  %15 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%12, %13 : tensor<1x6x2x2xf32>, tensor<2x6x1x1xf32>) outs(%14 : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %15 : tensor<1x2x2x2xf32>
}

// -----

// Each layer reads all before it.
// CHECK-LABEL: func @dense_block(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @dense_block(%x: tensor<1x2x4x4xf32>) -> tensor<1x3x4x4xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%1 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %3 = tensor.concat dim(1) %x, %2 : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x4x4x4xf32>
  %4 = arith.constant dense<[[[[-0.25]], [[0.625]], [[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]], [[0.25]], [[1.125]]]]> : tensor<2x4x1x1xf32>
  %5 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %6 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%3, %4 : tensor<1x4x4x4xf32>, tensor<2x4x1x1xf32>) outs(%5 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %7 = tensor.concat dim(1) %x, %2, %6 : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x6x4x4xf32>
  %8 = arith.constant dense<[[[[-0.25]], [[0.625]], [[-0.875]], [[0.0]], [[0.875]], [[-0.625]]], [[[0.25]], [[1.125]], [[-0.375]], [[0.5]], [[-1.0]], [[-0.125]]], [[[0.75]], [[-0.75]], [[0.125]], [[1.0]], [[-0.5]], [[0.375]]]]> : tensor<3x6x1x1xf32>
  %9 = arith.constant dense<0.0> : tensor<1x3x4x4xf32>
  %10 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%7, %8 : tensor<1x6x4x4xf32>, tensor<3x6x1x1xf32>) outs(%9 : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return %10 : tensor<1x3x4x4xf32>
}

// -----

// What is joined is cut elsewhere.
// CHECK-LABEL: func @joined_and_parted(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @joined_and_parted(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%1 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %3 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %4 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %5 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %3 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%4 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %6 = tensor.concat dim(1) %2, %5 : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x4x4x4xf32>
  %7 = tensor.extract_slice %6[0, 1, 0, 0] [1, 2, 4, 4] [1, 1, 1, 1] : tensor<1x4x4x4xf32> to tensor<1x2x4x4xf32>
  %8 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %9 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %10 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%7, %8 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%9 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %10 : tensor<1x2x4x4xf32>
}

// -----

// Rows of two inputs.
// CHECK-LABEL: func @joined_rows(
// CHECK-DAG: ptq.quantize %arg0
// CHECK-DAG: ptq.quantize %arg1
// CHECK: ptq.dequantize
// CHECK: return
func.func @joined_rows(%x: tensor<2x8xf32>, %y: tensor<2x8xf32>) -> tensor<4x3xf32> attributes {ptq.entry} {
  %0 = tensor.concat dim(0) %x, %y : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<4x8xf32>
  %1 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125], [0.75, -0.75, 0.125], [1.0, -0.5, 0.375], [-1.125, -0.25, 0.625], [-0.875, 0.0, 0.875]]> : tensor<8x3xf32>
  %2 = arith.constant dense<0.0> : tensor<4x3xf32>
  %3 = linalg.matmul ins(%0, %1 : tensor<4x8xf32>, tensor<8x3xf32>) outs(%2 : tensor<4x3xf32>) -> tensor<4x3xf32>
  return %3 : tensor<4x3xf32>
}

// -----

// A part has a reader of its own, with another scale.
// CHECK-LABEL: func @part_that_is_also_read(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @part_that_is_also_read(%x: tensor<1x2x4x4xf32>) -> tensor<1x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%1 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %3 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %4 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %5 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %3 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%4 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %6 = tensor.concat dim(1) %2, %5 : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x4x4x4xf32>
  %7 = arith.constant dense<[[[[-0.25]], [[0.625]], [[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]], [[0.25]], [[1.125]]]]> : tensor<2x4x1x1xf32>
  %8 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %9 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%6, %7 : tensor<1x4x4x4xf32>, tensor<2x4x1x1xf32>) outs(%8 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %10 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %11 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %12 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%2, %10 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%11 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %13 = tensor.empty() : tensor<1x2x4x4xf32>
  %14 = linalg.add ins(%9, %12 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) outs(%13 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %15 = tensor.collapse_shape %14 [[0], [1, 2, 3]] : tensor<1x2x4x4xf32> into tensor<1x32xf32>
  %16 = arith.constant dense<0.25> : tensor<32x3xf32>
  %17 = arith.constant dense<0.0> : tensor<1x3xf32>
  %18 = linalg.matmul ins(%15, %16 : tensor<1x32xf32>, tensor<32x3xf32>) outs(%17 : tensor<1x3xf32>) -> tensor<1x3xf32>
  return %18 : tensor<1x3xf32>
}

// -----

// The sum of a value and what is computed from it.
// CHECK-LABEL: func @residual(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @residual(%x: tensor<1x2x4x4xf32>) -> tensor<1x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%1 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %3 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %4 = linalg.max ins(%2, %3 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) outs(%3 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %5 = tensor.empty() : tensor<1x2x4x4xf32>
  %6 = linalg.add ins(%4, %x : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) outs(%5 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %7 = tensor.collapse_shape %6 [[0], [1, 2, 3]] : tensor<1x2x4x4xf32> into tensor<1x32xf32>
  %8 = arith.constant dense<0.25> : tensor<32x3xf32>
  %9 = arith.constant dense<0.0> : tensor<1x3xf32>
  %10 = linalg.matmul ins(%7, %8 : tensor<1x32xf32>, tensor<32x3xf32>) outs(%9 : tensor<1x3xf32>) -> tensor<1x3xf32>
  return %10 : tensor<1x3xf32>
}

// -----

// Both branches have a convolution.
// CHECK-LABEL: func @projection(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @projection(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25, 0.625], [-0.875, 0.0]], [[0.875, -0.625], [0.25, 1.125]]], [[[-0.375, 0.5], [-1.0, -0.125]], [[0.75, -0.75], [0.125, 1.0]]], [[[-0.5, 0.375], [-1.125, -0.25]], [[0.625, -0.875], [0.0, 0.875]]]]> : tensor<3x2x2x2xf32>
  %1 = arith.constant dense<0.0> : tensor<1x3x2x2xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<2> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<3x2x2x2xf32>) outs(%1 : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
  %3 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]]]]> : tensor<3x2x1x1xf32>
  %4 = arith.constant dense<0.0> : tensor<1x3x4x4xf32>
  %5 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %3 : tensor<1x2x4x4xf32>, tensor<3x2x1x1xf32>) outs(%4 : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %6 = arith.constant dense<0xFF800000> : tensor<1x3x2x2xf32>
  %7 = tensor.empty() : tensor<2x2xf32>
  %8 = linalg.pooling_nchw_max {strides = dense<2> : tensor<2xi64>} ins(%5, %7 : tensor<1x3x4x4xf32>, tensor<2x2xf32>) outs(%6 : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
  %9 = tensor.empty() : tensor<1x3x2x2xf32>
  %10 = linalg.add ins(%2, %8 : tensor<1x3x2x2xf32>, tensor<1x3x2x2xf32>) outs(%9 : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
  %11 = arith.constant dense<0.0> : tensor<1x3x2x2xf32>
  %12 = linalg.max ins(%10, %11 : tensor<1x3x2x2xf32>, tensor<1x3x2x2xf32>) outs(%11 : tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32>
  %13 = arith.constant dense<[[[[-0.25]], [[0.625]], [[-0.875]]], [[[0.0]], [[0.875]], [[-0.625]]]]> : tensor<2x3x1x1xf32>
  %14 = arith.constant dense<0.0> : tensor<1x2x2x2xf32>
  %15 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%12, %13 : tensor<1x3x2x2xf32>, tensor<2x3x1x1xf32>) outs(%14 : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %15 : tensor<1x2x2x2xf32>
}

// -----

// A sum joins the next sum.
// CHECK-LABEL: func @two_residuals(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @two_residuals(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%1 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %3 = tensor.empty() : tensor<1x2x4x4xf32>
  %4 = linalg.add ins(%2, %x : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) outs(%3 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %5 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %6 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %7 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%4, %5 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%6 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %8 = tensor.empty() : tensor<1x2x4x4xf32>
  %9 = linalg.add ins(%7, %4 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) outs(%8 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %10 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %11 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %12 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%9, %10 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%11 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %12 : tensor<1x2x4x4xf32>
}

// -----

// A product of two branches.
// CHECK-LABEL: func @gate(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @gate(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%1 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %3 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %4 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %5 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %3 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%4 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %6 = tensor.empty() : tensor<1x2x4x4xf32>
  %7 = linalg.mul ins(%2, %5 : tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) outs(%6 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %8 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]]]> : tensor<2x2x1x1xf32>
  %9 = arith.constant dense<0.0> : tensor<1x2x4x4xf32>
  %10 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%7, %8 : tensor<1x2x4x4xf32>, tensor<2x2x1x1xf32>) outs(%9 : tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  return %10 : tensor<1x2x4x4xf32>
}

// -----

// One branch is a table of codes.
// CHECK-LABEL: func @sigmoid_gate(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @sigmoid_gate(%x: tensor<2x8xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %1 = arith.constant dense<0.0> : tensor<2x4xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%1 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %4 = arith.constant dense<0.0> : tensor<2x4xf32>
  %5 = linalg.matmul ins(%x, %3 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%4 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %6 = tensor.empty() : tensor<2x4xf32>
  %7 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%5 : tensor<2x4xf32>) outs(%6 : tensor<2x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %one = arith.constant 1.0 : f32
    %neg = arith.negf %in : f32
    %exp = math.exp %neg : f32
    %sum = arith.addf %exp, %one : f32
    %quotient = arith.divf %one, %sum : f32
    linalg.yield %quotient : f32
  } -> tensor<2x4xf32>
  %8 = tensor.empty() : tensor<2x4xf32>
  %9 = linalg.mul ins(%2, %7 : tensor<2x4xf32>, tensor<2x4xf32>) outs(%8 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %10 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %11 = arith.constant dense<0.0> : tensor<2x3xf32>
  %12 = linalg.matmul ins(%9, %10 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%11 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %12 : tensor<2x3xf32>
}

// -----

// A classifier behind averages.
// CHECK-LABEL: func @average_and_product(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @average_and_product(%x: tensor<1x2x4x4xf32>) -> tensor<1x2xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25]], [[0.625]]], [[[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]]]]> : tensor<3x2x1x1xf32>
  %1 = arith.constant dense<0.0> : tensor<1x3x4x4xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<3x2x1x1xf32>) outs(%1 : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %3 = arith.constant dense<0.0> : tensor<1x3x4x4xf32>
  %4 = linalg.max ins(%2, %3 : tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>) outs(%3 : tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %5 = arith.constant dense<0.0> : tensor<1x3xf32>
  %6 = linalg.reduce { arith.addf } ins(%4 : tensor<1x3x4x4xf32>) outs(%5 : tensor<1x3xf32>) dimensions = [2, 3]
  %7 = arith.constant dense<16.0> : tensor<1x3xf32>
  %8 = tensor.empty() : tensor<1x3xf32>
  %9 = linalg.div ins(%6, %7 : tensor<1x3xf32>, tensor<1x3xf32>) outs(%8 : tensor<1x3xf32>) -> tensor<1x3xf32>
  %10 = arith.constant dense<[[-0.25, 0.625], [-0.875, 0.0], [0.875, -0.625]]> : tensor<3x2xf32>
  %11 = arith.constant dense<0.0> : tensor<1x2xf32>
  %12 = linalg.matmul ins(%9, %10 : tensor<1x3xf32>, tensor<3x2xf32>) outs(%11 : tensor<1x2xf32>) -> tensor<1x2xf32>
  return %12 : tensor<1x2xf32>
}

// -----

// The shortcut is reshaped.
// CHECK-LABEL: func @residual_of_reshaped(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @residual_of_reshaped(%x: tensor<2x8xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<0.25> : tensor<8x8xf32>
  %1 = arith.constant dense<0.0> : tensor<2x8xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<2x8xf32>, tensor<8x8xf32>) outs(%1 : tensor<2x8xf32>) -> tensor<2x8xf32>
  %3 = tensor.expand_shape %2 [[0], [1, 2]] output_shape [2, 2, 4] : tensor<2x8xf32> into tensor<2x2x4xf32>
  %4 = tensor.expand_shape %x [[0], [1, 2]] output_shape [2, 2, 4] : tensor<2x8xf32> into tensor<2x2x4xf32>
  %5 = tensor.empty() : tensor<2x2x4xf32>
  %6 = linalg.add ins(%3, %4 : tensor<2x2x4xf32>, tensor<2x2x4xf32>) outs(%5 : tensor<2x2x4xf32>) -> tensor<2x2x4xf32>
  %7 = tensor.collapse_shape %6 [[0], [1, 2]] : tensor<2x2x4xf32> into tensor<2x8xf32>
  %8 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125], [0.75, -0.75, 0.125], [1.0, -0.5, 0.375], [-1.125, -0.25, 0.625], [-0.875, 0.0, 0.875]]> : tensor<8x3xf32>
  %9 = arith.constant dense<0.0> : tensor<2x3xf32>
  %10 = linalg.matmul ins(%7, %8 : tensor<2x8xf32>, tensor<8x3xf32>) outs(%9 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %10 : tensor<2x3xf32>
}

// -----

// The shortcut is padded with channels of zeros.
// CHECK-LABEL: func @shortcut_of_pooled(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @shortcut_of_pooled(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x2x2xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[[[-0.25, 0.625], [-0.875, 0.0]], [[0.875, -0.625], [0.25, 1.125]]], [[[-0.375, 0.5], [-1.0, -0.125]], [[0.75, -0.75], [0.125, 1.0]]], [[[-0.5, 0.375], [-1.125, -0.25]], [[0.625, -0.875], [0.0, 0.875]]], [[[-0.625, 0.25], [1.125, -0.375]], [[0.5, -1.0], [-0.125, 0.75]]]]> : tensor<4x2x2x2xf32>
  %1 = arith.constant dense<0.0> : tensor<1x4x2x2xf32>
  %2 = linalg.conv_2d_nchw_fchw {strides = dense<2> : tensor<2xi64>} ins(%x, %0 : tensor<1x2x4x4xf32>, tensor<4x2x2x2xf32>) outs(%1 : tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32>
  %3 = arith.constant dense<0xFF800000> : tensor<1x2x2x2xf32>
  %4 = tensor.empty() : tensor<2x2xf32>
  %5 = linalg.pooling_nchw_max {strides = dense<2> : tensor<2xi64>} ins(%x, %4 : tensor<1x2x4x4xf32>, tensor<2x2xf32>) outs(%3 : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %6 = arith.constant 0.0 : f32
  %7 = tensor.pad %5 low[0, 1, 0, 0] high[0, 1, 0, 0] {
  ^bb0(%s80: index, %s81: index, %s82: index, %s83: index):
    tensor.yield %6 : f32
  } : tensor<1x2x2x2xf32> to tensor<1x4x2x2xf32>
  %8 = tensor.empty() : tensor<1x4x2x2xf32>
  %9 = linalg.add ins(%2, %7 : tensor<1x4x2x2xf32>, tensor<1x4x2x2xf32>) outs(%8 : tensor<1x4x2x2xf32>) -> tensor<1x4x2x2xf32>
  %10 = arith.constant dense<[[[[-0.25]], [[0.625]], [[-0.875]], [[0.0]]], [[[0.875]], [[-0.625]], [[0.25]], [[1.125]]]]> : tensor<2x4x1x1xf32>
  %11 = arith.constant dense<0.0> : tensor<1x2x2x2xf32>
  %12 = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>} ins(%9, %10 : tensor<1x4x2x2xf32>, tensor<2x4x1x1xf32>) outs(%11 : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %12 : tensor<1x2x2x2xf32>
}

// -----

// Maxout.
// CHECK-LABEL: func @maximum_of_two(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @maximum_of_two(%x: tensor<2x8xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %1 = arith.constant dense<0.0> : tensor<2x4xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%1 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %4 = arith.constant dense<0.0> : tensor<2x4xf32>
  %5 = linalg.matmul ins(%x, %3 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%4 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %6 = tensor.empty() : tensor<2x4xf32>
  %7 = linalg.max ins(%2, %5 : tensor<2x4xf32>, tensor<2x4xf32>) outs(%6 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %8 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %9 = arith.constant dense<0.0> : tensor<2x3xf32>
  %10 = linalg.matmul ins(%7, %8 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%9 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %10 : tensor<2x3xf32>
}

// -----

// And its opposite.
// CHECK-LABEL: func @minimum_of_two(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @minimum_of_two(%x: tensor<2x8xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %1 = arith.constant dense<0.0> : tensor<2x4xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%1 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %3 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %4 = arith.constant dense<0.0> : tensor<2x4xf32>
  %5 = linalg.matmul ins(%x, %3 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%4 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %6 = tensor.empty() : tensor<2x4xf32>
  %7 = linalg.min ins(%2, %5 : tensor<2x4xf32>, tensor<2x4xf32>) outs(%6 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %8 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %9 = arith.constant dense<0.0> : tensor<2x3xf32>
  %10 = linalg.matmul ins(%7, %8 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%9 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %10 : tensor<2x3xf32>
}

// -----

// Two arms compute the value.
// CHECK-LABEL: func @branch(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @branch(%x: tensor<2x8xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %0 = tensor.extract %x[%c0, %c0] : tensor<2x8xf32>
  %1 = arith.cmpf ogt, %0, %zero : f32
  %2 = scf.if %1 -> (tensor<2x4xf32>) {
    %3 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
    %4 = arith.constant dense<0.0> : tensor<2x4xf32>
    %5 = linalg.matmul ins(%x, %3 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%4 : tensor<2x4xf32>) -> tensor<2x4xf32>
    scf.yield %5 : tensor<2x4xf32>
  } else {
    %6 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
    %7 = arith.constant dense<0.0> : tensor<2x4xf32>
    %8 = linalg.matmul ins(%x, %6 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%7 : tensor<2x4xf32>) -> tensor<2x4xf32>
    %9 = arith.constant dense<0.0> : tensor<2x4xf32>
    %10 = linalg.max ins(%8, %9 : tensor<2x4xf32>, tensor<2x4xf32>) outs(%9 : tensor<2x4xf32>) -> tensor<2x4xf32>
    scf.yield %10 : tensor<2x4xf32>
  }
  %11 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %12 = arith.constant dense<0.0> : tensor<2x3xf32>
  %13 = linalg.matmul ins(%2, %11 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%12 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %13 : tensor<2x3xf32>
}

// -----

// One arm gives what was there before.
// CHECK-LABEL: func @branch_that_passes_on(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @branch_that_passes_on(%x: tensor<2x8xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %1 = arith.constant dense<0.0> : tensor<2x4xf32>
  %2 = linalg.matmul ins(%x, %0 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%1 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %3 = tensor.extract %x[%c0, %c0] : tensor<2x8xf32>
  %4 = arith.cmpf ogt, %3, %zero : f32
  %5 = scf.if %4 -> (tensor<2x4xf32>) {
    %6 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0]]> : tensor<4x4xf32>
    %7 = arith.constant dense<0.0> : tensor<2x4xf32>
    %8 = linalg.matmul ins(%2, %6 : tensor<2x4xf32>, tensor<4x4xf32>) outs(%7 : tensor<2x4xf32>) -> tensor<2x4xf32>
    scf.yield %8 : tensor<2x4xf32>
  } else {
    scf.yield %2 : tensor<2x4xf32>
  }
  %9 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %10 = arith.constant dense<0.0> : tensor<2x3xf32>
  %11 = linalg.matmul ins(%5, %9 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%10 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %11 : tensor<2x3xf32>
}

// -----

// A choice of two values.
// CHECK-LABEL: func @choice(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @choice(%x: tensor<2x8xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %0 = tensor.extract %x[%c0, %c0] : tensor<2x8xf32>
  %1 = arith.cmpf ogt, %0, %zero : f32
  %2 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %3 = arith.constant dense<0.0> : tensor<2x4xf32>
  %4 = linalg.matmul ins(%x, %2 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%3 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %5 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
  %6 = arith.constant dense<0.0> : tensor<2x4xf32>
  %7 = linalg.matmul ins(%x, %5 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%6 : tensor<2x4xf32>) -> tensor<2x4xf32>
  %8 = arith.select %1, %4, %7 : tensor<2x4xf32>
  %9 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %10 = arith.constant dense<0.0> : tensor<2x3xf32>
  %11 = linalg.matmul ins(%8, %9 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%10 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %11 : tensor<2x3xf32>
}

// -----

// A branch in a branch.
// CHECK-LABEL: func @nested_branches(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @nested_branches(%x: tensor<2x8xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %0 = tensor.extract %x[%c0, %c0] : tensor<2x8xf32>
  %1 = arith.cmpf ogt, %0, %zero : f32
  %2 = scf.if %1 -> (tensor<2x4xf32>) {
    %4 = tensor.extract %x[%c0, %c0] : tensor<2x8xf32>
    %5 = arith.cmpf olt, %4, %zero : f32
    %3 = scf.if %5 -> (tensor<2x4xf32>) {
      %6 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
      %7 = arith.constant dense<0.0> : tensor<2x4xf32>
      %8 = linalg.matmul ins(%x, %6 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%7 : tensor<2x4xf32>) -> tensor<2x4xf32>
      scf.yield %8 : tensor<2x4xf32>
    } else {
      %9 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
      %10 = arith.constant dense<0.0> : tensor<2x4xf32>
      %11 = linalg.matmul ins(%x, %9 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%10 : tensor<2x4xf32>) -> tensor<2x4xf32>
      scf.yield %11 : tensor<2x4xf32>
    }
    scf.yield %3 : tensor<2x4xf32>
  } else {
    %12 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0], [-0.5, 0.375, -1.125, -0.25], [0.625, -0.875, 0.0, 0.875], [-0.625, 0.25, 1.125, -0.375], [0.5, -1.0, -0.125, 0.75]]> : tensor<8x4xf32>
    %13 = arith.constant dense<0.0> : tensor<2x4xf32>
    %14 = linalg.matmul ins(%x, %12 : tensor<2x8xf32>, tensor<8x4xf32>) outs(%13 : tensor<2x4xf32>) -> tensor<2x4xf32>
    scf.yield %14 : tensor<2x4xf32>
  }
  %15 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %16 = arith.constant dense<0.0> : tensor<2x3xf32>
  %17 = linalg.matmul ins(%2, %15 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%16 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %17 : tensor<2x3xf32>
}

// -----

// A loop carries what it computes.
// CHECK-LABEL: func @recurrence(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @recurrence(%x: tensor<2x4xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %begin = arith.constant 0 : index
  %step = arith.constant 1 : index
  %end = arith.constant 3 : index
  %0 = scf.for %i = %begin to %end step %step iter_args(%h = %x) -> (tensor<2x4xf32>) {
    %1 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0]]> : tensor<4x4xf32>
    %2 = arith.constant dense<0.0> : tensor<2x4xf32>
    %3 = linalg.matmul ins(%h, %1 : tensor<2x4xf32>, tensor<4x4xf32>) outs(%2 : tensor<2x4xf32>) -> tensor<2x4xf32>
    %4 = arith.constant dense<0.0> : tensor<2x4xf32>
    %5 = linalg.max ins(%3, %4 : tensor<2x4xf32>, tensor<2x4xf32>) outs(%4 : tensor<2x4xf32>) -> tensor<2x4xf32>
    scf.yield %5 : tensor<2x4xf32>
  }
  %6 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %7 = arith.constant dense<0.0> : tensor<2x3xf32>
  %8 = linalg.matmul ins(%0, %6 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%7 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %8 : tensor<2x3xf32>
}

// -----

// A loop that reads something else, too.
// CHECK-LABEL: func @recurrence_with_input(
// CHECK-DAG: ptq.quantize %arg0
// CHECK-DAG: ptq.quantize %arg1
// CHECK: ptq.dequantize
// CHECK: return
func.func @recurrence_with_input(%x: tensor<2x4xf32>, %y: tensor<2x4xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %begin = arith.constant 0 : index
  %step = arith.constant 1 : index
  %end = arith.constant 3 : index
  %0 = scf.for %i = %begin to %end step %step iter_args(%h = %x) -> (tensor<2x4xf32>) {
    %1 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0]]> : tensor<4x4xf32>
    %2 = arith.constant dense<0.0> : tensor<2x4xf32>
    %3 = linalg.matmul ins(%h, %1 : tensor<2x4xf32>, tensor<4x4xf32>) outs(%2 : tensor<2x4xf32>) -> tensor<2x4xf32>
    %4 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0]]> : tensor<4x4xf32>
    %5 = arith.constant dense<0.0> : tensor<2x4xf32>
    %6 = linalg.matmul ins(%y, %4 : tensor<2x4xf32>, tensor<4x4xf32>) outs(%5 : tensor<2x4xf32>) -> tensor<2x4xf32>
    %7 = tensor.empty() : tensor<2x4xf32>
    %8 = linalg.add ins(%3, %6 : tensor<2x4xf32>, tensor<2x4xf32>) outs(%7 : tensor<2x4xf32>) -> tensor<2x4xf32>
    scf.yield %8 : tensor<2x4xf32>
  }
  %9 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %10 = arith.constant dense<0.0> : tensor<2x3xf32>
  %11 = linalg.matmul ins(%0, %9 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%10 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %11 : tensor<2x3xf32>
}

// -----

// Loops carry codes at every level.
// CHECK-LABEL: func @loop_in_loop(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @loop_in_loop(%x: tensor<2x4xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %begin = arith.constant 0 : index
  %step = arith.constant 1 : index
  %end = arith.constant 3 : index
  %0 = scf.for %i = %begin to %end step %step iter_args(%h = %x) -> (tensor<2x4xf32>) {
    %1 = scf.for %j = %begin to %end step %step iter_args(%g = %h) -> (tensor<2x4xf32>) {
      %2 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0]]> : tensor<4x4xf32>
      %3 = arith.constant dense<0.0> : tensor<2x4xf32>
      %4 = linalg.matmul ins(%g, %2 : tensor<2x4xf32>, tensor<4x4xf32>) outs(%3 : tensor<2x4xf32>) -> tensor<2x4xf32>
      scf.yield %4 : tensor<2x4xf32>
    }
    scf.yield %1 : tensor<2x4xf32>
  }
  %5 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %6 = arith.constant dense<0.0> : tensor<2x3xf32>
  %7 = linalg.matmul ins(%0, %5 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%6 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %7 : tensor<2x3xf32>
}

// -----

// A branch decides what the loop carries.
// CHECK-LABEL: func @branch_in_loop(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @branch_in_loop(%x: tensor<2x4xf32>) -> tensor<2x3xf32> attributes {ptq.entry} {
  %begin = arith.constant 0 : index
  %step = arith.constant 1 : index
  %end = arith.constant 3 : index
  %0 = scf.for %i = %begin to %end step %step iter_args(%h = %x) -> (tensor<2x4xf32>) {
    %1 = arith.cmpi eq, %i, %begin : index
    %2 = scf.if %1 -> (tensor<2x4xf32>) {
      %3 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0]]> : tensor<4x4xf32>
      %4 = arith.constant dense<0.0> : tensor<2x4xf32>
      %5 = linalg.matmul ins(%h, %3 : tensor<2x4xf32>, tensor<4x4xf32>) outs(%4 : tensor<2x4xf32>) -> tensor<2x4xf32>
      scf.yield %5 : tensor<2x4xf32>
    } else {
      %6 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0]]> : tensor<4x4xf32>
      %7 = arith.constant dense<0.0> : tensor<2x4xf32>
      %8 = linalg.matmul ins(%h, %6 : tensor<2x4xf32>, tensor<4x4xf32>) outs(%7 : tensor<2x4xf32>) -> tensor<2x4xf32>
      scf.yield %8 : tensor<2x4xf32>
    }
    scf.yield %2 : tensor<2x4xf32>
  }
  %9 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625], [0.25, 1.125, -0.375], [0.5, -1.0, -0.125]]> : tensor<4x3xf32>
  %10 = arith.constant dense<0.0> : tensor<2x3xf32>
  %11 = linalg.matmul ins(%0, %9 : tensor<2x4xf32>, tensor<4x3xf32>) outs(%10 : tensor<2x3xf32>) -> tensor<2x3xf32>
  return %11 : tensor<2x3xf32>
}

// -----

// A loop computes a result piece by piece.
// CHECK-LABEL: func @pieces(
// CHECK: ptq.quantize %arg0
// CHECK: ptq.dequantize
// CHECK: return
func.func @pieces(%x: tensor<3x4xf32>) -> tensor<3x3xf32> attributes {ptq.entry} {
  %0 = arith.constant dense<0.0> : tensor<3x2xf32>
  %begin = arith.constant 0 : index
  %step = arith.constant 1 : index
  %end = arith.constant 3 : index
  %1 = arith.constant dense<[[-0.25, 0.625, -0.875, 0.0], [0.875, -0.625, 0.25, 1.125], [-0.375, 0.5, -1.0, -0.125], [0.75, -0.75, 0.125, 1.0]]> : tensor<4x4xf32>
  %2 = arith.constant dense<0.0> : tensor<3x4xf32>
  %3 = linalg.matmul ins(%x, %1 : tensor<3x4xf32>, tensor<4x4xf32>) outs(%2 : tensor<3x4xf32>) -> tensor<3x4xf32>
  %4 = scf.for %i = %begin to %end step %step iter_args(%h = %0) -> (tensor<3x2xf32>) {
    %5 = tensor.extract_slice %3[%i, 0] [1, 4] [1, 1] : tensor<3x4xf32> to tensor<1x4xf32>
    %6 = arith.constant dense<[[-0.25, 0.625], [-0.875, 0.0], [0.875, -0.625], [0.25, 1.125]]> : tensor<4x2xf32>
    %7 = arith.constant dense<0.0> : tensor<1x2xf32>
    %8 = linalg.matmul ins(%5, %6 : tensor<1x4xf32>, tensor<4x2xf32>) outs(%7 : tensor<1x2xf32>) -> tensor<1x2xf32>
    %9 = tensor.insert_slice %8 into %h[%i, 0] [1, 2] [1, 1] : tensor<1x2xf32> into tensor<3x2xf32>
    scf.yield %9 : tensor<3x2xf32>
  }
  %10 = arith.constant dense<[[-0.25, 0.625, -0.875], [0.0, 0.875, -0.625]]> : tensor<2x3xf32>
  %11 = arith.constant dense<0.0> : tensor<3x3xf32>
  %12 = linalg.matmul ins(%4, %10 : tensor<3x2xf32>, tensor<2x3xf32>) outs(%11 : tensor<3x3xf32>) -> tensor<3x3xf32>
  return %12 : tensor<3x3xf32>
}
