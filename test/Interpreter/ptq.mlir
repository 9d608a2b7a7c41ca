// RUN: ptq-opt %s --ptq-fold-constants=quantization=true | FileCheck %s

// Ties go to even before the zero point is added; 1/3 is divided by, not
// multiplied with its reciprocal.
// CHECK-LABEL: @quantize_ties
// CHECK-DAG: dense<[3, 5, 5, 1, 3, 4]> : tensor<6xi8>
// CHECK-DAG: dense<[1, 3, -1]> : tensor<3xi8>
func.func @quantize_ties() -> (tensor<6xi8>, tensor<3xi8>) {
  %s = arith.constant 0.5 : f32
  %z = arith.constant 3 : i8
  %x = arith.constant dense<[0.25, 0.75, 1.25, -0.75, -0.25, 0.2500001]> : tensor<6xf32>
  %0 = ptq.quantize %x, %s, %z : tensor<6xf32>, f32, i8 -> tensor<6xi8>
  %t = arith.constant 0.333333343 : f32
  %y = arith.constant dense<[0.333333343, 1.0, -0.333333343]> : tensor<3xf32>
  %1 = ptq.quantize %y, %t : tensor<3xf32>, f32 -> tensor<3xi8>
  return %0, %1 : tensor<6xi8>, tensor<3xi8>
}

// Infinities saturate; NaN is read as 0, which is the zero point.
// CHECK-LABEL: @quantize_special
// CHECK-DAG: dense<[127, -128, 127, -128, 5, 5]> : tensor<6xi8>
// CHECK-DAG: dense<[127, -127, 127, -127, 0, 0]> : tensor<6xi8>
// CHECK-DAG: dense<[7, -7, 7, -7, 0, 0]> : tensor<6xi4>
// CHECK-DAG: dense<[32767, -32768, 32767, -32768, 0, 0]> : tensor<6xi16>
// CHECK-DAG: dense<[2147483647, -2147483648, 2147483647, -2147483648, 0, 0]> : tensor<6xi32>
func.func @quantize_special() -> (tensor<6xi8>, tensor<6xi8>, tensor<6xi4>,
    tensor<6xi16>, tensor<6xi32>) {
  %s = arith.constant 1.0 : f32
  %z = arith.constant 5 : i8
  %x = arith.constant dense<[0x7F800000, 0xFF800000, 3.0e38, -3.0e38, 0x7FC00000, -0.0]> : tensor<6xf32>
  %0 = ptq.quantize %x, %s, %z : tensor<6xf32>, f32, i8 -> tensor<6xi8>
  %1 = ptq.quantize %x, %s low -127 : tensor<6xf32>, f32 -> tensor<6xi8>
  %2 = ptq.quantize %x, %s low -7 : tensor<6xf32>, f32 -> tensor<6xi4>
  %3 = ptq.quantize %x, %s : tensor<6xf32>, f32 -> tensor<6xi16>
  %4 = ptq.quantize %x, %s : tensor<6xf32>, f32 -> tensor<6xi32>
  return %0, %1, %2, %3, %4 : tensor<6xi8>, tensor<6xi8>, tensor<6xi4>,
    tensor<6xi16>, tensor<6xi32>
}

// One scale along an axis, outer and inner; blocks of which the last is short.
// CHECK-LABEL: @quantize_axis
// CHECK-DAG: dense<{{\[}}[4, 4, 4], [3, 3, 3]]> : tensor<2x3xi8>
// CHECK-DAG: dense<{{\[}}[4, 3, 2], [4, 3, 2]]> : tensor<2x3xi8>
// CHECK-DAG: dense<{{\[}}[4, 4, 2], [1, 1, 8]]> : tensor<2x3xi8>
func.func @quantize_axis() -> (tensor<2x3xi8>, tensor<2x3xi8>, tensor<2x3xi8>) {
  %x = arith.constant dense<4.0> : tensor<2x3xf32>
  %s2 = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %z2 = arith.constant dense<[0, 1]> : tensor<2xi8>
  %0 = ptq.quantize %x, %s2, %z2 axis 0 : tensor<2x3xf32>, tensor<2xf32>, tensor<2xi8> -> tensor<2x3xi8>
  %s3 = arith.constant dense<[1.0, 2.0, 4.0]> : tensor<3xf32>
  %z3 = arith.constant dense<[0, 1, 1]> : tensor<3xi32>
  %1 = ptq.quantize %x, %s3, %z3 axis 1 : tensor<2x3xf32>, tensor<3xf32>, tensor<3xi32> -> tensor<2x3xi8>
  %s22 = arith.constant dense<[[1.0, 2.0], [4.0, 0.5]]> : tensor<2x2xf32>
  %2 = ptq.quantize %x, %s22 block [1, 2] : tensor<2x3xf32>, tensor<2x2xf32> -> tensor<2x3xi8>
  return %0, %1, %2 : tensor<2x3xi8>, tensor<2x3xi8>, tensor<2x3xi8>
}

