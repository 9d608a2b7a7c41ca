// RUN: ptq-opt %s -split-input-file --ptq-rewrite-to-integer="requantize=fixed-point" | FileCheck %s

// 0.5 * 0.5 / 0.75 is 1431655765 * 2^-32, to 31 bits.
// CHECK-LABEL: func @product
// CHECK-DAG: %[[M:.+]] = arith.constant 1431655{{[0-9]+}} : i32
// CHECK-DAG: %[[K:.+]] = arith.constant 32 : i32
// CHECK: %[[A:.+]] = linalg.matmul {{.*}} -> tensor<?x1xi32>
// CHECK: ptq.requantize %[[A]], %[[M]] shift %[[K]] : tensor<?x1xi32>, i32 shift i32 -> tensor<?x1xi8>
func.func @product(%q: tensor<?x2xi8>, %e: tensor<?x1xf32>) -> tensor<?x1xi8> {
  %s = arith.constant 0.5 : f32
  %sy = arith.constant 0.75 : f32
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1], [2]]> : tensor<2x1xi8>
  %x = ptq.dequantize %q, %s : tensor<?x2xi8>, f32 -> tensor<?x2xf32>
  %v = ptq.dequantize %w, %s : tensor<2x1xi8>, f32 -> tensor<2x1xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x1xf32>) -> tensor<?x1xf32>
  %y = linalg.matmul ins(%x, %v : tensor<?x2xf32>, tensor<2x1xf32>) outs(%f : tensor<?x1xf32>) -> tensor<?x1xf32>
  %c = ptq.quantize %y, %sy : tensor<?x1xf32>, f32 -> tensor<?x1xi8>
  return %c : tensor<?x1xi8>
}

// -----

// A multiplier for each channel.
// CHECK-LABEL: func @channels
// CHECK-DAG: %[[M:.+]] = arith.constant dense<1073741824> : tensor<2xi32>
// CHECK-DAG: %[[K:.+]] = arith.constant dense<[32, 31]> : tensor<2xi32>
// CHECK: ptq.requantize %{{.+}}, %[[M]] shift %[[K]] axis 1 : tensor<?x2xi32>, tensor<2xi32> shift tensor<2xi32> -> tensor<?x2xi8>
func.func @channels(%q: tensor<?x1xi8>, %e: tensor<?x2xf32>) -> tensor<?x2xi8> {
  %s = arith.constant 1.0 : f32
  %zero = arith.constant 0.0 : f32
  %w = arith.constant dense<[[1, 2]]> : tensor<1x2xi8>
  %sw = arith.constant dense<[0.25, 0.5]> : tensor<2xf32>
  %x = ptq.dequantize %q, %s : tensor<?x1xi8>, f32 -> tensor<?x1xf32>
  %v = ptq.dequantize %w, %sw axis 1 : tensor<1x2xi8>, tensor<2xf32> -> tensor<1x2xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  %y = linalg.matmul ins(%x, %v : tensor<?x1xf32>, tensor<1x2xf32>) outs(%f : tensor<?x2xf32>) -> tensor<?x2xf32>
  %c = ptq.quantize %y, %s : tensor<?x2xf32>, f32 -> tensor<?x2xi8>
  return %c : tensor<?x2xi8>
}

// -----

