// RUN: not ptq-opt %s --ptq-calibrate 2>&1 | FileCheck %s --check-prefix=NODATA
// RUN: not ptq-opt %s --ptq-calibrate=dtaa=random 2>&1 | FileCheck %s --check-prefix=OPTION
// RUN: not ptq-opt %s --ptq-calibrate="data=random method=maximum" 2>&1 | FileCheck %s --check-prefix=METHOD
// RUN: not ptq-opt %s --ptq-calibrate="data=random activations=bf16" 2>&1 | FileCheck %s --check-prefix=SCHEME
// RUN: not ptq-opt %s --ptq-calibrate="data=random samples=many" 2>&1 | FileCheck %s --check-prefix=NUMBER
// RUN: not ptq-opt %s --ptq-lower --ptq-calibrate=data=random 2>&1 | FileCheck %s --check-prefix=LOWERED
// RUN: not ptq-opt %s --ptq-calibrate=data=random -o %t.absent/out.mlir 2>&1 | FileCheck %s --check-prefix=OUTPUT

// NODATA: calibrate-errors.mlir:[[#@LINE + 7]]:1: error: calibration needs samples: pass data=FILE.npz
// OPTION: no such option dtaa
// METHOD: Cannot find option named 'maximum'
// SCHEME: error: scheme 'static' quantizes activations, and cannot leave them 'bf16'; 'weight-only' does
// NUMBER: 'many' value invalid
// LOWERED: error: is already lowered; run ptq-calibrate before ptq-lower
// OUTPUT: cannot open output file
func.func @forward(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %w = arith.constant dense<0.5> : tensor<3x3xf32>
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %e = tensor.empty(%n) : tensor<?x3xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?x3xf32>) -> tensor<?x3xf32>
  %0 = linalg.matmul ins(%x, %w : tensor<?x3xf32>, tensor<3x3xf32>) outs(%init : tensor<?x3xf32>) -> tensor<?x3xf32>
  return %0 : tensor<?x3xf32>
}
