// RUN: split-file %s %t
// RUN: not ptq-opt %t/short.mlir -ptq-distribute-loops=threads=-1 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not ptq-opt %t/short.mlir -ptq-distribute-loops=threads=1025 2>&1 | FileCheck %s --check-prefix=MANY
// RUN: not ptq-opt %t/short.mlir -ptq-distribute-loops=threads=all 2>&1 | FileCheck %s --check-prefix=TEXT
// RUN: not ptq-opt %t/short.mlir -ptq-lower=threads=-2 2>&1 | FileCheck %s --check-prefix=PIPELINE
// RUN: not ptq-opt %t/short.mlir -ptq-lower=threads=99999999999 2>&1 | FileCheck %s --check-prefix=HUGE
// RUN: not ptq-opt %t/short.mlir -ptq-lower=threads=2.5 2>&1 | FileCheck %s --check-prefix=FRACTION
// RUN: not ptq-opt %t/short.mlir -ptq-distribute-loops=thread-cost=-1 2>&1 | FileCheck %s --check-prefix=COST
// RUN: not ptq-opt %t/short.mlir -ptq-lower=thread-cost=nan 2>&1 | FileCheck %s --check-prefix=COST
// COST: error: the cost of threads must not be negative, got
// NEGATIVE: error: the number of threads must be from 0 to 1024, got -1
// MANY: error: the number of threads must be from 0 to 1024, got 1025
// TEXT: 'all' value invalid for
// PIPELINE: error: the number of threads must be from 0 to 1024, got -2
// HUGE: error: the number of threads must be from 0 to 1024, got 99999999999
// FRACTION: '2.5' value invalid for

// RUN: ptq-opt %t/short.mlir -verify-diagnostics -ptq-distribute-loops=threads=2 --remarks-filter='ptq-distribute.*' -o /dev/null
// RUN: ptq-opt %t/reduction.mlir -verify-diagnostics -ptq-distribute-loops=threads=2 -o /dev/null
// RUN: ptq-opt %t/reduction.mlir -ptq-distribute-loops | FileCheck %s
// CHECK: scf.parallel

//--- short.mlir
func.func @forward(%x: memref<128xf32>) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %c128 = arith.constant 128 : index
  // expected-remark@+1 {{a loop of about 48 operations is too short to be divided among threads}}
  scf.parallel (%i) = (%c0) to (%c128) step (%c8) {
    %v = vector.load %x[%i] : memref<128xf32>, vector<8xf32>
    %w = arith.addf %v, %v : vector<8xf32>
    vector.store %w, %x[%i] : memref<128xf32>, vector<8xf32>
  }
  return
}

//--- reduction.mlir
func.func @forward(%x: memref<128xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %zero = arith.constant 0.0 : f32
  // expected-error@+1 {{is a reduction, whose order threads would not keep: only threads=1 takes it}}
  %sum = scf.parallel (%i) = (%c0) to (%c128) step (%c1) init (%zero) -> f32 {
    %v = memref.load %x[%i] : memref<128xf32>
    scf.reduce(%v : f32) {
    ^bb0(%a: f32, %b: f32):
      %t = arith.addf %a, %b : f32
      scf.reduce.return %t : f32
    }
  }
  return %sum : f32
}
