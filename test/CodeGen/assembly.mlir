// What the kernels become in the end, per target. `llc` is given no processor:
// the functions carry it.

// RUN: ptq-opt %s -ptq-lower=cpu=znver4 | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=VNNI
// RUN: ptq-opt %s -ptq-lower=cpu=skylake-avx512 | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=AVX512
// RUN: ptq-opt %s -ptq-lower=cpu=alderlake | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=AVXVNNI
// RUN: ptq-opt %s -ptq-lower=cpu=arrowlake | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=INT8
// RUN: ptq-opt %s -ptq-lower=cpu=x86-64-v3 | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=AVX2
// RUN: ptq-opt %s -ptq-lower=cpu=x86-64 | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=SSE2
// RUN: ptq-opt %s -ptq-lower='cpu=cortex-a53 features=+dotprod' | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=DOTPROD
// RUN: ptq-opt %s -ptq-lower=cpu=neoverse-v1 | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=I8MM
// RUN: ptq-opt %s -ptq-lower=cpu=cortex-a53 | mlir-translate -mlir-to-llvmir | opt -O3 | llc -o - | FileCheck %s --check-prefix=NEON

// VNNI-LABEL: matmul:
// VNNI: vpdpbusd {{.*}}, %zmm
// VNNI-NOT: {{imul[lq]}} {{.*}}, %r
// AVX512-LABEL: matmul:
// AVX512: vpmaddwd {{.*}}, %zmm
// AVXVNNI-LABEL: matmul:
// AVXVNNI: {vex} vpdpbusd {{.*}}, %ymm
// Signed bytes as they are.
// INT8-LABEL: matmul:
// INT8-NOT: vpxor {{.*}}(%r
// INT8: vpdpbssd {{.*}}, %ymm
// INT8-NOT: vpdpbusd
// AVX2-LABEL: matmul:
// AVX2: vpmaddwd {{.*}}, %ymm
// SSE2-LABEL: matmul:
// SSE2: pmaddwd
// SSE2-NOT: imull
// DOTPROD-LABEL: matmul:
// DOTPROD-NOT: smmla
// DOTPROD: sdot v{{[0-9]+}}.4s
// I8MM-LABEL: matmul:
// I8MM-NOT: sdot
// I8MM-COUNT-24: smmla v{{[0-9]+}}.4s
// I8MM-NOT: smmla
// I8MM: b.ne
// I8MM: zip2 v{{[0-9]+}}.2d
// NEON-LABEL: matmul:
// NEON: smlal
func.func @matmul(%x: tensor<6x64xi8>) -> tensor<6x16xi32> {
  %w = arith.constant dense_resource<w> : tensor<64x16xi8>
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<6x16xi32>
  %f = linalg.fill ins(%zero : i32) outs(%e : tensor<6x16xi32>) -> tensor<6x16xi32>
  %y = linalg.matmul ins(%x, %w : tensor<6x64xi8>, tensor<64x16xi8>)
                     outs(%f : tensor<6x16xi32>) -> tensor<6x16xi32>
  return %y : tensor<6x16xi32>
}

// Of an image of three channels a row of the window is nine bytes: one step of
// eight, and one of eight that begins a byte later. Nothing is spilled or loaded
// byte by byte.

// I8MM-LABEL: convolution:
// I8MM: [[LOOP:.LBB[0-9_]+]]:
// I8MM-NOT: {{\[sp|\.b\[|sdot}}
// I8MM-COUNT-24: smmla v{{[0-9]+}}.4s
// I8MM-NOT: {{\[sp|\.b\[|sdot}}
// I8MM: ushr v{{[0-9]+}}.2d, v{{[0-9]+}}.2d, #56
// I8MM-COUNT-24: smmla v{{[0-9]+}}.4s
// I8MM-NOT: {{\[sp|\.b\[|sdot}}
// I8MM: b.ne [[LOOP]]
func.func @convolution(%x: tensor<1x8x8x3xi8>) -> tensor<1x6x6x16xi32> {
  %w = arith.constant dense_resource<filter> : tensor<3x3x3x16xi8>
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x6x6x16xi32>
  %f = linalg.fill ins(%zero : i32) outs(%e : tensor<1x6x6x16xi32>) -> tensor<1x6x6x16xi32>
  %y = linalg.conv_2d_nhwc_hwcf
         ins(%x, %w : tensor<1x8x8x3xi8>, tensor<3x3x3x16xi8>)
         outs(%f : tensor<1x6x6x16xi32>) -> tensor<1x6x6x16xi32>
  return %y : tensor<1x6x6x16xi32>
}

