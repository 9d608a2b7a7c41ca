// Sums of blocks become dot products that are scaled and added on registers: no
// buffer of sums is left, whatever the target.

// RUN: ptq-opt %s -ptq-lower='to=vector weight-only=i8 cpu=x86-64-v3 summary=false' | FileCheck %s --check-prefixes=CHECK,PAIRS
// RUN: ptq-opt %s -ptq-lower='to=vector weight-only=i8 cpu=znver4 summary=false' | FileCheck %s --check-prefixes=CHECK,QUADS
// RUN: ptq-opt %s -ptq-lower='to=vector weight-only=i8 cpu=cortex-a53 features=+dotprod summary=false' | FileCheck %s --check-prefixes=CHECK,SIGNED
// RUN: ptq-opt %s -ptq-lower='to=vector weight-only=i8 cpu=neoverse-v1 summary=false' | FileCheck %s --check-prefixes=CHECK,SQUARES
// RUN: ptq-opt %s -ptq-lower='to=vector weight-only=i16 cpu=x86-64-v3 summary=false' | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: ptq-opt %s -ptq-lower='to=vector weight-only=i8 cpu=x86-64 summary=false' | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: ptq-opt %s -ptq-lower='to=vector weight-only=i16 cpu=znver4 summary=false' | FileCheck %s --check-prefixes=CHECK,PLANES
// RUN: ptq-opt %s -ptq-lower='to=vector weight-only=i16 cpu=arrowlake summary=false' | FileCheck %s --check-prefixes=CHECK,MIXED-PLANES
// RUN: ptq-opt %s -ptq-lower='to=vector weight-only=i16 cpu=cortex-a53 features=+dotprod summary=false' | FileCheck %s --check-prefixes=CHECK,SIGNED-PLANES
// RUN: ptq-opt %s -ptq-lower='to=vector weight-only=i16 cpu=neoverse-v1 summary=false' | FileCheck %s --check-prefixes=CHECK,SQUARE-PLANES
// RUN: ptq-opt %s -ptq-lower='to=vector weight-only=i8 cpu=cortex-a53 summary=false' --remarks-filter='ptq-vectorize-contractions' 2>&1 | FileCheck %s --check-prefix=MISSED

// What they become, per target:
// RUN: ptq-opt %s -ptq-lower='weight-only=i8 cpu=x86-64-v3' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=AVX2
// RUN: ptq-opt %s -ptq-lower='weight-only=i8 cpu=x86-64-v2' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=SSSE3
// RUN: ptq-opt %s -ptq-lower='weight-only=i8 cpu=x86-64' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=SSE2
// RUN: ptq-opt %s -ptq-lower='weight-only=i8 cpu=skylake-avx512' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=AVX512
// RUN: ptq-opt %s -ptq-lower='weight-only=i8 cpu=znver4' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=VNNI
// RUN: ptq-opt %s -ptq-lower='weight-only=i8 cpu=alderlake' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=AVXVNNI
// RUN: ptq-opt %s -ptq-lower='weight-only=i8 cpu=cortex-a53 features=+dotprod' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=DOTPROD
// RUN: ptq-opt %s -ptq-lower='weight-only=i8 cpu=neoverse-v1' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=I8MM
// RUN: ptq-opt %s -ptq-lower='weight-only=i16 cpu=x86-64-v3' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=AVX2-I16
// RUN: ptq-opt %s -ptq-lower='weight-only=i16 cpu=znver4' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=VNNI-I16
// RUN: ptq-opt %s -ptq-lower='weight-only=i16 cpu=icelake-server' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=VNNI-I16
// RUN: ptq-opt %s -ptq-lower='weight-only=i16 cpu=skylake-avx512' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=AVX512-I16
// RUN: ptq-opt %s -ptq-lower='weight-only=i16 cpu=alderlake' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=AVXVNNI-I16
// RUN: ptq-opt %s -ptq-lower='weight-only=i16 cpu=cortex-a53 features=+dotprod' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=DOTPROD-I16
// RUN: ptq-opt %s -ptq-lower='weight-only=i16 cpu=neoverse-v1' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=I8MM-I16

