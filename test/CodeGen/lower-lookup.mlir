// RUN: ptq-opt %s -ptq-lower-lookup=cpu=icelake-server -canonicalize | FileCheck %s --check-prefixes=CHECK,VBMI
// RUN: ptq-opt %s -ptq-lower-lookup=cpu=skylake-avx512 -canonicalize | FileCheck %s --check-prefixes=CHECK,BW
// RUN: ptq-opt %s -ptq-lower-lookup=cpu=x86-64-v3 -canonicalize | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: ptq-opt %s -ptq-lower-lookup=cpu=x86-64-v2 -canonicalize | FileCheck %s --check-prefixes=CHECK,SSSE3
// RUN: ptq-opt %s -ptq-lower-lookup=cpu=x86-64 -canonicalize | FileCheck %s --check-prefixes=CHECK,LOADS
// RUN: ptq-opt %s -ptq-lower-lookup=cpu=cortex-a53 -canonicalize | FileCheck %s --check-prefixes=CHECK,NEON

// The entries are in the order of the codes' bits: those from 0 on come first.

// LOADS: memref.global "private" constant @lookup_table : memref<256xi8> = dense_resource<lookup_table>

// A register of bytes: VBMI has tables of 128 bytes, the sign chooses between
// two. AArch64 has tables of 64 bytes, and each lookup keeps what the ones before
// it have found. Of tables of 16 bytes it takes as many, whose entries are
// differences.

// CHECK-LABEL: func.func @registers
// VBMI-DAG: %[[ZERO:.*]] = arith.constant dense<0> : vector<64xi8>
// VBMI-DAG: %[[A:.*]] = arith.constant dense<[-115, -108, {{.*}}]> : vector<64xi8>
// VBMI-DAG: %[[D:.*]] = arith.constant dense<[{{.*}}, 127, -122]> : vector<64xi8>
// VBMI: %[[S:.*]] = arith.cmpi slt, %[[X:.*]], %[[ZERO]] : vector<64xi8>
// VBMI: %[[LOW:.*]] = llvm.call_intrinsic "llvm.x86.avx512.vpermi2var.qi.512"(%[[A]], %[[X]], %{{.*}})
// VBMI: %[[HIGH:.*]] = llvm.call_intrinsic "llvm.x86.avx512.vpermi2var.qi.512"(%{{.*}}, %[[X]], %[[D]])
// VBMI: arith.select %[[S]], %[[HIGH]], %[[LOW]]
// BW-COUNT-16: llvm.call_intrinsic "llvm.x86.avx512.pshuf.b.512"
// BW-NOT: llvm.call_intrinsic
// AVX2: %[[X:.*]] = vector.extract_strided_slice %{{.*}} {offsets = [0], sizes = [32], strides = [1]}
// AVX2: %[[Y:.*]] = vector.extract_strided_slice %{{.*}} {offsets = [32], sizes = [32], strides = [1]}
// AVX2: %[[A:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"(%[[T:.*]], %[[X]])
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"(%[[T]], %[[Y]])
// AVX2: %[[NEXT:.*]] = llvm.intr.ssub.sat(%[[X]], %[[STEP:[^)]*]])
// AVX2: %[[B:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"(%{{.*}}, %[[NEXT]])
// AVX2: arith.xori %[[A]], %[[B]]
// AVX2: llvm.intr.ssub.sat(%[[Y]], %[[STEP]])
// AVX2-COUNT-12: llvm.intr.ssub.sat
// AVX2: %[[FLIPPED:.*]] = arith.xori %[[X]], %{{.*}} : vector<32xi8>
// AVX2: llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"(%{{.*}}, %[[FLIPPED]])
// AVX2: llvm.intr.ssub.sat(%[[FLIPPED]], %[[STEP]])
// AVX2-COUNT-13: llvm.intr.ssub.sat
// SSSE3-COUNT-64: llvm.call_intrinsic "llvm.x86.ssse3.pshuf.b.128"
// NEON-COUNT-4: llvm.call_intrinsic "llvm.aarch64.neon.tbl4.v16i8"
// NEON-COUNT-12: llvm.call_intrinsic "llvm.aarch64.neon.tbx4.v16i8"
// LOADS-COUNT-64: memref.load
func.func @registers(%q: vector<64xi8>) -> vector<64xi8> {
  %y = ptq.lookup_byte %q, dense<"0x0D141B222930373E454C535A61686F767D848B9299A0A7AEB5BCC3CAD1D8DFE6EDF4FB020910171E252C333A41484F565D646B727980878E959CA3AAB1B8BFC6CDD4DBE2E9F0F7FE050C131A21282F363D444B525960676E757C838A91989FA6ADB4BBC2C9D0D7DEE5ECF3FA01080F161D242B323940474E555C636A71787F868D949BA2A9B0B7BEC5CCD3DAE1E8EFF6FD040B121920272E353C434A51585F666D747B828990979EA5ACB3BAC1C8CFD6DDE4EBF2F900070E151C232A31383F464D545B626970777E858C939AA1A8AFB6BDC4CBD2D9E0E7EEF5FC030A11181F262D343B424950575E656C737A81888F969DA4ABB2B9C0C7CED5DCE3EAF1F8FF06"> : tensor<256xi8> : vector<64xi8>
  return %y : vector<64xi8>
}

