// One long loop on threads, by OpenMP. The number of threads is part of the code;
// for 0 the runtime chooses.
// RUN: ptq-opt %s -ptq-lower="threads=2 summary=false" -o %t.two.mlir
// RUN: FileCheck %s < %t.two.mlir
// RUN: mlir-translate -mlir-to-llvmir %t.two.mlir | FileCheck %s --check-prefix=IR
// RUN: ptq-opt %s -ptq-lower="threads=0 summary=false" -o %t.any.mlir
// RUN: FileCheck %s --check-prefix=ANY < %t.any.mlir
// RUN: ptq-opt %s -ptq-lower="threads=2 summary=false to=vector" | FileCheck %s --check-prefix=VECTOR
// RUN: ptq-opt %s -ptq-lower="summary=false" | FileCheck %s --check-prefix=ONE

// CHECK-LABEL: llvm.func @forward(
// CHECK-NOT: llvm.call @malloc
// CHECK: %[[TWO:.*]] = llvm.mlir.constant(2 : i32) : i32
// CHECK: omp.parallel num_threads(%[[TWO]] : i32)
// CHECK: omp.loop_nest
// CHECK-NOT: omp.parallel
// ANY: omp.parallel {
// VECTOR: scf.forall
// VECTOR-NOT: scf.parallel
// ONE-NOT: omp.
// IR: call void @__kmpc_push_num_threads({{.*}} i32 2)
// IR: call void {{.*}}@__kmpc_fork_call({{.*}}@forward..omp_par

// Any architecture, with its own instructions in the threads' part.
// RUN: ptq-opt %s -ptq-lower="threads=2 summary=false cpu=neoverse-n1" | ptq-translate --emit-assembly | FileCheck %s --check-prefix=ARM
// ARM-LABEL: forward{{.*}}..omp_par:
// ARM: bl __kmpc_for_static_init
// ARM: sdot
// ARM: bl __kmpc_fork_call
// RUN: ptq-opt %s -ptq-lower="threads=2 summary=false cpu=x86-64-v3" | ptq-translate --emit-assembly | FileCheck %s --check-prefix=X86
// X86-LABEL: forward{{.*}}..omp_par:
// X86: __kmpc_for_static_init
// X86: vpmaddwd {{.*}}ymm
// X86: __kmpc_fork_call

// The same numbers, whatever the threads.
// REQUIRES: numpy, openmp
// RUN: ptq-opt %s -ptq-lower="summary=false" -o %t.one.mlir
// RUN: ptq-opt %s -ptq-lower="threads=3 thread-cost=0 summary=false" -o %t.three.mlir
// RUN: %python -c "import numpy as n; n.savez('%t.npz', x=n.random.default_rng(0).integers(-128, 128, (32768, 16), n.int8))"
// RUN: ptq-run %t.one.mlir --input %t.npz --output %t.one.npz
// RUN: ptq-run %t.two.mlir --input %t.npz --output %t.two.npz
// RUN: ptq-run %t.any.mlir --input %t.npz --output %t.any.npz
// RUN: ptq-run %t.three.mlir --input %t.npz --output %t.three.npz
// RUN: %python -c "import numpy as n, sys; a, *b = (n.load(f)['y'] for f in sys.argv[1:]); sys.exit(not all(n.array_equal(a, c) for c in b))" %t.one.npz %t.two.npz %t.any.npz %t.three.npz

func.func @forward(%x: tensor<32768x16xi8>) -> tensor<32768x16xi32>
    attributes {ptq.entry, ptq.signature = {version = 1 : i64,
      inputs = [{name = "x", type = tensor<32768x16xi8>}],
      outputs = [{name = "y", type = tensor<32768x16xi32>}]}} {
  %zero = arith.constant 0 : i32
  %w = arith.constant dense_resource<w> : tensor<16x16xi8>
  %e = tensor.empty() : tensor<32768x16xi32>
  %start = linalg.fill ins(%zero : i32) outs(%e : tensor<32768x16xi32>) -> tensor<32768x16xi32>
  %y = linalg.matmul ins(%x, %w : tensor<32768x16xi8>, tensor<16x16xi8>)
                     outs(%start : tensor<32768x16xi32>) -> tensor<32768x16xi32>
  return %y : tensor<32768x16xi32>
}

{-# dialect_resources: { builtin: {
  w: "0x01000000000102030405060708090A0B0C0D0E0F25262728292A2B2C2D2E2F30313233344A4B4C4D4E4F505152535455565758596F707172737475767778797A7B7C7D7E9495969798999A9B9C9D9E9FA0A1A2A3B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8DEDFE0E1E2E3E4E5E6E7E8E9EAEBECED030405060708090A0B0C0D0E0F10111228292A2B2C2D2E2F30313233343536374D4E4F505152535455565758595A5B5C72737475767778797A7B7C7D7E7F80819798999A9B9C9D9E9FA0A1A2A3A4A5A6BCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBE1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0060708090A0B0C0D0E0F1011121314152B2C2D2E2F303132333435363738393A"
} } #-}