// A record holds the scales of the lanes and the codes of a block.
// PAIRS: memref.global "private" constant @packed_weights : memref<1152xi8>
// CHECK-LABEL: func.func @forward(
// CHECK-NOT: memref<{{.*}}x16xi32>
// PAIRS: %[[W:.*]] = vector.load %{{.*}} : memref<1152xi8>, vector<32xi8>
// PAIRS: %[[LOW:.*]] = arith.andi %[[W]]
// PAIRS: %[[P:.*]] = ptq.dot %{{.*}}, %[[LOW]], %{{.*}} unsigned_a : vector<16xi16>, vector<32xi8>, vector<32xi8>
// PAIRS: arith.shrui %[[W]]
// PAIRS: ptq.dot %[[P]], {{.*}} unsigned_a : vector<16xi16>
// PAIRS: %[[SUM:.*]] = ptq.dot %{{.*}} : vector<8xi32>, vector<16xi16>, vector<16xi16>
// QUADS: arith.andi
// QUADS: %[[SUM:.*]] = ptq.dot %{{.*}} unsigned_a : vector<16xi32>, vector<64xi8>, vector<64xi8>
// SIGNED: arith.andi
// SIGNED-NOT: arith.shrsi
// SIGNED: %[[SUM:.*]] = ptq.dot %{{.*}} : vector<4xi32>, vector<16xi8>, vector<16xi8>
// SQUARES: arith.andi {{.*}} : vector<32xi8>
// SQUARES: ptq.dot %{{.*}} rows 2 : vector<4xi32>, vector<16xi8>, vector<16xi8>
// SQUARES: %[[SUM:.*]] = vector.shuffle %{{.*}} [0, 1, 4, 5] : vector<8xi32>, vector<8xi32>
// WIDE: arith.andi
// WIDE-NOT: arith.shrsi
// WIDE: %[[SUM:.*]] = ptq.dot %{{.*}} : vector<{{[48]}}xi32>, vector<{{8|16}}xi16>, vector<{{8|16}}xi16>
// Activations of two bytes are split once. Weights are 0 to 15, the same with
// and without sign.
// PLANES: %[[CODES:.*]] = vector.load {{.*}}, vector<64xi16>
// PLANES: arith.trunci %[[CODES]] : vector<64xi16> to vector<64xi8>
// PLANES: %[[SHIFTED:.*]] = arith.shrui %[[CODES]]
// PLANES: arith.trunci %[[SHIFTED]] : vector<64xi16> to vector<64xi8>
// PLANES: %[[W:.*]] = arith.andi {{.*}} : vector<64xi8>
// PLANES: %[[LOW:.*]] = ptq.dot %{{.*}}, %{{.*}}, %[[W]] unsigned_a : vector<16xi32>, vector<64xi8>, vector<64xi8>
// PLANES: %[[HIGH:.*]] = ptq.dot %{{.*}}, %[[W]], %{{.*}} unsigned_a : vector<16xi32>, vector<64xi8>, vector<64xi8>
// PLANES: %[[SCALED:.*]] = arith.muli %{{.*}}, %{{.*}} : vector<16xi32>
// PLANES: arith.addi %{{.*}}, %[[SCALED]]
// MIXED-PLANES: ptq.dot %{{.*}} unsigned_a : vector<8xi32>, vector<32xi8>, vector<32xi8>
// MIXED-PLANES: ptq.dot %{{[^u]*}} : vector<8xi32>, vector<32xi8>, vector<32xi8>
// SIGNED-PLANES: ptq.dot %{{.*}} unsigned_a unsigned_b : vector<4xi32>, vector<16xi8>, vector<16xi8>
// SIGNED-PLANES: ptq.dot %{{[^u]*}} : vector<4xi32>, vector<16xi8>, vector<16xi8>
// SQUARE-PLANES: ptq.dot %{{.*}} unsigned_a unsigned_b rows 2 : vector<4xi32>, vector<16xi8>, vector<16xi8>
// SQUARE-PLANES: ptq.dot %{{[^u]*}} rows 2 : vector<4xi32>, vector<16xi8>, vector<16xi8>
// CHECK: vector.bitcast {{.*}} : vector<{{.*}}xi8> to vector<{{.*}}xf32>
// CHECK: %[[F:.*]] = arith.sitofp
// CHECK: %[[TERM:.*]] = arith.mulf %[[F]], %
// CHECK: arith.addf %{{.*}}, %[[TERM]]

// MISSED: MissedDotProduct {{.*}}the target has no dot product

