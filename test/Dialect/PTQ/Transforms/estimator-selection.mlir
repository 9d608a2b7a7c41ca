// REQUIRES: numpy
// RUN: rm -rf %t && mkdir %t && %python %S/Inputs/write_outliers.py %t
// RUN: ptq-opt %s --ptq-fold-constants=max-growth=4096 --ptq-insert-observers --ptq-run-calibration=data=%t/outliers.npz -o %t/chosen.mlir
// RUN: FileCheck %s --input-file=%t/chosen.mlir

// The estimator `auto` is settled by what the consumers of an edge make of it.
// The first element of every sample is far out. Where its weight is zero, it
// may be clipped, for the sake of all others; where its weight is large,
// nothing may be clipped.
// CHECK-LABEL: func @forward
// CHECK-DAG: name("unread") {{.*}}estimator({{ ?}}auto) {{.*}}estimator = {{kl|entropy|omse}}, samples = 32>)
// CHECK-DAG: name("read") {{.*}}estimator({{ ?}}auto) range(<min = [-{{[0-9][0-9][0-9][0-9][.][0-9]+}}], max = [{{[0-9][0-9][0-9][0-9][.][0-9]+}}], samples = 32>)

// The choice depends on nothing else: not on threads, nor on where statistics
// come from.
// RUN: ptq-opt %s --ptq-fold-constants=max-growth=4096 --ptq-insert-observers --ptq-run-calibration="data=%t/outliers.npz threads=1 table-out=%t/table" -o %t/single.mlir
// RUN: cmp %t/chosen.mlir %t/single.mlir
// RUN: ptq-opt %s --ptq-fold-constants=max-growth=4096 --ptq-insert-observers --ptq-run-calibration="data=%t/outliers.npz table-in=%t/table" -o %t/table.mlir
// RUN: cmp %t/chosen.mlir %t/table.mlir

// A table alone does not tell what consumers make of an edge.
// RUN: not ptq-opt %s --ptq-fold-constants=max-growth=4096 --ptq-insert-observers --ptq-run-calibration=table-in=%t/table 2>&1 | FileCheck %s --check-prefix=TABLE
// TABLE: error: {{.*}}edge '{{.*}}' gets the estimator that harms its consumers least, which is found by running samples: pass data, also beside table-in

// With a report, the harm of every edge is measured, whoever chose its range.
// RUN: ptq-opt %s --ptq-fold-constants=max-growth=4096 --ptq-insert-observers --ptq-run-calibration="data=%t/outliers.npz report=%t/report.html" -o /dev/null
// RUN: FileCheck %s --input-file=%t/report.html --check-prefix=REPORT
// REPORT: "harm":{{[0-9.e-]+}}

func.func @forward(%x: tensor<?x256xf32> loc("x")) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x256xf32>
  %empty = tensor.empty(%n) : tensor<?x4xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x4xf32>) -> tensor<?x4xf32>

  // Two values, so that each gets an edge of its own.
  %unread = arith.negf %x : tensor<?x256xf32> loc("unread")
  %read = arith.negf %x : tensor<?x256xf32> loc("read")

  %large = arith.constant dense<1.0> : tensor<1x4xf32>
  %none = arith.constant dense<0.0> : tensor<1x4xf32>
  %rest = arith.constant dense<0.25> : tensor<255x4xf32>
  %w0 = tensor.concat dim(0) %none, %rest : (tensor<1x4xf32>, tensor<255x4xf32>) -> tensor<256x4xf32>
  %w1 = tensor.concat dim(0) %large, %rest : (tensor<1x4xf32>, tensor<255x4xf32>) -> tensor<256x4xf32>

  %0 = linalg.matmul {ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>, estimator = auto>}
       ins(%unread, %w0 : tensor<?x256xf32>, tensor<256x4xf32>) outs(%init : tensor<?x4xf32>) -> tensor<?x4xf32>
  %1 = linalg.matmul {ptq.scheme = #ptq.scheme<activations = <i8, asymmetric>, estimator = auto>}
       ins(%read, %w1 : tensor<?x256xf32>, tensor<256x4xf32>) outs(%init : tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
}