// Pixels that are interleaved, without a product of single elements. Pairs are
// widened as they are loaded.

// VNNI-LABEL: depthwise:
// VNNI: vpunpcklwd {{.*}}, %zmm
// VNNI: vpdpbusd {{.*}}, %zmm
// VNNI-NOT: vpmull
// AVX512-LABEL: depthwise:
// AVX512: vpmovsxbw {{[-0-9]*}}(%r{{.*}}, %zmm
// AVX512: vpunpck{{[lh]}}wd {{.*}}, %zmm
// AVX512: vpmaddwd {{.*}}, %zmm
// AVXVNNI-LABEL: depthwise:
// AVXVNNI: vpunpck{{[lh]}}wd {{.*}}, %ymm
// AVXVNNI: {vex} vpdpbusd {{.*}}, %ymm
// AVX2-LABEL: depthwise:
// AVX2: vpmovsxbw {{[-0-9]*}}(%r{{.*}}, %ymm
// AVX2: vpunpck{{[lh]}}wd {{.*}}, %ymm
// AVX2: vpmaddwd {{.*}}, %ymm
// AVX2-NOT: vpmull
// SSE2-LABEL: depthwise:
// SSE2: punpcklwd
// SSE2: pmaddwd
// I8MM-LABEL: depthwise:
// DOTPROD-LABEL: depthwise:
// DOTPROD: zip{{[12]}} v{{[0-9]+}}.8h
// DOTPROD: sdot v{{[0-9]+}}.4s
// NEON-LABEL: depthwise:
// NEON: smlal
func.func @depthwise(%x: tensor<1x9x9x64xi8>) -> tensor<1x6x6x64xi32> {
  %w = arith.constant dense_resource<w> : tensor<4x4x64xi8>
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<1x6x6x64xi32>
  %f = linalg.fill ins(%zero : i32) outs(%e : tensor<1x6x6x64xi32>) -> tensor<1x6x6x64xi32>
  %y = linalg.depthwise_conv_2d_nhwc_hwc
         ins(%x, %w : tensor<1x9x9x64xi8>, tensor<4x4x64xi8>)
         outs(%f : tensor<1x6x6x64xi32>) -> tensor<1x6x6x64xi32>
  return %y : tensor<1x6x6x64xi32>
}

// Weights of 4 bits, dequantized in the loop over the sum: exact products.

// VNNI-LABEL: weight_only:
// VNNI: vpmovsxbd {{.*}}, %zmm
// VNNI: vperm{{d|ps}} {{.*}}, %zmm
// VNNI: vmulps {{.*}}, %zmm
// VNNI-NOT: vfmadd
// VNNI: vaddps {{.*}}, %zmm
// AVX2-LABEL: weight_only:
// AVX2: vpmovsxbd {{.*}}, %ymm
// AVX2: vpsrad {{.*}}, %ymm
// AVX2: vcvtdq2ps {{.*}}, %ymm
// AVX2: vmulps {{.*}}, %ymm
// AVX2-NOT: vfmadd
// AVX2: vaddps {{.*}}, %ymm
// SSE2-LABEL: weight_only:
// SSE2: punpcklbw
// SSE2: psrad $28
// SSE2: cvtdq2ps
// SSE2: mulps
// SSE2: addps
// NEON-LABEL: weight_only:
// NEON: sshll
// NEON: scvtf v{{[0-9]+}}.4s
// NEON: fmul v{{[0-9]+}}.4s
// NEON-NOT: fmla
// NEON: fadd v{{[0-9]+}}.4s
func.func @weight_only(%x: tensor<1x64xf32>) -> tensor<1x32xf32> {
  %p = arith.constant dense_resource<w> : tensor<64x16xi8>
  %s = arith.constant dense<0.5> : tensor<2x32xf32>
  %q = ptq.unpack %p axis 1 : tensor<64x16xi8> -> tensor<64x32xi4>
  %w = ptq.dequantize %q, %s block [32, 1] : tensor<64x32xi4>, tensor<2x32xf32> -> tensor<64x32xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x32xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x32xf32>) -> tensor<1x32xf32>
  %y = linalg.matmul ins(%x, %w : tensor<1x64xf32>, tensor<64x32xf32>)
                     outs(%f : tensor<1x32xf32>) -> tensor<1x32xf32>
  return %y : tensor<1x32xf32>
}

// Activations of 16 bits, weights of 8.

