// RUN: ptq-opt %s -ptq-attach-target=cpu=znver4 | FileCheck %s
// RUN: ptq-opt %s -ptq-attach-target='cpu=icelake-server features=+avxvnni' | FileCheck %s --check-prefix=PAIRS
// RUN: ptq-opt %s -ptq-attach-target='cpu=cortex-a53 features=+dotprod' | FileCheck %s --check-prefix=ARM

// CHECK: module attributes {{.*}}llvm.target_triple = "x86_64
// CHECK-LABEL: llvm.func @forward()
// CHECK-SAME: passthrough = [
// CHECK-SAME: ["prefer-vector-width", "512"], ["alignstack", "64"]
// CHECK-SAME: ptq.entry
// CHECK-SAME: cpu = "znver4"
// CHECK-SAME: features = "{{.*}}+avx512vnni
// CHECK-SAME: target_cpu = "znver4"
// What only says what is fast is required of no processor.
// PAIRS-NOT: features = "{{.*}}+fast-dpwssd
// PAIRS: target_features = #llvm.target_features<["+avxvnni", "+fast-dpwssd"]>
// ARM: llvm.target_triple = "aarch64
// ARM: features = "{{.*}}+dotprod
// ARM: target_features = #llvm.target_features<["+dotprod"]>
llvm.func @forward() attributes {
    ptq.entry, ptq.signature = {version = 1 : i64, inputs = [], outputs = []}} {
  llvm.return
}

// CHECK-LABEL: llvm.func @_mlir_ciface_forward()
// CHECK-NOT: ptq.entry
// CHECK-SAME: target_cpu = "znver4"
llvm.func @_mlir_ciface_forward() attributes {
    ptq.entry, ptq.signature = {version = 1 : i64, inputs = [], outputs = []}} {
  llvm.return
}