// What does not fill a register is filled up, unless loads are faster.

// CHECK-LABEL: func.func @half
// VBMI: %[[X:.*]] = vector.shuffle %{{.*}}, %{{.*}} [0, 1, 2, 3, 4, 5, 6, 7, -1, {{.*}}] : vector<8xi8>, vector<8xi8>
// VBMI-COUNT-2: llvm.call_intrinsic "llvm.x86.avx512.vpermi2var.qi.512"
// VBMI: vector.extract_strided_slice {{.*}} : vector<64xi8> to vector<8xi8>
// BW-COUNT-16: llvm.call_intrinsic "llvm.x86.ssse3.pshuf.b.128"
// AVX2-COUNT-16: llvm.call_intrinsic "llvm.x86.ssse3.pshuf.b.128"
// SSSE3-COUNT-16: llvm.call_intrinsic "llvm.x86.ssse3.pshuf.b.128"
// NEON: llvm.call_intrinsic "llvm.aarch64.neon.tbl4.v16i8"
// LOADS-COUNT-8: memref.load
func.func @half(%q: vector<8xi8>) -> vector<8xi8> {
  %y = ptq.lookup_byte %q, dense<"0x0D141B222930373E454C535A61686F767D848B9299A0A7AEB5BCC3CAD1D8DFE6EDF4FB020910171E252C333A41484F565D646B727980878E959CA3AAB1B8BFC6CDD4DBE2E9F0F7FE050C131A21282F363D444B525960676E757C838A91989FA6ADB4BBC2C9D0D7DEE5ECF3FA01080F161D242B323940474E555C636A71787F868D949BA2A9B0B7BEC5CCD3DAE1E8EFF6FD040B121920272E353C434A51585F666D747B828990979EA5ACB3BAC1C8CFD6DDE4EBF2F900070E151C232A31383F464D545B626970777E858C939AA1A8AFB6BDC4CBD2D9E0E7EEF5FC030A11181F262D343B424950575E656C737A81888F969DA4ABB2B9C0C7CED5DCE3EAF1F8FF06"> : tensor<256xi8> : vector<8xi8>
  return %y : vector<8xi8>
}