// Terms of a sum share the shift of the larger multiplier: 0.5 / 0.25 is
// 2^28 * 2^-27, 2.0 / 0.25 is 2^30 * 2^-27.
// CHECK-LABEL: func @residual
// CHECK-SAME: (%[[A:[a-z0-9]+]]: tensor<4xi8>, %[[B:[a-z0-9]+]]: tensor<4xi8>,
// CHECK-DAG: %[[MA:.+]] = arith.constant 268435456 : i64
// CHECK-DAG: %[[MB:.+]] = arith.constant 1073741824 : i64
// CHECK-DAG: %[[HALF:.+]] = arith.constant 67108864 : i64
// CHECK-DAG: %[[K:.+]] = arith.constant 27 : i64
// CHECK: linalg.generic {{.*}} ins(%[[A]], %[[B]] : tensor<4xi8>, tensor<4xi8>) outs(%{{.+}} : tensor<4xi8>)
// CHECK: ^bb0(%[[X:.+]]: i8, %[[Y:.+]]: i8, %{{.+}}: i8):
// CHECK: %[[X64:.+]] = arith.extsi %[[X]] : i8 to i64
// CHECK: %[[XC:.+]] = arith.subi %[[X64]], %{{.+}} : i64
// CHECK: %[[YC:.+]] = arith.extsi %[[Y]] : i8 to i64
// CHECK-DAG: %[[XM:.+]] = arith.muli %[[XC]], %[[MA]] : i64
// CHECK-DAG: %[[YM:.+]] = arith.muli %[[YC]], %[[MB]] : i64
// CHECK: %[[S:.+]] = arith.addi %[[XM]], %[[YM]] : i64
// CHECK: %[[R:.+]] = arith.addi %[[S]], %[[HALF]] : i64
// CHECK: arith.shrsi %[[R]], %[[K]] : i64
// CHECK-NOT: f32
// CHECK: linalg.yield
func.func @residual(%a: tensor<4xi8>, %b: tensor<4xi8>, %e: tensor<4xf32>) -> tensor<4xi8> {
  %sa = arith.constant 0.5 : f32
  %za = arith.constant 3 : i8
  %sb = arith.constant 2.0 : f32
  %sy = arith.constant 0.25 : f32
  %x = ptq.dequantize %a, %sa, %za : tensor<4xi8>, f32, i8 -> tensor<4xf32>
  %y = ptq.dequantize %b, %sb : tensor<4xi8>, f32 -> tensor<4xf32>
  %s = linalg.add ins(%x, %y : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %q = ptq.quantize %s, %sy, %za low 3 : tensor<4xf32>, f32, i8 -> tensor<4xi8>
  return %q : tensor<4xi8>
}

// -----

// A product of bytes fits; one of i16 codes does not and stays in f32.
// CHECK-LABEL: func @gate
// CHECK: arith.muli %{{.+}} : i64
// CHECK: arith.shrsi
func.func @gate(%a: tensor<4xi8>, %b: tensor<4xi8>, %e: tensor<4xf32>) -> tensor<4xi8> {
  %s = arith.constant 0.5 : f32
  %x = ptq.dequantize %a, %s : tensor<4xi8>, f32 -> tensor<4xf32>
  %y = ptq.dequantize %b, %s : tensor<4xi8>, f32 -> tensor<4xf32>
  %m = linalg.mul ins(%x, %y : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %q = ptq.quantize %m, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  return %q : tensor<4xi8>
}

// CHECK-LABEL: func @wide_gate
// CHECK: arith.mulf
func.func @wide_gate(%a: tensor<4xi16>, %b: tensor<4xi8>, %e: tensor<4xf32>) -> tensor<4xi8> {
  %s = arith.constant 0.5 : f32
  %x = ptq.dequantize %a, %s : tensor<4xi16>, f32 -> tensor<4xf32>
  %y = ptq.dequantize %b, %s : tensor<4xi8>, f32 -> tensor<4xf32>
  %m = linalg.mul ins(%x, %y : tensor<4xf32>, tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %q = ptq.quantize %m, %s : tensor<4xf32>, f32 -> tensor<4xi8>
  return %q : tensor<4xi8>
}

// -----

// Wide accumulators: 8 products of 16-bit codes take 33 bits, which leave 29
// for the multiplier, 1/3. Beside a bias of 2^40 there are 62 - 42 of them.
// CHECK-LABEL: func @wide
// CHECK-DAG: %[[M:.+]] = arith.constant 357913952 : i32
// CHECK-DAG: %[[K:.+]] = arith.constant 30 : i32
// CHECK: %[[A:.+]] = linalg.matmul {{.*}} -> tensor<4x4xi64>
// CHECK: ptq.requantize %[[A]], %[[M]] shift %[[K]] low -32767
func.func @wide(%p: tensor<4x8xi16>, %q: tensor<8x4xi16>) -> tensor<4x4xi16> {
  %s = arith.constant 0.5 : f32
  %sy = arith.constant 0.75 : f32
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4x4xf32>
  %x = ptq.dequantize %p, %s : tensor<4x8xi16>, f32 -> tensor<4x8xf32>
  %y = ptq.dequantize %q, %s : tensor<8x4xi16>, f32 -> tensor<8x4xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  %z = linalg.matmul ins(%x, %y : tensor<4x8xf32>, tensor<8x4xf32>) outs(%f : tensor<4x4xf32>) -> tensor<4x4xf32>
  %c = ptq.quantize %z, %sy low -32767 : tensor<4x4xf32>, f32 -> tensor<4x4xi16>
  return %c : tensor<4x4xi16>
}

// -----

// CHECK-LABEL: func @wide_with_bias
// CHECK-DAG: %[[M:.+]] = arith.constant 699051 : i32
// CHECK-DAG: %[[K:.+]] = arith.constant 21 : i32
// CHECK: ptq.requantize %{{.+}}, %[[M]] shift %[[K]]
func.func @wide_with_bias(%p: tensor<4x8xi16>, %q: tensor<8x4xi16>) -> tensor<4x4xi16> {
  %m = arith.constant 0.333333343 : f32
  %b = arith.constant dense<[1099511627776, -5, 0, 1]> : tensor<4xi64>
  %e = tensor.empty() : tensor<4x4xi64>
  %f = linalg.broadcast ins(%b : tensor<4xi64>) outs(%e : tensor<4x4xi64>) dimensions = [0]
  %z = linalg.matmul ins(%p, %q : tensor<4x8xi16>, tensor<8x4xi16>) outs(%f : tensor<4x4xi64>) -> tensor<4x4xi64>
  %c = ptq.requantize %z, %m : tensor<4x4xi64>, f32 -> tensor<4x4xi16>
  return %c : tensor<4x4xi16>
}

// -----

// A sum of unknown terms keeps 15 bits.
// CHECK-LABEL: func @unknown
// CHECK-DAG: arith.constant 21845 : i32
func.func @unknown(%a: tensor<4xi64>) -> tensor<4xi16> {
  %m = arith.constant 0.333333343 : f32
  %c = ptq.requantize %a, %m : tensor<4xi64>, f32 -> tensor<4xi16>
  return %c : tensor<4xi16>
}