// CHECK-LABEL: @quantize_half
// CHECK: dense<[1, 2]> : tensor<2xi8>
func.func @quantize_half() -> tensor<2xi8> {
  %x = arith.constant dense<[0.5, 1.0]> : tensor<2xbf16>
  %s = arith.constant 0.5 : f16
  %0 = ptq.quantize %x, %s : tensor<2xbf16>, f16 -> tensor<2xi8>
  return %0 : tensor<2xi8>
}

// The difference to the zero point is exact: it does not wrap.
// CHECK-LABEL: @dequantize
// CHECK-DAG: dense<[1.275000e+02, 0.000000e+00, -5.000000e-01]> : tensor<3xf32>
// CHECK-DAG: dense<{{\[}}[-4.000000e+00, -1.600000e+01], [3.500000e+00, 1.400000e+01]]> : tensor<2x2xf32>
// CHECK-DAG: dense<-2.14748365E+9> : tensor<1xf32>
// CHECK-DAG: dense<[0x7C00, 1.500000e+00]> : tensor<2xf16>
func.func @dequantize() -> (tensor<3xf32>, tensor<2x2xf32>, tensor<1xf32>,
    tensor<2xf16>) {
  %s = arith.constant 0.5 : f32
  %z = arith.constant -128 : i8
  %q = arith.constant dense<[127, -128, -129]> : tensor<3xi16>
  %0 = ptq.dequantize %q, %s, %z : tensor<3xi16>, f32, i8 -> tensor<3xf32>
  %p = arith.constant dense<[[-8, -8], [7, 7]]> : tensor<2x2xi4>
  %t = arith.constant dense<[0.5, 2.0]> : tensor<2xf32>
  %1 = ptq.dequantize %p, %t axis 1 : tensor<2x2xi4>, tensor<2xf32> -> tensor<2x2xf32>
  %a = arith.constant dense<-2147483648> : tensor<1xi32>
  %one = arith.constant 1.0 : f32
  %2 = ptq.dequantize %a, %one : tensor<1xi32>, f32 -> tensor<1xf32>
  %b = arith.constant dense<[2147483647, 3]> : tensor<2xi32>
  %3 = ptq.dequantize %b, %s : tensor<2xi32>, f32 -> tensor<2xf16>
  return %0, %1, %2, %3 : tensor<3xf32>, tensor<2x2xf32>, tensor<1xf32>,
    tensor<2xf16>
}

// Ties to even, saturation, a fused ReLU as `low`; 16777217 is rounded to f32
// before it is multiplied.
// CHECK-LABEL: @requantize
// CHECK-DAG: dense<[2, 4, 4, 0, 127, -128]> : tensor<6xi8>
// CHECK-DAG: dense<[2, 4, 4, 2, 127, 2]> : tensor<6xi8>
// CHECK-DAG: dense<{{\[}}[4, 2], [-4, -2]]> : tensor<2x2xi8>
// CHECK-DAG: dense<16777216> : tensor<1xi32>
// CHECK-DAG: dense<2> : tensor<1xi16>
func.func @requantize() -> (tensor<6xi8>, tensor<6xi8>, tensor<2x2xi8>,
    tensor<1xi32>, tensor<1xi16>) {
  %m = arith.constant 0.5 : f32
  %z = arith.constant 2 : i8
  %a = arith.constant dense<[1, 3, 5, -5, 2147483647, -2147483648]> : tensor<6xi32>
  %0 = ptq.requantize %a, %m, %z : tensor<6xi32>, f32, i8 -> tensor<6xi8>
  %1 = ptq.requantize %a, %m, %z low 2 : tensor<6xi32>, f32, i8 -> tensor<6xi8>
  %b = arith.constant dense<[[4, 4], [-4, -4]]> : tensor<2x2xi32>
  %n = arith.constant dense<[1.0, 0.5]> : tensor<2xf32>
  %o = arith.constant 0 : i8
  %2 = ptq.requantize %b, %n, %o axis 1 : tensor<2x2xi32>, tensor<2xf32>, i8 -> tensor<2x2xi8>
  %c = arith.constant dense<16777217> : tensor<1xi32>
  %f = arith.constant 1.0 : f32
  %3 = ptq.requantize %c, %f : tensor<1xi32>, f32 -> tensor<1xi32>
  %d = arith.constant dense<8589934592> : tensor<1xi64>
  %g = arith.constant 2.32830644E-10 : f32
  %4 = ptq.requantize %d, %g : tensor<1xi64>, f32 -> tensor<1xi16>
  return %0, %1, %2, %3, %4 : tensor<6xi8>, tensor<6xi8>, tensor<2x2xi8>,
    tensor<1xi32>, tensor<1xi16>
}