// AVX2-LABEL: forward:
// AVX2: vpmaddubsw {{.*}}, %ymm
// AVX2: vpmaddwd {{.*}}, %ymm
// SSSE3-LABEL: forward:
// SSSE3: pmaddubsw {{.*}}, %xmm
// SSE2-LABEL: forward:
// SSE2-NOT: pmaddubsw
// SSE2: pmaddwd
// AVX512-LABEL: forward:
// AVX512: vpmaddubsw {{.*}}, %zmm
// VNNI-LABEL: forward:
// VNNI: vpdpbusd {{.*}}, %zmm
// AVXVNNI-LABEL: forward:
// AVXVNNI: {vex} vpdpbusd {{.*}}, %ymm
// DOTPROD-LABEL: forward:
// DOTPROD: sdot v{{[0-9]+}}.4s
// I8MM-LABEL: forward:
// I8MM-NOT: sdot
// I8MM-COUNT-24: smmla v{{[0-9]+}}.4s
// I8MM-NOT: {{\[sp|sdot}}
// I8MM: b.ne
// AVX2-I16-LABEL: forward:
// AVX2-I16-NOT: vpmaddubsw
// AVX2-I16: vpmaddwd {{.*}}, %ymm
// VNNI-I16-LABEL: forward:
// VNNI-I16-NOT: {{vpmaddwd|vpdpwssd}}
// VNNI-I16: vpdpbusd {{.*}}, %zmm
// VNNI-I16-NOT: {{vpmaddwd|vpdpwssd}}
// VNNI-I16: func_end
// VNNI-I16-LABEL: bytes:
// VNNI-I16: vpdpwssd
// AVX512-I16-LABEL: forward:
// AVX512-I16-NOT: vpmaddubsw
// AVX512-I16: vpmaddwd {{.*}}, %zmm
// AVXVNNI-I16-LABEL: forward:
// AVXVNNI-I16-NOT: vpdpwssd
// AVXVNNI-I16: {vex} vpdpbusd {{.*}}, %ymm
// AVXVNNI-I16: func_end
// DOTPROD-I16-LABEL: forward:
// DOTPROD-I16-DAG: udot v{{[0-9]+}}.4s
// DOTPROD-I16-DAG: sdot v{{[0-9]+}}.4s
// I8MM-I16-LABEL: forward:
// I8MM-I16-NOT: {{[su]dot}}
// I8MM-I16: ummla v{{[0-9]+}}.4s
// I8MM-I16-NOT: {{\[sp|[su]dot}}
// I8MM-I16: smmla v{{[0-9]+}}.4s
// I8MM-I16-NOT: {{\[sp|[su]dot}}
// I8MM-I16: b.ne
func.func @forward(%x: tensor<6x128xf32>) -> tensor<6x16xf32> {
  %packed = arith.constant dense_resource<codes> : tensor<128x8xi8>
  %codes = ptq.unpack %packed axis 1 : tensor<128x8xi8> -> tensor<128x16xi4>
  %scales = arith.constant dense<[[0.5], [0.25]]> : tensor<2x1xf32>
  %w = ptq.dequantize %codes, %scales block [64, 16] : tensor<128x16xi4>, tensor<2x1xf32> -> tensor<128x16xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<6x16xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<6x16xf32>) -> tensor<6x16xf32>
  %y = linalg.matmul ins(%x, %w : tensor<6x128xf32>, tensor<128x16xf32>)
                     outs(%f : tensor<6x16xf32>) -> tensor<6x16xf32>
  return %y : tensor<6x16xf32>
}

// Equal fills become one before, and the buffers of sums are shared.
// CHECK-LABEL: func.func @two(
// CHECK-NOT: memref<{{[0-9x]*}}x16xi32
// CHECK: return
func.func @two(%x: tensor<6x128xf32>) -> (tensor<6x16xf32>, tensor<6x16xf32>) {
  %packed = arith.constant dense_resource<codes> : tensor<128x8xi8>
  %codes = ptq.unpack %packed axis 1 : tensor<128x8xi8> -> tensor<128x16xi4>
  %scales = arith.constant dense<[[0.5], [0.25]]> : tensor<2x1xf32>
  %others = arith.constant dense<[[0.25], [0.5]]> : tensor<2x1xf32>
  %v = ptq.dequantize %codes, %scales block [64, 16] : tensor<128x16xi4>, tensor<2x1xf32> -> tensor<128x16xf32>
  %w = ptq.dequantize %codes, %others block [64, 16] : tensor<128x16xi4>, tensor<2x1xf32> -> tensor<128x16xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<6x16xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<6x16xf32>) -> tensor<6x16xf32>
  %y = linalg.matmul ins(%x, %v : tensor<6x128xf32>, tensor<128x16xf32>)
                     outs(%f : tensor<6x16xf32>) -> tensor<6x16xf32>
  %z = linalg.matmul ins(%x, %w : tensor<6x128xf32>, tensor<128x16xf32>)
                     outs(%f : tensor<6x16xf32>) -> tensor<6x16xf32>
  return %y, %z : tensor<6x16xf32>, tensor<6x16xf32>
}