// CHECK-LABEL: func.func @register
// NEON: %[[R0:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.tbl4.v16i8"(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[X:[^,)]*]])
// NEON: %[[P1:.*]] = arith.subi %[[X]], %[[SIZE:[^ ]*]] : vector<16xi8>
// NEON: %[[R1:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.tbx4.v16i8"(%[[R0]], {{.*}}, %[[P1]])
// NEON: %[[P2:.*]] = arith.subi %[[P1]], %[[SIZE]]
// NEON: %[[R2:.*]] = llvm.call_intrinsic "llvm.aarch64.neon.tbx4.v16i8"(%[[R1]], {{.*}}, %[[P2]])
// NEON: %[[P3:.*]] = arith.subi %[[P2]], %[[SIZE]]
// NEON: llvm.call_intrinsic "llvm.aarch64.neon.tbx4.v16i8"(%[[R2]], {{.*}}, %[[P3]])
func.func @register(%q: vector<16xi8>) -> vector<16xi8> {
  %y = ptq.lookup_byte %q, dense<"0x0D141B222930373E454C535A61686F767D848B9299A0A7AEB5BCC3CAD1D8DFE6EDF4FB020910171E252C333A41484F565D646B727980878E959CA3AAB1B8BFC6CDD4DBE2E9F0F7FE050C131A21282F363D444B525960676E757C838A91989FA6ADB4BBC2C9D0D7DEE5ECF3FA01080F161D242B323940474E555C636A71787F868D949BA2A9B0B7BEC5CCD3DAE1E8EFF6FD040B121920272E353C434A51585F666D747B828990979EA5ACB3BAC1C8CFD6DDE4EBF2F900070E151C232A31383F464D545B626970777E858C939AA1A8AFB6BDC4CBD2D9E0E7EEF5FC030A11181F262D343B424950575E656C737A81888F969DA4ABB2B9C0C7CED5DCE3EAF1F8FF06"> : tensor<256xi8> : vector<16xi8>
  return %y : vector<16xi8>
}

// CHECK-LABEL: func.func @rest
// VBMI-COUNT-2: llvm.call_intrinsic
// VBMI-NOT: memref.load
// AVX2-COUNT-16: llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"
// AVX2-COUNT-3: memref.load
// AVX2: vector.from_elements
// NEON-COUNT-12: llvm.call_intrinsic
// NEON-NOT: memref.load
func.func @rest(%q: vector<35xi8>) -> vector<35xi8> {
  %y = ptq.lookup_byte %q, dense<"0x0D141B222930373E454C535A61686F767D848B9299A0A7AEB5BCC3CAD1D8DFE6EDF4FB020910171E252C333A41484F565D646B727980878E959CA3AAB1B8BFC6CDD4DBE2E9F0F7FE050C131A21282F363D444B525960676E757C838A91989FA6ADB4BBC2C9D0D7DEE5ECF3FA01080F161D242B323940474E555C636A71787F868D949BA2A9B0B7BEC5CCD3DAE1E8EFF6FD040B121920272E353C434A51585F666D747B828990979EA5ACB3BAC1C8CFD6DDE4EBF2F900070E151C232A31383F464D545B626970777E858C939AA1A8AFB6BDC4CBD2D9E0E7EEF5FC030A11181F262D343B424950575E656C737A81888F969DA4ABB2B9C0C7CED5DCE3EAF1F8FF06"> : tensor<256xi8> : vector<35xi8>
  return %y : vector<35xi8>
}

// CHECK-LABEL: func.func @byte
// CHECK-SAME: (%[[Q:.*]]: i8)
// CHECK: %[[TABLE:.*]] = memref.get_global @lookup_table : memref<256xi8>
// CHECK: %[[I:.*]] = arith.index_castui %[[Q]] : i8 to index
// CHECK: memref.load %[[TABLE]][%[[I]]]
func.func @byte(%q: i8) -> i8 {
  %y = ptq.lookup_byte %q, dense<"0x0D141B222930373E454C535A61686F767D848B9299A0A7AEB5BCC3CAD1D8DFE6EDF4FB020910171E252C333A41484F565D646B727980878E959CA3AAB1B8BFC6CDD4DBE2E9F0F7FE050C131A21282F363D444B525960676E757C838A91989FA6ADB4BBC2C9D0D7DEE5ECF3FA01080F161D242B323940474E555C636A71787F868D949BA2A9B0B7BEC5CCD3DAE1E8EFF6FD040B121920272E353C434A51585F666D747B828990979EA5ACB3BAC1C8CFD6DDE4EBF2F900070E151C232A31383F464D545B626970777E858C939AA1A8AFB6BDC4CBD2D9E0E7EEF5FC030A11181F262D343B424950575E656C737A81888F969DA4ABB2B9C0C7CED5DCE3EAF1F8FF06"> : tensor<256xi8> : i8
  return %y : i8
}