// VNNI-LABEL: wide:
// VNNI: vpdpwssd {{.*}}, %zmm
// AVX512-LABEL: wide:
// AVX512: vpmaddwd {{.*}}, %zmm
// AVXVNNI-LABEL: wide:
// AVXVNNI: {vex} vpdpwssd {{.*}}, %ymm
// AVX2-LABEL: wide:
// AVX2: vpmaddwd {{.*}}, %ymm
// SSE2-LABEL: wide:
// SSE2: pmaddwd
// DOTPROD-LABEL: wide:
// DOTPROD: {{smlal|mla}} {{.*}}.4s
// NEON-LABEL: wide:
// NEON: {{smlal|mla}} {{.*}}.4s
func.func @wide(%x: tensor<6x64xi16>) -> tensor<6x16xi32> {
  %w = arith.constant dense_resource<w> : tensor<64x16xi8>
  %zero = arith.constant 0 : i32
  %e = tensor.empty() : tensor<6x16xi32>
  %f = linalg.fill ins(%zero : i32) outs(%e : tensor<6x16xi32>) -> tensor<6x16xi32>
  %y = linalg.matmul ins(%x, %w : tensor<6x64xi16>, tensor<64x16xi8>)
                     outs(%f : tensor<6x16xi32>) -> tensor<6x16xi32>
  return %y : tensor<6x16xi32>
}

// The range of a sample: both extremes in one go, in several registers.

// VNNI-LABEL: range:
// VNNI: vminps {{.*}}, %zmm
// VNNI: vmaxps {{.*}}, %zmm
// VNNI: vminps {{.*}}, %zmm
// AVX512-LABEL: range:
// AVX512: vminps {{.*}}, %zmm
// AVX512: vmaxps {{.*}}, %zmm
// AVXVNNI-LABEL: range:
// AVXVNNI: vminps {{.*}}, %ymm
// AVXVNNI: vmaxps {{.*}}, %ymm
// AVX2-LABEL: range:
// AVX2: vminps {{.*}}, %ymm
// AVX2: vmaxps {{.*}}, %ymm
// SSE2-LABEL: range:
// SSE2: minps {{.*}}, %xmm
// SSE2: maxps {{.*}}, %xmm
// DOTPROD-LABEL: range:
// DOTPROD: fcmgt v{{[0-9]+}}.4s
// NEON-LABEL: range:
// NEON: fcmgt v{{[0-9]+}}.4s
func.func @range(%x: tensor<6x256xf32>) -> (tensor<6xf32>, tensor<6xi8>) {
  %s, %z = ptq.choose_parameters %x
      encoding(<i8, asymmetric, granularity = axis, axis = 0, source = dynamic>)
      : tensor<6x256xf32> -> tensor<6xf32>, tensor<6xi8>
  return %s, %z : tensor<6xf32>, tensor<6xi8>
}

// Rounding is the conversion's on x86-64, an instruction elsewhere, never a call.

// VNNI-LABEL: quantize:
// VNNI-NOT: rndscale
// VNNI: vcvtps2dq {{.*}}, %zmm
// VNNI-NOT: rndscale
// AVX512-LABEL: quantize:
// AVX512: vcvtps2dq {{.*}}, %zmm
// AVXVNNI-LABEL: quantize:
// AVXVNNI: vcvtps2dq {{.*}}, %ymm
// AVX2-LABEL: quantize:
// AVX2-NOT: vroundps
// AVX2: vcvtps2dq {{.*}}, %ymm
// AVX2-NOT: vroundps
// SSE2-LABEL: quantize:
// SSE2-NOT: roundeven
// SSE2: cvtps2dq {{.*}}, %xmm
// SSE2-NOT: roundeven
// DOTPROD-LABEL: quantize:
// DOTPROD: frintn v{{[0-9]+}}.4s
// DOTPROD: fcvtzs v{{[0-9]+}}.4s
// NEON-LABEL: quantize:
// NEON: frintn v{{[0-9]+}}.4s
// NEON: fcvtzs v{{[0-9]+}}.4s
func.func @quantize(%x: tensor<?x64xf32>) -> tensor<?x64xi8> {
  %s = arith.constant 0.0625 : f32
  %z = arith.constant -3 : i8
  %q = ptq.quantize %x, %s, %z : tensor<?x64xf32>, f32, i8 -> tensor<?x64xi8>
  return %q : tensor<?x64xi8>
}