// Weights of 8 bits are multiplied byte by byte where there is no other way: by
// low bytes with an offset of 128, by high ones without it. The offset is taken
// from sums of low bytes.
// CHECK-LABEL: func.func @bytes(
// PLANES-NOT: arith.xori
// PLANES: ptq.dot %{{.*}} : vector<16xi32>, vector<32xi16>, vector<32xi16>
// SIGNED-PLANES: %[[LOW:.*]] = arith.andi %{{.*}} : vector<4xi32>
// SIGNED-PLANES: arith.muli %[[LOW]], %{{.*}}
// SIGNED-PLANES: %[[W:.*]] = vector.load %{{.*}}, vector<16xi8>
// SIGNED-PLANES: %[[V:.*]] = arith.xori %[[W]], %{{.*}} : vector<16xi8>
// SIGNED-PLANES: ptq.dot %{{.*}}, %{{.*}}, %[[W]] unsigned_a unsigned_b : vector<4xi32>
// SIGNED-PLANES: ptq.dot %{{.*}}, %[[V]], %{{[^u]*}} : vector<4xi32>
// SQUARE-PLANES: arith.xori %{{.*}} : vector<32xi8>
// SQUARE-PLANES: ptq.dot %{{.*}} unsigned_a unsigned_b rows 2 : vector<4xi32>
// SQUARE-PLANES: ptq.dot %{{[^u]*}} rows 2 : vector<4xi32>
func.func @bytes(%x: tensor<6x128xf32>) -> tensor<6x8xf32> {
  %codes = arith.constant dense_resource<codes> : tensor<128x8xi8>
  %scales = arith.constant dense<[[0.5], [0.25]]> : tensor<2x1xf32>
  %w = ptq.dequantize %codes, %scales block [64, 8] : tensor<128x8xi8>, tensor<2x1xf32> -> tensor<128x8xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<6x8xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<6x8xf32>) -> tensor<6x8xf32>
  %y = linalg.matmul ins(%x, %w : tensor<6x128xf32>, tensor<128x8xf32>)
                     outs(%f : tensor<6x8xf32>) -> tensor<6x8xf32>
  return %y : tensor<6x8xf32>
}

// Where parameters are constants, sums start from what takes the zero point off,
// which lies behind the scales, totals from the bias, and the results are quantized
// on registers.
// CHECK-LABEL: func.func @constants(
// CHECK-NOT: memref<{{[0-9x]*}}x16x{{i|f}}32
// CHECK: %[[START:.*]] = vector.bitcast %{{.*}} : vector<{{[0-9]+}}xi8> to vector<[[LANES:[0-9]+]]xi16>
// CHECK: arith.extsi %[[START]] : vector<[[LANES]]xi16> to vector<[[LANES]]xi32>
// CHECK: %[[F:.*]] = arith.sitofp %{{.*}} : vector<[[LANES]]xi32> to vector<[[LANES]]xf32>
// One multiplication: the constant scale is part of the weights'.
// CHECK-NEXT: %[[TERM:.*]] = arith.mulf %[[F]], %
// CHECK-NEXT: arith.addf %{{.*}}, %[[TERM]]
// CHECK: arith.divf
// CHECK: vector.store %{{.*}} : memref<{{.*}}xi8{{.*}}>, vector<{{[0-9]+}}xi8>
// CHECK-NOT: memref<{{[0-9x]*}}x16x{{i|f}}32
// CHECK: return
func.func @constants(%x: tensor<6x128xf32>) -> tensor<6x16xi8> {
  %packed = arith.constant dense_resource<codes> : tensor<128x8xi8>
  %codes = ptq.unpack %packed axis 1 : tensor<128x8xi8> -> tensor<128x16xi4>
  %scales = arith.constant dense<[[0.5], [0.25]]> : tensor<2x1xf32>
  %bias = arith.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0]> : tensor<16xf32>
  %scale = arith.constant 0.1 : f32
  %zero = arith.constant 5 : i8
  %q = ptq.quantize %x, %scale, %zero : tensor<6x128xf32>, f32, i8 -> tensor<6x128xi8>
  %d = ptq.dequantize %q, %scale, %zero : tensor<6x128xi8>, f32, i8 -> tensor<6x128xf32>
  %w = ptq.dequantize %codes, %scales block [64, 16] : tensor<128x16xi4>, tensor<2x1xf32> -> tensor<128x16xf32>
  %e = tensor.empty() : tensor<6x16xf32>
  %b = linalg.broadcast ins(%bias : tensor<16xf32>) outs(%e : tensor<6x16xf32>) dimensions = [0]
  %y = linalg.matmul ins(%d, %w : tensor<6x128xf32>, tensor<128x16xf32>)
                     outs(%b : tensor<6x16xf32>) -> tensor<6x16xf32>
  %r = ptq.quantize %y, %scale, %zero : tensor<6x16xf32>, f32, i8 -> tensor<6x16xi8>
  return %r : tensor<6x16xi8>
}

