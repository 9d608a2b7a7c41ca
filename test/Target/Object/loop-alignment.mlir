// Loops begin at cache lines.
// RUN: ptq-translate --emit-assembly %s | FileCheck %s
// CHECK:      .p2align 6
// CHECK-NEXT: .LBB
// CHECK:      j{{[a-z]+}} .LBB

module attributes {llvm.target_triple = "x86_64-pc-linux-gnu"} {
  llvm.func @forward(
      %0: !llvm.ptr, %1: !llvm.ptr, %2: i64, %3: i64, %4: i64,
      %5: !llvm.ptr, %6: !llvm.ptr, %7: i64, %8: i64, %9: i64) attributes {
      ptq.entry, ptq.signature = {version = 1, cpu = "znver3", features = "+avx2,+fma",
        inputs = [{name = "x", type = tensor<?xf32>, sample_axis = 0}],
        outputs = [{name = "y", type = tensor<?xf32>, sample_axis = 0}]}} {
    %zero = llvm.mlir.constant(0 : i64) : i64
    %one = llvm.mlir.constant(1 : i64) : i64
    llvm.br ^loop(%zero : i64)
  ^loop(%i: i64):
    %from = llvm.getelementptr %1[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    %to = llvm.getelementptr %6[%i] : (!llvm.ptr, i64) -> !llvm.ptr, f32
    %x = llvm.load volatile %from : !llvm.ptr -> f32
    llvm.store volatile %x, %to : f32, !llvm.ptr
    %next = llvm.add %i, %one : i64
    %more = llvm.icmp "slt" %next, %3 : i64
    llvm.cond_br %more, ^loop(%next : i64), ^end
  ^end:
    llvm.return
  }
  llvm.func @_mlir_ciface_forward(%x: !llvm.ptr, %y: !llvm.ptr) {
    llvm.return
  }
}