// Fixed point: half up, saturation, `low`; one multiplier for each column; i64.
// CHECK-LABEL: @requantize_fixed_point
// CHECK-DAG: dense<[3, 4, 5, 0, 127, -128]> : tensor<6xi8>
// CHECK-DAG: dense<[3, 4, 5, 2, 127, 2]> : tensor<6xi8>
// CHECK-DAG: dense<{{\[}}[4, 1], [-4, -1]]> : tensor<2x2xi8>
// CHECK-DAG: dense<[2, 3]> : tensor<2xi16>
func.func @requantize_fixed_point() -> (tensor<6xi8>, tensor<6xi8>,
    tensor<2x2xi8>, tensor<2xi16>) {
  %m = arith.constant 1073741824 : i32
  %k = arith.constant 31 : i32
  %z = arith.constant 2 : i8
  %a = arith.constant dense<[1, 3, 5, -5, 2147483647, -2147483648]> : tensor<6xi32>
  %0 = ptq.requantize %a, %m shift %k, %z : tensor<6xi32>, i32 shift i32, i8 -> tensor<6xi8>
  %1 = ptq.requantize %a, %m shift %k, %z low 2 : tensor<6xi32>, i32 shift i32, i8 -> tensor<6xi8>
  %b = arith.constant dense<[[4, 4], [-4, -4]]> : tensor<2x2xi32>
  %ms = arith.constant dense<[2, 1431655765]> : tensor<2xi32>
  %ks = arith.constant dense<[1, 32]> : tensor<2xi32>
  %2 = ptq.requantize %b, %ms shift %ks axis 1 : tensor<2x2xi32>, tensor<2xi32> shift tensor<2xi32> -> tensor<2x2xi8>
  %d = arith.constant dense<[8589934592, 10737418240]> : tensor<2xi64>
  %n = arith.constant 16384 : i32
  %l = arith.constant 46 : i32
  %3 = ptq.requantize %d, %n shift %l : tensor<2xi64>, i32 shift i32 -> tensor<2xi16>
  return %0, %1, %2, %3 : tensor<6xi8>, tensor<6xi8>, tensor<2x2xi8>,
    tensor<2xi16>
}

// [-1, 3] is 4/255 a step; NaN and infinities do not count; zeros give 1 and 0.
// CHECK-LABEL: @choose_parameters
// CHECK-DAG: arith.constant 0.0156862754 : f32
// CHECK-DAG: arith.constant -64 : i8
// CHECK-DAG: arith.constant dense<{{\[}}[0.0236220472], [1.000000e+00]]> : tensor<2x1xf32>
func.func @choose_parameters() -> (f32, i8, tensor<2x1xf32>) {
  %x = arith.constant dense<[-1.0, 3.0, 0x7F800000, 0x7FC00000]> : tensor<4xf32>
  %s, %z = ptq.choose_parameters %x encoding(<i8, asymmetric, source = dynamic>)
      : tensor<4xf32> -> f32, i8
  %y = arith.constant dense<[[-3.0, 1.0], [0.0, -0.0]]> : tensor<2x2xf32>
  %t = ptq.choose_parameters %y
      encoding(<i8, symmetric, granularity = token, source = dynamic>)
      : tensor<2x2xf32> -> tensor<2x1xf32>
  return %s, %z, %t : f32, i8, tensor<2x1xf32>
}

