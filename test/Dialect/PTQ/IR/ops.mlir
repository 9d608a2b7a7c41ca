// Every op in every spelling, through the printer and the parser.

// RUN: ptq-opt %s --verify-roundtrip | FileCheck %s
// RUN: ptq-opt %s --mlir-print-op-generic | ptq-opt | FileCheck %s

// CHECK-LABEL: func.func @observe
func.func @observe(%x: tensor<?x2xf32>, %w: tensor<2x3xf32>, %h: tensor<f16>) {
  // CHECK: ptq.observe %{{.*}} name("x") encoding(<i8, asymmetric>) : tensor<?x2xf32>
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<?x2xf32>
  // CHECK: ptq.observe %{{.*}} name("w")
  // CHECK-SAME: encoding(<i8, symmetric, granularity = axis, axis = 0, narrow_range = true>)
  // CHECK-SAME: estimator({{ ?}}omse) rounding({{ ?}}descent)
  // CHECK-SAME: range(<min = [-5.000000e-01, -2.500000e-01], max = [5.000000e-01, 2.500000e-01], samples = 7>)
  // CHECK-SAME: : tensor<2x3xf32>
  %1 = ptq.observe %w name("w")
       encoding(<i8, symmetric, granularity = axis, axis = 0, narrow_range = true>)
       estimator(omse) rounding(descent)
       range(<min = [-0.5, -0.25], max = [0.5, 0.25], samples = 7>)
       : tensor<2x3xf32>
  // The default estimator and rounding are not printed.
  // CHECK: ptq.observe %{{.*}} name("h \22quoted\22") encoding(<i8, asymmetric>) : tensor<f16>
  %2 = ptq.observe %h name("h \"quoted\"") encoding(<i8, asymmetric>) estimator(minmax)
       rounding(nearest) : tensor<f16>
  return
}

// CHECK-LABEL: func.func @choose_parameters
func.func @choose_parameters(%x: tensor<4x64xf32>, %d: tensor<?x?x8xbf16>) {
  // CHECK: %{{.*}}, %{{.*}} = ptq.choose_parameters %{{.*}} encoding(<i8, asymmetric, source = dynamic>)
  // CHECK-SAME: : tensor<4x64xf32> -> f32, i8
  %s0, %z0 = ptq.choose_parameters %x encoding(<i8, asymmetric, source = dynamic>)
             : tensor<4x64xf32> -> f32, i8
  // CHECK: ptq.choose_parameters %{{.*}} encoding(<i8, asymmetric, granularity = axis, axis = 0, source = dynamic>) : tensor<4x64xf32> -> tensor<4xf32>, tensor<4xi8>
  %s3, %z3 = ptq.choose_parameters %x
             encoding(<i8, asymmetric, granularity = axis, axis = 0, source = dynamic>)
             : tensor<4x64xf32> -> tensor<4xf32>, tensor<4xi8>
  // CHECK: ptq.choose_parameters %{{.*}} encoding(<i8, symmetric, granularity = token, source = dynamic>)
  // CHECK-SAME: : tensor<4x64xf32> -> tensor<4x1xf32>
  %s1 = ptq.choose_parameters %x
        encoding(<i8, symmetric, granularity = token, source = dynamic>)
        : tensor<4x64xf32> -> tensor<4x1xf32>
  // CHECK: ptq.choose_parameters %{{.*}} : tensor<?x?x8xbf16> -> tensor<?x?x1xf32>, tensor<?x?x1xi32>
  %s2, %z2 = ptq.choose_parameters %d
             encoding(<i8, asymmetric, granularity = token, source = dynamic>)
             : tensor<?x?x8xbf16> -> tensor<?x?x1xf32>, tensor<?x?x1xi32>
  return
}