{-#
  dialect_resources: {
    builtin: {
      w: "0x010000006E340B9CFFB37A989CA544E6BB780A2C78901D3FB33738768511A30617AFA01D4BF5122F344554C53BDE2EBB8CD2B7E3D1600AD631C385A5D7CCE23C7785459ADBC1B4C900FFE48D575B5DA5C638040125F65DB0FE3E24494B76EA986457D986084FED08B978AF4D7D196A7446A86B58009E636B611DB16211B65A9AADFF29C5E52D9C508C502347344D8C07AD91CBD6068AFC75FF6292F062A09CA381C89E71E77B9A9AE9E30B0DBDB6F510A264EF9DE781501D7B6B92AE89EB059C5AB743DB67586E98FAD27DA0B9968BC039A1EF34C939B9B8E523A8BEF89D478608C5ECF6CA358758F6D27E6CF45272937977A748FD88391DB679CEDA7DC7BF1F005EE879BEEAD77994CF573341EC17B58BBF7EB34D2711C993C1D976B128B3188DC1829A2B4C342F5433EBE591A1DA77E013D1B72475562D48578DCA8B84BAC6651C3CB901BA4719C80B6FE911B091A7C05124B64EEECE964E09C058EF8F9805DACA546BE7CF46A078FED4FAFD0B5E3AFF144802B853F8AE459A4F0C14ADD3314B7CC3A6EF6CBD2161EAEA7943CE8693B9824D23D1793FFB1C0FCA05B600D3899B44C9779D1E0E2D9459D06523AD13E28A4093C2316BAAFE7AEC5B25F30EBA2E113599C44D7B3EF7300ACF70C892D8327DB8272F54434ADBC61A4E130A563CB59A0D0F47DC0E9C3658A1A3ED1EC94274D8B19925C93E1ABB7DDBA294923AD9BDE30F8CB8C555EAB45D08845AE9F10D452A99BFCB06F74A50B988FE7E48DD323789B88EE34A64A107F0CB32536E5BCE6C98C393DB21CCA7F4EA187BA8C4DCA8B51D4EA80AF299791CDDD3D6664F6670842812EF6053EB6501BD6282A476BBBF3EE91E750CAB897FBDEDFA502B2D839B6A56100887DCCDC507555C282E59589E06300A62E283891D7FE85C33E52C8B4E5814C92FB6A3B9467299200538A6BABAA8B452D8792F0FD1E89B8DE1D57292742EC380EA47066E307AD645F5BC3ADAD8A06FF586087CB7C4547CF2653590D7A9ACE60CC623D25148ADFBC88A89AEB0EF88DA7839BA8F11B05DA785E43E713D03774C6BD3405D99CD3024AF334FFD68DB663AA37034452BA1DDEF80246C48BE7690193C76C1D61185906BE9401014FE14F1BE64B74F68AA2E2EE5DFF96E3355E6C7EE373E3D6A4E17F75F9518D843709C0C9BC3E3D458F7B0780592032E4D8602A3E8690FB2C701B2E1DD546E703445AABD6469734D77ADFC95029E73B173F60E556F915B0CD8850848111358B1C370FB7C154E61FDBD4FC42A21F1F860A1030E6EBA23D53ECAB71BD19297AB6C074381D4ECEE00181F18D650D205D71D934C3646FF5FAC1C096BA52EBA4CF758B865364F4167D3CD9652595F37EDD08C51DFA26567E6CD76E6FA2709C3E578478CA398D316837A7AFFE679BB831C95B67DC17819C63C5090D221AAC6F4C7BF530F594AB43D21FA1E",
      filter: "0x010000006E340B9CFFB37A989CA544E6BB780A2C78901D3FB33738768511A30617AFA01D4BF5122F344554C53BDE2EBB8CD2B7E3D1600AD631C385A5D7CCE23C7785459ADBC1B4C900FFE48D575B5DA5C638040125F65DB0FE3E24494B76EA986457D986084FED08B978AF4D7D196A7446A86B58009E636B611DB16211B65A9AADFF29C5E52D9C508C502347344D8C07AD91CBD6068AFC75FF6292F062A09CA381C89E71E77B9A9AE9E30B0DBDB6F510A264EF9DE781501D7B6B92AE89EB059C5AB743DB67586E98FAD27DA0B9968BC039A1EF34C939B9B8E523A8BEF89D478608C5ECF6CA358758F6D27E6CF45272937977A748FD88391DB679CEDA7DC7BF1F005EE879BEEAD77994CF573341EC17B58BBF7EB34D2711C993C1D976B128B3188DC1829A2B4C342F5433EBE591A1DA77E013D1B72475562D48578DCA8B84BAC6651C3CB901BA4719C80B6FE911B091A7C05124B64EEECE964E09C058EF8F9805DACA546BE7CF46A078FED4FAFD0B5E3AFF144802B853F8AE459A4F0C14ADD3314B7CC3A6EF6CBD2161EAEA7943CE8693B9824D23D1793FFB1C0FCA05B600D3899B44C9779D1E0E2D9459D06523AD13E28A4093C2"
    }
  }
#-}
