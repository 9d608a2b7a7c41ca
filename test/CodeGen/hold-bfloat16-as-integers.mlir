// RUN: ptq-opt %s --ptq-hold-bfloat16-as-integers | FileCheck %s

// Constants keep their bits: 1.0 is 0x3F80. Functions keep what they say.

// CHECK: llvm.mlir.global private constant @table(dense<[16256, -32768]> : tensor<2xi16>) {{.*}} : !llvm.array<2 x i16>
llvm.mlir.global private constant @table(dense<[1.0, -0.0]> : tensor<2xbf16>) {addr_space = 0 : i32} : !llvm.array<2 x bf16>

// CHECK: llvm.mlir.global private constant @blob(dense_resource<blob> : tensor<2xi16>) {{.*}} : !llvm.array<2 x i16>
llvm.mlir.global private constant @blob(dense_resource<blob> : tensor<2xbf16>) {addr_space = 0 : i32} : !llvm.array<2 x bf16>

// CHECK-LABEL: llvm.func @move(
// CHECK-SAME: example.type = tensor<3xbf16>
// CHECK-DAG: llvm.mlir.constant(dense<16256> : vector<3xi16>) : vector<3xi16>
// CHECK-DAG: llvm.mlir.constant(-128 : i16) : i16
// CHECK: llvm.load %{{.*}} : !llvm.ptr -> vector<3xi16>
// CHECK: llvm.select {{.*}} : vector<3xi1>, vector<3xi16>
// CHECK: llvm.br ^bb1(%{{.*}} : vector<3xi16>)
// CHECK: ^bb1(%{{.*}}: vector<3xi16>):
// CHECK: llvm.insertelement {{.*}} : vector<3xi16>
// CHECK: llvm.getelementptr {{.*}} !llvm.array<2 x i16>
llvm.func @move(%p: !llvm.ptr, %mask: vector<3xi1>) attributes {example.type = tensor<3xbf16>} {
  %one = llvm.mlir.constant(dense<1.0> : vector<3xbf16>) : vector<3xbf16>
  %low = llvm.mlir.constant(0xFF80 : bf16) : bf16
  %i = llvm.mlir.constant(1 : i64) : i64
  %x = llvm.load %p : !llvm.ptr -> vector<3xbf16>
  %s = llvm.select %mask, %x, %one : vector<3xi1>, vector<3xbf16>
  llvm.br ^next(%s : vector<3xbf16>)
^next(%v: vector<3xbf16>):
  %w = llvm.insertelement %low, %v[%i : i64] : vector<3xbf16>
  llvm.store %w, %p : vector<3xbf16>, !llvm.ptr
  %t = llvm.mlir.addressof @table : !llvm.ptr
  %a = llvm.getelementptr %t[0, %i] : (!llvm.ptr, i64) -> !llvm.ptr, !llvm.array<2 x bf16>
  %y = llvm.load %a : !llvm.ptr -> bf16
  llvm.store %y, %p : bf16, !llvm.ptr
  llvm.return
}

{-#
  dialect_resources: { builtin: { blob: "0x02000000803F0080" } }
#-}