// CHECK-LABEL: func.func @quantize
func.func @quantize(%x: tensor<?x8xf32>, %f: tensor<8x4xf32>, %g: tensor<8x48xf16>,
                    %s: f32, %z: i8, %t: tensor<8xf32>, %u: tensor<8x2xf16>,
                    %v: tensor<8xi32>, %r: tensor<f32>) {
  // CHECK: ptq.quantize %{{[^,]*}}, %{{[^,]*}}, %{{.*}} : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
  %0 = ptq.quantize %x, %s, %z : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
  // CHECK: ptq.quantize %{{.*}} axis 0 low -127 : tensor<8x4xf32>, tensor<8xf32> -> tensor<8x4xi8>
  %1 = ptq.quantize %f, %t axis 0 low -127
       : tensor<8x4xf32>, tensor<8xf32> -> tensor<8x4xi8>
  // CHECK: ptq.quantize %{{.*}} axis 0 low -8 high 7 : tensor<8x4xf32>, tensor<8xf32>, tensor<8xi32> -> tensor<8x4xi16>
  %2 = ptq.quantize %f, %t, %v axis 0 low -8 high 7
       : tensor<8x4xf32>, tensor<8xf32>, tensor<8xi32> -> tensor<8x4xi16>
  // A short last block is legal: 48 = 32 + 16.
  // CHECK: ptq.quantize %{{.*}} block [1, 32] low -7 : tensor<8x48xf16>, tensor<8x2xf16> -> tensor<8x48xi4>
  %3 = ptq.quantize %g, %u block [1, 32] low -7
       : tensor<8x48xf16>, tensor<8x2xf16> -> tensor<8x48xi4>
  // CHECK: ptq.quantize %{{.*}} : tensor<f32>, f32 -> tensor<i64>
  %4 = ptq.quantize %r, %s : tensor<f32>, f32 -> tensor<i64>
  return
}

// CHECK-LABEL: func.func @dequantize
func.func @dequantize(%q: tensor<?x8xi8>, %p: tensor<8x4xi2>, %a: tensor<1x?xi32>,
                      %s: f32, %z: i8, %t: tensor<8xf32>, %u: tensor<?xbf16>,
                      %b: tensor<8x1xf32>) {
  // CHECK: ptq.dequantize %{{[^,]*}}, %{{[^,]*}}, %{{.*}} : tensor<?x8xi8>, f32, i8 -> tensor<?x8xf32>
  %0 = ptq.dequantize %q, %s, %z : tensor<?x8xi8>, f32, i8 -> tensor<?x8xf32>
  // CHECK: ptq.dequantize %{{.*}} axis 0 : tensor<8x4xi2>, tensor<8xf32> -> tensor<8x4xf32>
  %1 = ptq.dequantize %p, %t axis 0 : tensor<8x4xi2>, tensor<8xf32> -> tensor<8x4xf32>
  // CHECK: ptq.dequantize %{{.*}} axis 1 : tensor<1x?xi32>, tensor<?xbf16> -> tensor<1x?xf16>
  %2 = ptq.dequantize %a, %u axis 1 : tensor<1x?xi32>, tensor<?xbf16> -> tensor<1x?xf16>
  // A token is a block of the whole last dimension.
  // CHECK: ptq.dequantize %{{.*}} block [1, 8] : tensor<?x8xi8>, tensor<8x1xf32> -> tensor<?x8xf32>
  %3 = ptq.dequantize %q, %b block [1, 8]
       : tensor<?x8xi8>, tensor<8x1xf32> -> tensor<?x8xf32>
  return
}

// CHECK-LABEL: func.func @requantize
func.func @requantize(%acc: tensor<?x64x25x5xi32>, %wide: tensor<4xi64>,
                      %n: tensor<64xf32>, %m: f32, %z: i8) {
  // CHECK: ptq.requantize %{{.*}} axis 1 low -128 : tensor<?x64x25x5xi32>, tensor<64xf32>, i8 -> tensor<?x64x25x5xi8>
  %0 = ptq.requantize %acc, %n, %z axis 1 low -128
       : tensor<?x64x25x5xi32>, tensor<64xf32>, i8 -> tensor<?x64x25x5xi8>
  // CHECK: ptq.requantize %{{.*}} low 0 high 6 : tensor<4xi64>, f32 -> tensor<4xi16>
  %1 = ptq.requantize %wide, %m low 0 high 6 : tensor<4xi64>, f32 -> tensor<4xi16>
  return
}

// CHECK-LABEL: func.func @requantize_fixed_point
func.func @requantize_fixed_point(%acc: tensor<?x64xi32>, %wide: tensor<4xi64>,
    %ms: tensor<64xi32>, %ks: tensor<64xi32>, %m: i32, %k: i32, %z: i8) {
  // CHECK: ptq.requantize %{{.*}} shift %{{.*}}, %{{.*}} axis 1 low -128 : tensor<?x64xi32>, tensor<64xi32> shift tensor<64xi32>, i8 -> tensor<?x64xi8>
  %0 = ptq.requantize %acc, %ms shift %ks, %z axis 1 low -128
       : tensor<?x64xi32>, tensor<64xi32> shift tensor<64xi32>, i8 -> tensor<?x64xi8>
  // CHECK: ptq.requantize %{{.*}} shift %{{.*}} : tensor<4xi64>, i32 shift i32 -> tensor<4xi16>
  %1 = ptq.requantize %wide, %m shift %k : tensor<4xi64>, i32 shift i32 -> tensor<4xi16>
  return
}