// Each sample by itself: [-1, 3], then zeros, then what is finite of it.
// CHECK-LABEL: @choose_parameters_along_axis
// CHECK-DAG: arith.constant dense<[0.0156862754, 1.000000e+00, 0.00784313772]> : tensor<3xf32>
// CHECK-DAG: arith.constant dense<[-64, 0, 127]> : tensor<3xi8>
// CHECK-DAG: arith.constant dense<[0.0236220472, 0.00787401571]> : tensor<2xf32>
func.func @choose_parameters_along_axis() -> (tensor<3xf32>, tensor<3xi8>, tensor<2xf32>) {
  %x = arith.constant dense<[[[-1.0], [3.0]], [[0.0], [-0.0]], [[0xFF800000], [-2.0]]]> : tensor<3x2x1xf32>
  %s, %z = ptq.choose_parameters %x
      encoding(<i8, asymmetric, granularity = axis, axis = 0, source = dynamic>)
      : tensor<3x2x1xf32> -> tensor<3xf32>, tensor<3xi8>
  %y = arith.constant dense<[[[-3.0], [0x7FC00000]], [[1.0], [-1.0]]]> : tensor<2x2x1xf32>
  %t = ptq.choose_parameters %y
      encoding(<i8, symmetric, granularity = axis, axis = 1, source = dynamic>)
      : tensor<2x2x1xf32> -> tensor<2xf32>
  return %s, %z, %t : tensor<3xf32>, tensor<3xi8>, tensor<2xf32>
}

// The low nibble is first; the last high one is not used where the size is odd.
// CHECK-LABEL: @unpack
// CHECK-DAG: dense<{{\[}}[1, -1, 7], [-8, 0, 2]]> : tensor<2x3xi4>
// CHECK-DAG: dense<{{\[}}[1, 7], [-1, -8], [-8, 2], [0, 0]]> : tensor<4x2xi4>
func.func @unpack() -> (tensor<2x3xi4>, tensor<4x2xi4>) {
  %p = arith.constant dense<[[0xF1, 0x87], [0x08, 0x02]]> : tensor<2x2xi8>
  %0 = ptq.unpack %p axis 1 : tensor<2x2xi8> -> tensor<2x3xi4>
  %1 = ptq.unpack %p axis 0 : tensor<2x2xi8> -> tensor<4x2xi4>
  return %0, %1 : tensor<2x3xi4>, tensor<4x2xi4>
}

// table[q + 128]: the ramp from 0 to 255, less 256 where i8 ends.
// CHECK-LABEL: @lookup
// CHECK: dense<[0, -128, -1]> : tensor<3xi8>
func.func @lookup() -> tensor<3xi8> {
  %q = arith.constant dense<[-128, 0, 127]> : tensor<3xi8>
  %e = tensor.empty() : tensor<256xi8>
  %table = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      outs(%e : tensor<256xi8>) {
  ^bb0(%o: i8):
    %i = linalg.index 0 : index
    %c = arith.index_cast %i : index to i8
    linalg.yield %c : i8
  } -> tensor<256xi8>
  %0 = ptq.lookup %q, %table : tensor<3xi8>, tensor<256xi8> -> tensor<3xi8>
  return %0 : tensor<3xi8>
}

// The same in registers and in the body of a structured op; a splat.
// CHECK-LABEL: @lookup_byte
// CHECK-DAG: dense<[0, -128, -1]> : vector<3xi8>
// CHECK-DAG: dense<7> : vector<3xi8>
// CHECK-DAG: dense<[1, -127, 0]> : tensor<3xi8>
func.func @lookup_byte() -> (vector<3xi8>, vector<3xi8>, tensor<3xi8>) {
  %q = arith.constant dense<[-128, 0, 127]> : vector<3xi8>
  %0 = ptq.lookup_byte %q, dense<"0x000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF"> : tensor<256xi8> : vector<3xi8>
  %1 = ptq.lookup_byte %q, dense<7> : tensor<256xi8> : vector<3xi8>
  %x = arith.constant dense<[-128, 0, 127]> : tensor<3xi8>
  %e = tensor.empty() : tensor<3xi8>
  %2 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
                       iterator_types = ["parallel"]}
      ins(%x : tensor<3xi8>) outs(%e : tensor<3xi8>) {
  ^bb0(%in: i8, %o: i8):
    %y = ptq.lookup_byte %in, dense<"0x000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F404142434445464748494A4B4C4D4E4F505152535455565758595A5B5C5D5E5F606162636465666768696A6B6C6D6E6F707172737475767778797A7B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF"> : tensor<256xi8> : i8
    %one = arith.constant 1 : i8
    %z = arith.addi %y, %one : i8
    linalg.yield %z : i8
  } -> tensor<3xi8>
  return %0, %1, %2 : vector<3xi8>, vector<3xi8>, tensor<3xi8>
}

