// Networks in f16 and bf16 are measured and quantized as the f32 that their numbers
// are, under every scheme; what computes on f64 stays as it is.

// REQUIRES: numpy
// RUN: rm -rf %t && split-file %s %t
// RUN: %python %t/make.py %t
// RUN: ptq-opt %t/half.mlir --ptq-calibrate=data=random --ptq-lower=to=integer -o %t/static.mlir 2>&1 | FileCheck %s --check-prefix=ONE
// RUN: FileCheck %s --check-prefix=STATIC --input-file %t/static.mlir
// RUN: ptq-run %t/static.mlir --verify
// RUN: ptq-opt %t/half.mlir --ptq-calibrate=scheme=dynamic -o %t/dynamic.mlir
// RUN: ptq-run %t/dynamic.mlir --verify
// RUN: ptq-opt %t/half.mlir --ptq-calibrate="data=random method=auto quantize-outputs" -o %t/auto.mlir
// RUN: ptq-run %t/auto.mlir --verify
// RUN: ptq-opt %t/half.mlir --ptq-calibrate="data=random rounding=gptq equalization=smoothquant" 2>&1 | FileCheck %s --check-prefix=ROUNDING
// RUN: ptq-opt %t/half.mlir --ptq-calibrate="data=random method=entropy report=%t/report.html" -o %t/entropy.mlir

// RUN: ptq-opt %t/brain.mlir --ptq-calibrate="scheme=weight-only weights=i4 block=2" -o %t/brain.qdq.mlir 2>&1 | FileCheck %s --check-prefix=ONE
// RUN: FileCheck %s --check-prefix=BRAIN --input-file %t/brain.qdq.mlir
// RUN: ptq-run %t/brain.qdq.mlir --verify
// RUN: ptq-opt %t/brain.mlir --ptq-calibrate=data=random --ptq-lower=to=integer -o %t/brain.static.mlir
// RUN: ptq-run %t/brain.static.mlir --verify --input random
// Softmax is computed in f32, interpreted and compiled.
// RUN: ptq-run %t/softmax.mlir --verify --input random | FileCheck %s --check-prefix=BITS
// BITS: equal to the bit
// The sums that calibration measures are those that compiled code makes: 4096.
// RUN: ptq-opt %t/long.mlir --ptq-calibrate="data=%t/ones.npz quantize-outputs" -o %t/long.qdq.mlir 2>&1 | FileCheck %s --check-prefix=LONG

// RUN: ptq-opt %t/double.mlir --ptq-calibrate=data=random --ptq-lower -o %t/double.llvm.mlir 2>&1 | FileCheck %s --check-prefix=NONE

// LONG: edge '{{.*}}matmul{{.*}}' is constant: always 4096.00

// ONE:  ptq: 1 op quantized, 0 left in float
// NONE: ptq: 0 ops quantized, 1 left in float

// STATIC-LABEL: func @forward
// STATIC:         ptq.quantize %arg0, %{{.*}}, %{{.*}} : tensor<?x4xf16>, f32, i8 -> tensor<?x4xi8>
// STATIC:         linalg.matmul {{.*}} outs(%{{.*}} : tensor<?x2xi32>)
// STATIC:         ptq.dequantize {{.*}} -> tensor<?x2xf16>

// ROUNDING:       ptq.dequantize {{.*}} -> tensor<4x2xf16>

// The largest of each block of 2 is code 7.
// BRAIN-LABEL:  func @forward
// BRAIN:          arith.constant dense<{{.*}}> : tensor<2x2xf16>
// BRAIN:          ptq.unpack %{{.*}} : tensor<4x1xi8> -> tensor<4x2xi4>
// BRAIN:          ptq.dequantize {{.*}} block [2, 1] : {{.*}} -> tensor<4x2xbf16>

//--- make.py
import sys

import numpy as np

np.savez(sys.argv[1] + "/ones.npz", x=np.ones([2, 4096], np.float32))

//--- half.mlir
func.func @forward(%x: tensor<?x4xf16>) -> tensor<?x2xf16> {
  %w = arith.constant dense<[[1.0, -2.0], [0.5, 0.25], [-0.75, 1.5], [0.125, 3.0]]> : tensor<4x2xf16>
  %zero = arith.constant 0.0 : f16
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf16>
  %e = tensor.empty(%n) : tensor<?x2xf16>
  %f = linalg.fill ins(%zero : f16) outs(%e : tensor<?x2xf16>) -> tensor<?x2xf16>
  %r = linalg.matmul ins(%x, %w : tensor<?x4xf16>, tensor<4x2xf16>) outs(%f : tensor<?x2xf16>) -> tensor<?x2xf16>
  return %r : tensor<?x2xf16>
}

//--- softmax.mlir
func.func @forward(%x: tensor<?x7xf16>) -> tensor<?x7xf16> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x7xf16>
  %e = tensor.empty(%n) : tensor<?x7xf16>
  %y = linalg.softmax dimension(1) ins(%x : tensor<?x7xf16>) outs(%e : tensor<?x7xf16>) -> tensor<?x7xf16>
  return %y : tensor<?x7xf16>
}

//--- long.mlir
func.func @forward(%x: tensor<?x4096xbf16>) -> tensor<?x2xbf16> {
  %w = arith.constant dense<1.0> : tensor<4096x2xbf16>
  %zero = arith.constant 0.0 : bf16
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4096xbf16>
  %e = tensor.empty(%n) : tensor<?x2xbf16>
  %f = linalg.fill ins(%zero : bf16) outs(%e : tensor<?x2xbf16>) -> tensor<?x2xbf16>
  %r = linalg.matmul ins(%x, %w : tensor<?x4096xbf16>, tensor<4096x2xbf16>) outs(%f : tensor<?x2xbf16>) -> tensor<?x2xbf16>
  return %r : tensor<?x2xbf16>
}

//--- brain.mlir
func.func @forward(%x: tensor<?x4xbf16>) -> tensor<?x2xbf16> {
  %w = arith.constant dense<[[1.0, -2.0], [0.5, 0.25], [-0.75, 1.5], [0.125, 3.0]]> : tensor<4x2xbf16>
  %zero = arith.constant 0.0 : bf16
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xbf16>
  %e = tensor.empty(%n) : tensor<?x2xbf16>
  %f = linalg.fill ins(%zero : bf16) outs(%e : tensor<?x2xbf16>) -> tensor<?x2xbf16>
  %r = linalg.matmul ins(%x, %w : tensor<?x4xbf16>, tensor<4x2xbf16>) outs(%f : tensor<?x2xbf16>) -> tensor<?x2xbf16>
  return %r : tensor<?x2xbf16>
}

//--- double.mlir
func.func @forward(%x: tensor<?x4xf64>) -> tensor<?x2xf64> {
  %w = arith.constant dense<0.5> : tensor<4x2xf64>
  %zero = arith.constant 0.0 : f64
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf64>
  %e = tensor.empty(%n) : tensor<?x2xf64>
  %f = linalg.fill ins(%zero : f64) outs(%e : tensor<?x2xf64>) -> tensor<?x2xf64>
  %r = linalg.matmul ins(%x, %w : tensor<?x4xf64>, tensor<4x2xf64>) outs(%f : tensor<?x2xf64>) -> tensor<?x2xf64>
  return %r : tensor<?x2xf64>
}