{-#
  dialect_resources: {
    builtin: {
      codes: "0x100000004420823CFDE6F1C26B30F90EC7DD01E4887534A20F0B0D04C36ED80E71E0FD77B07670EB940BD5335F973DAAD8619B91FFC911F57CCED458BBBF2CE03753C9BDFA0FF0169DC9575674066676CFB0B4EB8902C44269DA1CF6BA66D3F8B6D4B100A9EA0E755A5C2E8210242A08E7078F7F89385EB09423555182568B96E8A4FEF23A0C9FC5AFD7608437816BDD0A7309CB4A1252E4DA70E6720FCAA4DA1E98406C189C24279E9851D5814204136FEB5713C166B13269DD63FC35C797FF08A6CD90095066A745ADDB6D8831C2B0F87821142B4456556D89AA82BCADAE3A9578FA4535A414D025C24B40AE3AC127722988BA973AEA8D37179706072ED33A14607AD7523BE6557B5134DEC19681F4A1336AA2140D0597A3E6C8A0CC2020A2E939806EF0B6845D6A9D657EB8298F2DE52EAD74C79D15A75FA29B7DAB332F7D700A7CCD258924260B0594B7FCF04E33A727585B4C48A39C369640694810A1695B99DD50187E8120E4DC80E0E805CAAD5784F80CD5091FB5464046848DCBCD582D77F8035AA2E0737AA0FDF573D3AC8C701824BC51689F9899BE54ED2B3FC15A4F80DA6F1AFDC9B2C454142E8233882A4729E37BC3DDCB54A6E040F96C3DDCD13C978E7FC10261E00A0F7C856958914B668B9F80E456B6FBD73E6AC46891370C3C06974526BF9FDFB6A5003FE2E6B39CCCADFC39C1C368018E65ECD19C57E665B801C7DACFAC22FC7E940AD04FCB8A5B2505B287D29B4DEC84F856EF178A32D823B522E20A54522FCD8D9B6A6A79AA892326BCEF1956988AB676C8CC58F784A871847D0FCEA2DD7F89612554E34B86EB534646E1B89ECD7B3B699C223674CBA4FC335F171C0B6E11FDE2AF8C3C583071CC77FDE6C156767891ECC76CE784A9FE386D28170702F5A3C49364CC514D0F07C64A1DC2824228EC9B07121F42158C3CDD2E610EFF428E62E5C7A889857C7D1E59B3DB1FB4D366D9238825805A314D1E68DB161B2EF0BD32A0144010E241CAE40C8A2E80A62B9A11C41D85A04285C23B9B30D97D69A9ADC8F63542E50F955066BDC7A631D1B040211699A0D598A3B48BA6043E4CA2A6A723E78FF5E8BAC2281C4418FB807DADB9BDCE9DEDAE550E4B807144395ED21932883668852228256F58DD0BBCF9917066FC78D9E7BB60F62583D06704C2F927CED914B4EA036199023D9AA190D2D19DE79A43E347538104D912BCD7CD90092E2E02C489ED8BBEF6ACC6E93BF7B54AD44B095885BC4193D38493D78CDDABF86EFBCDD92E2042694C750D34814FF532CC5F012DDA1A6FD8B11834D63C878E5BF5186D2CC73FE596FEC93BF5364CC5675583D593FC6DACF83404B1881CE19933758C8A7ED24B428363D01D4CD38A8FF59C88FB6DFFBCF07BAD5A5CE64C1DA6456DA1FCF5A83C414783732D19583B73669DD8A7020A9C702B728FAE89C20B3E"
    }
  }
#-}