// Neighbouring products; the sum wraps as i32 does.
// CHECK-LABEL: @dot
// CHECK-DAG: dense<[-9, -2147483648]> : vector<2xi32>
// CHECK-DAG: dense<[2551, -2147483648]> : vector<2xi32>
// CHECK-DAG: dense<[1000000, 2147483647]> : vector<2xi32>
func.func @dot() -> (vector<2xi32>, vector<2xi32>, vector<2xi32>) {
  %acc = arith.constant dense<[1, 2147483647]> : vector<2xi32>
  %a = arith.constant dense<[-1, 0, 0, 0, 0, 0, 0, 1]> : vector<8xi8>
  %b = arith.constant dense<[10, 1, 1, 1, 1, 1, 1, 1]> : vector<8xi8>
  %0 = ptq.dot %acc, %a, %b : vector<2xi32>, vector<8xi8>, vector<8xi8>
  %1 = ptq.dot %acc, %a, %b unsigned_a : vector<2xi32>, vector<8xi8>, vector<8xi8>
  %zero = arith.constant dense<[0, 2147483647]> : vector<2xi32>
  %c = arith.constant dense<[1000, 0, 0, 0]> : vector<4xi16>
  %2 = ptq.dot %zero, %c, %c : vector<2xi32>, vector<4xi16>, vector<4xi16>
  return %0, %1, %2 : vector<2xi32>, vector<2xi32>, vector<2xi32>
}

// 255 * 255 + 255.

// CHECK-LABEL: @dot_of_unsigned
// CHECK: dense<65280> : vector<1xi32>
func.func @dot_of_unsigned() -> vector<1xi32> {
  %acc = arith.constant dense<0> : vector<1xi32>
  %a = arith.constant dense<[-1, 0, 0, 1]> : vector<4xi8>
  %b = arith.constant dense<[-1, -1, 2, -1]> : vector<4xi8>
  %0 = ptq.dot %acc, %a, %b unsigned_a unsigned_b : vector<1xi32>, vector<4xi8>, vector<4xi8>
  return %0 : vector<1xi32>
}

// Two squares: of each, two rows times two columns.

// CHECK-LABEL: @dot_squares
// CHECK: dense<[136, 236, 336, -2147483613, 1, -1, -2, 2]> : vector<8xi32>
func.func @dot_squares() -> vector<8xi32> {
  %acc = arith.constant dense<[100, 200, 300, 2147483647, 0, 0, 0, 0]> : vector<8xi32>
  %a = arith.constant dense<[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                             0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, -2]> : vector<32xi8>
  %b = arith.constant dense<[1, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1,
                             9, 9, 9, 9, 9, 9, 9, 1, 9, 9, 9, 9, 9, 9, 9, -1]> : vector<32xi8>
  %0 = ptq.dot %acc, %a, %b rows 2 : vector<8xi32>, vector<32xi8>, vector<32xi8>
  return %0 : vector<8xi32>
}

// 0b11100100 holds 0, 1, -2, -1.
// CHECK-LABEL: @unpack_pairs_of_bits
// CHECK-DAG: dense<{{\[}}[0, 1, -2, -1, 1], [-1, -1, -1, -1, 0]]> : tensor<2x5xi2>
func.func @unpack_pairs_of_bits() -> tensor<2x5xi2> {
  %p = arith.constant dense<[[-28, 1], [-1, 0]]> : tensor<2x2xi8>
  %0 = ptq.unpack %p axis 1 : tensor<2x2xi8> -> tensor<2x5xi2>
  return %0 : tensor<2x5xi2>
}