// CHECK-LABEL: func.func @codes
func.func @codes(%p: tensor<8x16xi8>, %o: tensor<?x2xi8>, %q: tensor<?x8xi8>,
                 %table: tensor<256xi8>, %floats: tensor<256xf32>) {
  // CHECK: ptq.unpack %{{.*}} axis 1 : tensor<8x16xi8> -> tensor<8x32xi4>
  %0 = ptq.unpack %p axis 1 : tensor<8x16xi8> -> tensor<8x32xi4>
  // CHECK: ptq.unpack %{{.*}} axis 1 : tensor<8x16xi8> -> tensor<8x61xi2>
  %pairs = ptq.unpack %p axis 1 : tensor<8x16xi8> -> tensor<8x61xi2>
  // CHECK: ptq.unpack %{{.*}} axis 1 : tensor<?x2xi8> -> tensor<?x3xi4>
  %1 = ptq.unpack %o axis 1 : tensor<?x2xi8> -> tensor<?x3xi4>
  // CHECK: ptq.lookup %{{.*}} : tensor<?x8xi8>, tensor<256xi8> -> tensor<?x8xi8>
  %2 = ptq.lookup %q, %table : tensor<?x8xi8>, tensor<256xi8> -> tensor<?x8xi8>
  // CHECK: ptq.lookup %{{.*}} : tensor<?x8xi8>, tensor<256xf32> -> tensor<?x8xf32>
  %3 = ptq.lookup %q, %floats : tensor<?x8xi8>, tensor<256xf32> -> tensor<?x8xf32>
  return
}

// CHECK-LABEL: func.func @dot
func.func @dot(%acc: vector<16xi32>, %a: vector<64xi8>, %h: vector<32xi16>) {
  // CHECK: ptq.dot %{{[^,]*}}, %{{[^,]*}}, %{{[^ ]*}} unsigned_a : vector<16xi32>, vector<64xi8>, vector<64xi8>
  %0 = ptq.dot %acc, %a, %a unsigned_a : vector<16xi32>, vector<64xi8>, vector<64xi8>
  // CHECK: ptq.dot %{{[^,]*}}, %{{[^,]*}}, %{{[^ ]*}} : vector<16xi32>, vector<32xi16>, vector<32xi16>
  %1 = ptq.dot %acc, %h, %h : vector<16xi32>, vector<32xi16>, vector<32xi16>
  // CHECK: ptq.dot %{{[^,]*}}, %{{[^,]*}}, %{{[^ ]*}} unsigned_a rows 2 : vector<16xi32>, vector<64xi8>, vector<64xi8>
  %2 = ptq.dot %acc, %a, %a unsigned_a rows 2 : vector<16xi32>, vector<64xi8>, vector<64xi8>
  // CHECK: ptq.dot %{{[^,]*}}, %{{[^,]*}}, %{{[^ ]*}} : vector<16xi32>, vector<64xi8>, vector<64xi8>
  %3 = ptq.dot %acc, %a, %a rows 1 : vector<16xi32>, vector<64xi8>, vector<64xi8>
  // CHECK: ptq.dot %{{[^,]*}}, %{{[^,]*}}, %{{[^ ]*}} unsigned_a unsigned_b rows 2 : vector<16xi32>, vector<64xi8>, vector<64xi8>
  %4 = ptq.dot %acc, %a, %a unsigned_a unsigned_b rows 2 : vector<16xi32>, vector<64xi8>, vector<64xi8>
  return
}

// CHECK-LABEL: func.func @lookup_byte
func.func @lookup_byte(%q: i8, %codes: vector<5xi8>) {
  // CHECK: ptq.lookup_byte %{{.*}}, dense<7> : tensor<256xi8> : i8
  %0 = ptq.lookup_byte %q, dense<7> : tensor<256xi8> : i8
  // CHECK: ptq.lookup_byte %{{.*}}, dense<7> : tensor<256xi8> : vector<5xi8>
  %1 = ptq.lookup_byte %codes, dense<7> : tensor<256xi8> : vector<5xi8>
  return
}
