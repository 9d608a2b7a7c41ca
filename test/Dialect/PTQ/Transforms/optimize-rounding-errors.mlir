// RUN: rm -rf %t && split-file %s %t

// RUN: not ptq-opt %t/net.mlir --ptq-optimize-rounding 2>&1 | FileCheck %s --check-prefix=NODATA
// NODATA: net.mlir:1:1: error: calibration needs samples: pass data=FILE.npz

// RUN: not ptq-opt %t/net.mlir --ptq-optimize-rounding="data=random samples=-1" 2>&1 | FileCheck %s --check-prefix=SAMPLES
// SAMPLES: error: the number of samples must not be negative
// RUN: not ptq-opt %t/net.mlir --ptq-optimize-rounding="data=random threads=-1" 2>&1 | FileCheck %s --check-prefix=THREADS
// THREADS: error: the number of threads must not be negative
// RUN: not ptq-opt %t/net.mlir --ptq-optimize-rounding="data=random damping=-1" 2>&1 | FileCheck %s --check-prefix=DAMPING
// DAMPING: error: damping must not be negative, got -1
// RUN: not ptq-opt %t/net.mlir --ptq-optimize-rounding="data=random sweeps=-1" 2>&1 | FileCheck %s --check-prefix=SWEEPS
// SWEEPS: error: the number of sweeps must not be negative
// RUN: not ptq-opt %t/net.mlir --ptq-optimize-rounding="data=random iterations=-1" 2>&1 | FileCheck %s --check-prefix=ITERATIONS
// ITERATIONS: error: the number of iterations must not be negative
// RUN: not ptq-opt %t/net.mlir --ptq-optimize-rounding="data=random batch-rows=0" 2>&1 | FileCheck %s --check-prefix=BATCH
// BATCH: error: a batch must have at least one row
// RUN: not ptq-opt %t/net.mlir --ptq-optimize-rounding="data=random learning-rate=0" 2>&1 | FileCheck %s --check-prefix=RATE
// RATE: error: the learning rate must be positive, got 0
// RUN: not ptq-opt %t/net.mlir --ptq-optimize-rounding="data=random regularization=-1" 2>&1 | FileCheck %s --check-prefix=REGULARIZATION
// REGULARIZATION: error: the regularization must not be negative, got -1
// RUN: not ptq-opt %t/net.mlir --ptq-optimize-rounding="data=random warm-start=1" 2>&1 | FileCheck %s --check-prefix=WARM
// WARM: error: the warm start must be a share in [0, 1), got 1
// RUN: not ptq-opt %t/net.mlir --ptq-optimize-rounding="data=random beta-end=0.5" 2>&1 | FileCheck %s --check-prefix=BETA
// BETA: error: beta must be at least 1

// RUN: not ptq-opt %t/range.mlir --ptq-optimize-rounding=data=random 2>&1 | FileCheck %s --check-prefix=RANGE
// RANGE: range.mlir:3:8: error: 'ptq.observe' op has no range; run ptq-run-calibration first

// RUN: not ptq-opt %t/missing.mlir --ptq-optimize-rounding=data=random 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: missing.mlir:3:8: error: 'ptq.observe' op {{.*}}resource 'absent'

// A table without samples is not enough to round by.
// RUN: not ptq-opt %t/float.mlir --ptq-calibrate="scheme=weight-only rounding=gptq" 2>&1 | FileCheck %s --check-prefix=PIPELINE
// PIPELINE: error: calibration needs samples

//--- net.mlir
func.func @forward(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense<0.4> : tensor<2x2xf32>
  %0 = ptq.observe %w name("w") encoding(<i8, symmetric>) rounding(gptq) range(<min = [0.0], max = [1.0]>) : tensor<2x2xf32>
  %1 = linalg.matmul ins(%x, %0 : tensor<2x2xf32>, tensor<2x2xf32>) outs(%x : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}

//--- range.mlir
func.func @forward(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense<0.4> : tensor<2x2xf32>
  %0 = ptq.observe %w name("w") encoding(<i8, symmetric>) rounding(gptq) : tensor<2x2xf32>
  %1 = linalg.matmul ins(%x, %0 : tensor<2x2xf32>, tensor<2x2xf32>) outs(%x : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}

//--- missing.mlir
func.func @forward(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense_resource<absent> : tensor<2x2xf32>
  %0 = ptq.observe %w name("w") encoding(<i8, symmetric>) rounding(gptq) range(<min = [0.0], max = [1.0]>) : tensor<2x2xf32>
  %1 = linalg.matmul ins(%x, %0 : tensor<2x2xf32>, tensor<2x2xf32>) outs(%x : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}

//--- float.mlir
func.func @forward(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense<0.4> : tensor<2x2xf32>
  %1 = linalg.matmul ins(%x, %w : tensor<2x2xf32>, tensor<2x2xf32>) outs(%x : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}
