// RUN: ptq-opt %s -split-input-file -ptq-propagate-qdq | FileCheck %s

// The example of the pass description, with a size that must not keep the
// float values alive.
// CHECK-LABEL: func @pad
// CHECK-SAME: (%[[Q:[a-z0-9_]+]]: tensor<?x3x8x8xi8>)
// CHECK-DAG: %[[Z:.+]] = arith.constant 7 : i8
// CHECK-DAG: %[[C0:.+]] = arith.constant 0 : index
// CHECK: %[[P:.+]] = tensor.pad %[[Q]] low[0, 0, 1, 1] high[0, 0, 2, 1]
// CHECK: tensor.yield %[[Z]] : i8
// CHECK: %[[X:.+]] = ptq.dequantize %[[P]], %{{.+}}, %[[Z]]
// CHECK: %[[N:.+]] = tensor.dim %[[Q]], %[[C0]]
// CHECK: return %[[X]], %[[N]]
func.func @pad(%q: tensor<?x3x8x8xi8>) -> (tensor<?x3x11x10xf32>, index) {
  %s = arith.constant 0.5 : f32
  %z = arith.constant 7 : i8
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %x = ptq.dequantize %q, %s, %z : tensor<?x3x8x8xi8>, f32, i8 -> tensor<?x3x8x8xf32>
  %p = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 2, 1] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %zero : f32
  } : tensor<?x3x8x8xf32> to tensor<?x3x11x10xf32>
  %n = tensor.dim %p, %c0 : tensor<?x3x11x10xf32>
  return %p, %n : tensor<?x3x11x10xf32>, index
}

// -----

// A value that is no 0 has no code before the range is known.
// CHECK-LABEL: func @pad_with_one
// CHECK: ptq.dequantize
// CHECK: } : tensor<8xf32> to tensor<9xf32>
func.func @pad_with_one(%q: tensor<8xi8>, %s: f32) -> tensor<9xf32> {
  %one = arith.constant 1.0 : f32
  %x = ptq.dequantize %q, %s : tensor<8xi8>, f32 -> tensor<8xf32>
  %p = tensor.pad %x low[0] high[1] {
  ^bb0(%i: index):
    tensor.yield %one : f32
  } : tensor<8xf32> to tensor<9xf32>
  return %p : tensor<9xf32>
}

// -----

// A quantize knows the code of every padding.
// CHECK-LABEL: func @quantize_after_pad
// CHECK-SAME: (%[[X:[a-z0-9_]+]]: tensor<8xf32>)
// CHECK-DAG: %[[TWO:.+]] = arith.constant 2 : i8
// CHECK: %[[Q:.+]] = ptq.quantize %[[X]], %{{.+}} : tensor<8xf32>
// CHECK: tensor.pad %[[Q]] low[0] high[1]
// CHECK: tensor.yield %[[TWO]] : i8
func.func @quantize_after_pad(%x: tensor<8xf32>) -> tensor<9xi8> {
  %one = arith.constant 1.0 : f32
  %s = arith.constant 0.5 : f32
  %p = tensor.pad %x low[0] high[1] {
  ^bb0(%i: index):
    tensor.yield %one : f32
  } : tensor<8xf32> to tensor<9xf32>
  %q = ptq.quantize %p, %s : tensor<9xf32>, f32 -> tensor<9xi8>
  return %q : tensor<9xi8>
}

// -----

// Per channel, the axis follows the dimension.
// CHECK-LABEL: func @transpose_axis
// CHECK-SAME: (%[[Q:[a-z0-9_]+]]: tensor<4x6xi8>, %[[S:[a-z0-9_]+]]: tensor<4xf32>)
// CHECK: %[[T:.+]] = linalg.transpose ins(%[[Q]] : tensor<4x6xi8>) outs(%{{.+}} : tensor<6x4xi8>) permutation = [1, 0]
// CHECK: ptq.dequantize %[[T]], %[[S]] axis 1 : tensor<6x4xi8>
func.func @transpose_axis(%q: tensor<4x6xi8>, %s: tensor<4xf32>) -> tensor<6x4xf32> {
  %x = ptq.dequantize %q, %s axis 0 : tensor<4x6xi8>, tensor<4xf32> -> tensor<4x6xf32>
  %e = tensor.empty() : tensor<6x4xf32>
  %t = linalg.transpose ins(%x : tensor<4x6xf32>) outs(%e : tensor<6x4xf32>) permutation = [1, 0]
  return %t : tensor<6x4xf32>
}

// -----

// Scales along an axis that is split get its new dimensions; constants stay where
// whoever reads them expects them.
// CHECK-LABEL: func @expand_axis
// CHECK-SAME: (%[[Q:[a-z0-9_]+]]: tensor<4x6xi8>, %[[S:[a-z0-9_]+]]: tensor<4xf32>)
// CHECK-DAG: %[[QE:.+]] = tensor.expand_shape %[[Q]] {{.+}} : tensor<4x6xi8> into tensor<2x2x6xi8>
// CHECK-DAG: %[[SB:.+]] = tensor.expand_shape %[[S]] {{.+}} : tensor<4xf32> into tensor<4x1xf32>
// CHECK-DAG: %[[SE:.+]] = tensor.expand_shape %[[SB]] {{.+}} : tensor<4x1xf32> into tensor<2x2x1xf32>
// CHECK-DAG: ptq.dequantize %[[QE]], %[[SE]] block [1, 1, 6] : tensor<2x2x6xi8>
// CHECK-DAG: %[[QF:.+]] = tensor.expand_shape %[[Q]] {{.+}} : tensor<4x6xi8> into tensor<4x2x3xi8>
// CHECK-DAG: ptq.dequantize %[[QF]], %[[S]] axis 0 : tensor<4x2x3xi8>
// CHECK-DAG: %[[X:.+]] = ptq.dequantize %[[Q]], %{{.+}} axis 0 : tensor<4x6xi8>
// CHECK-DAG: tensor.expand_shape %[[X]] {{.+}} : tensor<4x6xf32> into tensor<2x2x6xf32>
func.func @expand_axis(%q: tensor<4x6xi8>, %s: tensor<4xf32>) -> (tensor<2x2x6xf32>, tensor<4x2x3xf32>, tensor<2x2x6xf32>) {
  %x = ptq.dequantize %q, %s axis 0 : tensor<4x6xi8>, tensor<4xf32> -> tensor<4x6xf32>
  %a = tensor.expand_shape %x [[0, 1], [2]] output_shape [2, 2, 6] : tensor<4x6xf32> into tensor<2x2x6xf32>
  %b = tensor.expand_shape %x [[0], [1, 2]] output_shape [4, 2, 3] : tensor<4x6xf32> into tensor<4x2x3xf32>
  %c = arith.constant dense<[0.5, 1.0, 2.0, 4.0]> : tensor<4xf32>
  %y = ptq.dequantize %q, %c axis 0 : tensor<4x6xi8>, tensor<4xf32> -> tensor<4x6xf32>
  %d = tensor.expand_shape %y [[0, 1], [2]] output_shape [2, 2, 6] : tensor<4x6xf32> into tensor<2x2x6xf32>
  return %a, %b, %d : tensor<2x2x6xf32>, tensor<4x2x3xf32>, tensor<2x2x6xf32>
}

// -----

// Several users: each gets its own dequantize.
// CHECK-LABEL: func @fan_out
// CHECK-SAME: (%[[Q:[a-z0-9_]+]]: tensor<2x3xi8>, %[[S:[a-z0-9_]+]]: f32, %[[Z:[a-z0-9_]+]]: i8)
// CHECK-DAG: %[[X:.+]] = ptq.dequantize %[[Q]], %[[S]], %[[Z]] : tensor<2x3xi8>
// CHECK-DAG: %[[C:.+]] = tensor.collapse_shape %[[Q]] {{.*}} : tensor<2x3xi8> into tensor<6xi8>
// CHECK-DAG: %[[Y:.+]] = ptq.dequantize %[[C]], %[[S]], %[[Z]] : tensor<6xi8>
// CHECK-DAG: %[[E:.+]] = math.exp %[[X]]
// CHECK: return %[[Y]], %[[E]]
func.func @fan_out(%q: tensor<2x3xi8>, %s: f32, %z: i8) -> (tensor<6xf32>, tensor<2x3xf32>) {
  %x = ptq.dequantize %q, %s, %z : tensor<2x3xi8>, f32, i8 -> tensor<2x3xf32>
  %c = tensor.collapse_shape %x [[0, 1]] : tensor<2x3xf32> into tensor<6xf32>
  %e = math.exp %x : tensor<2x3xf32>
  return %c, %e : tensor<6xf32>, tensor<2x3xf32>
}

// -----

// What is also used in float is not computed twice.
// CHECK-LABEL: func @quantize_of_shared
// CHECK: %[[C:.+]] = tensor.collapse_shape
// CHECK: ptq.quantize %[[C]]
func.func @quantize_of_shared(%x: tensor<2x3xf32>, %s: f32) -> (tensor<6xi8>, tensor<6xf32>) {
  %c = tensor.collapse_shape %x [[0, 1]] : tensor<2x3xf32> into tensor<6xf32>
  %q = ptq.quantize %c, %s : tensor<6xf32>, f32 -> tensor<6xi8>
  return %q, %c : tensor<6xi8>, tensor<6xf32>
}

// -----

// From both sides: the reshapes meet in codes and quantize(dequantize) is gone.
// CHECK-LABEL: func @through
// CHECK-SAME: (%[[Q:[a-z0-9_]+]]: tensor<2x3xi8>
// CHECK-NOT: ptq
// CHECK: %[[C:.+]] = tensor.collapse_shape %[[Q]] {{.*}} : tensor<2x3xi8> into tensor<6xi8>
// CHECK: return %[[C]]
func.func @through(%q: tensor<2x3xi8>, %s: f32, %z: i8) -> tensor<6xi8> {
  %x = ptq.dequantize %q, %s, %z : tensor<2x3xi8>, f32, i8 -> tensor<2x3xf32>
  %c = tensor.collapse_shape %x [[0, 1]] : tensor<2x3xf32> into tensor<6xf32>
  %r = ptq.quantize %c, %s, %z : tensor<6xf32>, f32, i8 -> tensor<6xi8>
  return %r : tensor<6xi8>
}

// -----

// A maximum over padded windows: -inf becomes the lowest code.
// CHECK-LABEL: func @max_pool_below_dequantize
// CHECK-SAME: (%[[Q:[a-z0-9_]+]]: tensor<1x2x4x4xi8>
// CHECK-DAG: %[[LOW:.+]] = arith.constant -128 : i8
// CHECK: %[[P:.+]] = tensor.pad %[[Q]]
// CHECK: tensor.yield %[[LOW]] : i8
// CHECK: %[[F:.+]] = linalg.fill ins(%[[LOW]] : i8)
// CHECK: %[[M:.+]] = linalg.pooling_nchw_max {strides = dense<2> : vector<2xi64>} ins(%[[P]], %{{.+}} : tensor<1x2x6x6xi8>, tensor<2x2xi8>) outs(%[[F]] : tensor<1x2x3x3xi8>)
// CHECK: ptq.dequantize %[[M]]
func.func @max_pool_below_dequantize(%q: tensor<1x2x4x4xi8>, %s: f32, %z: i8) -> tensor<1x2x3x3xf32> {
  %inf = arith.constant 0xFF800000 : f32
  %x = ptq.dequantize %q, %s, %z : tensor<1x2x4x4xi8>, f32, i8 -> tensor<1x2x4x4xf32>
  %p = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 1, 1] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %inf : f32
  } : tensor<1x2x4x4xf32> to tensor<1x2x6x6xf32>
  %w = tensor.empty() : tensor<2x2xf32>
  %e = tensor.empty() : tensor<1x2x3x3xf32>
  %f = linalg.fill ins(%inf : f32) outs(%e : tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  %m = linalg.pooling_nchw_max {strides = dense<2> : vector<2xi64>} ins(%p, %w : tensor<1x2x6x6xf32>, tensor<2x2xf32>) outs(%f : tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  return %m : tensor<1x2x3x3xf32>
}

// -----

// The same from below, with channels last.
// CHECK-LABEL: func @max_pool_above_quantize
// CHECK-SAME: (%[[X:[a-z0-9_]+]]: tensor<1x4x4x2xf32>
// CHECK-DAG: %[[LOW:.+]] = arith.constant -128 : i8
// CHECK: %[[Q:.+]] = ptq.quantize %[[X]], %{{.+}}, %{{.+}} : tensor<1x4x4x2xf32>
// CHECK: %[[P:.+]] = tensor.pad %[[Q]]
// CHECK: tensor.yield %[[LOW]] : i8
// CHECK: linalg.pooling_nhwc_max ins(%[[P]], %{{.+}} : tensor<1x6x6x2xi8>, tensor<2x2xi8>)
func.func @max_pool_above_quantize(%x: tensor<1x4x4x2xf32>) -> tensor<1x5x5x2xi8> {
  %s = arith.constant 0.5 : f32
  %z = arith.constant 3 : i8
  %inf = arith.constant 0xFF800000 : f32
  %p = tensor.pad %x low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %inf : f32
  } : tensor<1x4x4x2xf32> to tensor<1x6x6x2xf32>
  %w = tensor.empty() : tensor<2x2xf32>
  %e = tensor.empty() : tensor<1x5x5x2xf32>
  %f = linalg.fill ins(%inf : f32) outs(%e : tensor<1x5x5x2xf32>) -> tensor<1x5x5x2xf32>
  %m = linalg.pooling_nhwc_max ins(%p, %w : tensor<1x6x6x2xf32>, tensor<2x2xf32>) outs(%f : tensor<1x5x5x2xf32>) -> tensor<1x5x5x2xf32>
  %q = ptq.quantize %m, %s, %z : tensor<1x5x5x2xf32>, f32, i8 -> tensor<1x5x5x2xi8>
  return %q : tensor<1x5x5x2xi8>
}

// -----

// A maximum with something else than -inf is no pure selection.
// CHECK-LABEL: func @max_with_zero
// CHECK: ptq.dequantize
// CHECK: linalg.pooling_nchw_max {{.*}}xf32>
func.func @max_with_zero(%q: tensor<1x2x4x4xi8>, %s: f32) -> tensor<1x2x3x3xf32> {
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %s : tensor<1x2x4x4xi8>, f32 -> tensor<1x2x4x4xf32>
  %w = tensor.empty() : tensor<2x2xf32>
  %e = tensor.empty() : tensor<1x2x3x3xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  %m = linalg.pooling_nchw_max ins(%x, %w : tensor<1x2x4x4xf32>, tensor<2x2xf32>) outs(%f : tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  return %m : tensor<1x2x3x3xf32>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// A ReLU is a bound, in any spelling; the float user keeps its own.
// CHECK-LABEL: func @relu
// CHECK-SAME: (%[[X:[a-z0-9_]+]]: tensor<?x8xf32>
// CHECK: linalg.generic
// CHECK: arith.maximumf
// CHECK: ptq.quantize %[[X]], %{{.+}}, %{{.+}} low -8 : tensor<?x8xf32>
func.func @relu(%x: tensor<?x8xf32>, %e: tensor<?x8xf32>) -> (tensor<?x8xi8>, tensor<?x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %s = arith.constant 0.1 : f32
  %z = arith.constant -8 : i8
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = arith.maximumf %a, %zero : f32
    linalg.yield %v : f32
  } -> tensor<?x8xf32>
  %q = ptq.quantize %r, %s, %z : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
  return %q, %r : tensor<?x8xi8>, tensor<?x8xf32>
}

// CHECK-LABEL: func @relu_by_select
// CHECK-SAME: (%[[X:[a-z0-9_]+]]: tensor<?x8xf32>
// CHECK-NOT: linalg.generic
// CHECK: ptq.quantize %[[X]], %{{.+}}, %{{.+}} low -8 : tensor<?x8xf32>
func.func @relu_by_select(%x: tensor<?x8xf32>, %e: tensor<?x8xf32>) -> tensor<?x8xi8> {
  %zero = arith.constant 0.0 : f32
  %s = arith.constant 0.1 : f32
  %z = arith.constant -8 : i8
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %c = arith.cmpf ugt, %a, %zero : f32
    %v = arith.select %c, %a, %zero : f32
    linalg.yield %v : f32
  } -> tensor<?x8xf32>
  %q = ptq.quantize %r, %s, %z : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
  return %q : tensor<?x8xi8>
}

// A ReLU6, of which the upper bound rounds to even: 6 / 0.48 = 12.5 steps.
// CHECK-LABEL: func @relu6
// CHECK-SAME: (%[[X:[a-z0-9_]+]]: tensor<?x8xf32>
// CHECK: ptq.quantize %[[X]], %{{.+}}, %{{.+}} low -8 high 4 : tensor<?x8xf32>
func.func @relu6(%x: tensor<?x8xf32>, %e: tensor<?x8xf32>) -> tensor<?x8xi8> {
  %zero = arith.constant 0.0 : f32
  %six = arith.constant 6.0 : f32
  %s = arith.constant 0.48 : f32
  %z = arith.constant -8 : i8
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = arith.maxnumf %a, %zero : f32
    %w = arith.minnumf %v, %six : f32
    linalg.yield %w : f32
  } -> tensor<?x8xf32>
  %q = ptq.quantize %r, %s, %z : tensor<?x8xf32>, f32, i8 -> tensor<?x8xi8>
  return %q : tensor<?x8xi8>
}

// The code of 0 needs no scale when it is symmetric.
// CHECK-LABEL: func @relu_dynamic_scale
// CHECK-SAME: (%[[X:[a-z0-9_]+]]: tensor<?x8xf32>
// CHECK: ptq.quantize %[[X]], %{{.+}} axis 1 low 0 : tensor<?x8xf32>
func.func @relu_dynamic_scale(%x: tensor<?x8xf32>, %e: tensor<?x8xf32>, %s: tensor<8xf32>) -> tensor<?x8xi8> {
  %zero = arith.constant 0.0 : f32
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = arith.maximumf %zero, %a : f32
    linalg.yield %v : f32
  } -> tensor<?x8xf32>
  %q = ptq.quantize %r, %s axis 1 : tensor<?x8xf32>, tensor<8xf32> -> tensor<?x8xi8>
  return %q : tensor<?x8xi8>
}

// A clamp away from 0 would change what becomes of NaN.
// CHECK-LABEL: func @clamp_above_zero
// CHECK: %[[R:.+]] = linalg.generic
// CHECK: ptq.quantize %[[R]]
func.func @clamp_above_zero(%x: tensor<?x8xf32>, %e: tensor<?x8xf32>) -> tensor<?x8xi8> {
  %one = arith.constant 1.0 : f32
  %s = arith.constant 0.1 : f32
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = arith.maximumf %a, %one : f32
    linalg.yield %v : f32
  } -> tensor<?x8xf32>
  %q = ptq.quantize %r, %s : tensor<?x8xf32>, f32 -> tensor<?x8xi8>
  return %q : tensor<?x8xi8>
}

// -----

#id = affine_map<(d0, d1) -> (d0, d1)>

// Between two networks' ends: requantization of codes, with the ReLU's bound.
// CHECK-LABEL: func @relu_between
// CHECK-SAME: (%[[Q:[a-z0-9_]+]]: tensor<4x8xi8>
// CHECK: %[[X:.+]] = ptq.dequantize %[[Q]]
// CHECK: ptq.quantize %[[X]], %{{.+}}, %{{.+}} low -128
func.func @relu_between(%q: tensor<4x8xi8>) -> tensor<4x8xi16> {
  %zero = arith.constant 0.0 : f32
  %s = arith.constant 0.1 : f32
  %t = arith.constant 0.2 : f32
  %z = arith.constant -128 : i8
  %x = ptq.dequantize %q, %s : tensor<4x8xi8>, f32 -> tensor<4x8xf32>
  %e = tensor.empty() : tensor<4x8xf32>
  %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = arith.maximumf %a, %zero : f32
    linalg.yield %v : f32
  } -> tensor<4x8xf32>
  %p = ptq.quantize %r, %t, %z : tensor<4x8xf32>, f32, i8 -> tensor<4x8xi16>
  return %p : tensor<4x8xi16>
}

// -----

// Block-wise scales stay where they are.
// CHECK-LABEL: func @blocks
// CHECK: ptq.dequantize %{{.+}} block [1, 2] : tensor<2x4xi8>
// CHECK: tensor.collapse_shape %{{.+}} : tensor<2x4xf32>
func.func @blocks(%q: tensor<2x4xi8>, %s: tensor<2x2xf32>) -> tensor<8xf32> {
  %x = ptq.dequantize %q, %s block [1, 2] : tensor<2x4xi8>, tensor<2x2xf32> -> tensor<2x4xf32>
  %c = tensor.collapse_shape %x [[0, 1]] : tensor<2x4xf32> into tensor<8xf32>
  return %c : tensor<8xf32>
}

// -----

// Padding has the code of its sample's 0, where samples have zero points of their
// own.
// CHECK-LABEL: func @pad_samples
// CHECK-SAME: (%[[Q:[a-z0-9_]+]]: tensor<?x2x3xi8>, %[[S:[a-z0-9_]+]]: tensor<?xf32>, %[[Z:[a-z0-9_]+]]: tensor<?xi8>)
// CHECK: %[[N:.+]] = tensor.dim %[[Q]], %{{.+}}
// CHECK: %[[E:.+]] = tensor.empty(%{{.+}}) : tensor<?x3x5xi8>
// CHECK: %[[ZEROS:.+]] = linalg.broadcast ins(%[[Z]] : tensor<?xi8>) outs(%[[E]] : tensor<?x3x5xi8>) dimensions = [1, 2]
// CHECK: %[[P:.+]] = tensor.insert_slice %[[Q]] into %[[ZEROS]][0, 1, 0] [%{{.+}}, 2, 3] [1, 1, 1]
// CHECK: ptq.dequantize %[[P]], %[[S]], %[[Z]] axis 0 : tensor<?x3x5xi8>
func.func @pad_samples(%q: tensor<?x2x3xi8>, %s: tensor<?xf32>, %z: tensor<?xi8>) -> tensor<?x3x5xf32> {
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %s, %z axis 0 : tensor<?x2x3xi8>, tensor<?xf32>, tensor<?xi8> -> tensor<?x2x3xf32>
  %p = tensor.pad %x low[0, 1, 0] high[0, 0, 2] {
  ^bb0(%i0: index, %i1: index, %i2: index):
    tensor.yield %zero : f32
  } : tensor<?x2x3xf32> to tensor<?x3x5xf32>
  return %p : tensor<?x3x5xf32>
}

// The codes may say how many samples there are where the zero points do not.
// CHECK-LABEL: func @pad_known_samples
// CHECK-SAME: %[[Z:[a-z0-9_]+]]: tensor<?xi8>)
// CHECK: %[[C:.+]] = tensor.cast %[[Z]] : tensor<?xi8> to tensor<1xi8>
// CHECK: linalg.broadcast ins(%[[C]] : tensor<1xi8>) outs(%{{.+}} : tensor<1x3x5xi8>) dimensions = [1, 2]
func.func @pad_known_samples(%q: tensor<1x2x3xi8>, %s: tensor<?xf32>, %z: tensor<?xi8>) -> tensor<1x3x5xf32> {
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %s, %z axis 0 : tensor<1x2x3xi8>, tensor<?xf32>, tensor<?xi8> -> tensor<1x2x3xf32>
  %p = tensor.pad %x low[0, 1, 0] high[0, 0, 2] {
  ^bb0(%i0: index, %i1: index, %i2: index):
    tensor.yield %zero : f32
  } : tensor<1x2x3xf32> to tensor<1x3x5xf32>
  return %p : tensor<1x3x5xf32>
}

// -----

// Without zero points 0 is one code for all; padding of the samples themselves
// has no scale.
// CHECK-LABEL: func @pad_symmetric
// CHECK: %[[P:.+]] = tensor.pad %{{.+}} low[0, 1] high[0, 0]
// CHECK: tensor<2x3xi8> to tensor<2x4xi8>
// CHECK: ptq.dequantize %[[P]], %{{.+}} axis 0 : tensor<2x4xi8>
// CHECK: %[[X:.+]] = ptq.dequantize
// CHECK: tensor.pad %[[X]] low[1, 0] high[0, 0]
func.func @pad_symmetric(%q: tensor<2x3xi8>, %s: tensor<2xf32>, %z: tensor<2xi8>) -> (tensor<2x4xf32>, tensor<3x3xf32>) {
  %zero = arith.constant 0.0 : f32
  %x = ptq.dequantize %q, %s axis 0 : tensor<2x3xi8>, tensor<2xf32> -> tensor<2x3xf32>
  %p = tensor.pad %x low[0, 1] high[0, 0] {
  ^bb0(%i0: index, %i1: index):
    tensor.yield %zero : f32
  } : tensor<2x3xf32> to tensor<2x4xf32>
  %y = ptq.dequantize %q, %s, %z axis 0 : tensor<2x3xi8>, tensor<2xf32>, tensor<2xi8> -> tensor<2x3xf32>
  %r = tensor.pad %y low[1, 0] high[0, 0] {
  ^bb0(%i0: index, %i1: index):
    tensor.yield %zero : f32
  } : tensor<2x3xf32> to tensor<3x3xf32>
  return %p, %r : tensor<2x4xf32>, tensor<3x3xf32>
}

// -----

// Scales of tokens are reshaped and transposed like the data.
// CHECK-LABEL: func @tokens
// CHECK-SAME: (%[[Q:[a-z0-9_]+]]: tensor<?x4x6xi8>, %[[S:[a-z0-9_]+]]: tensor<?x4x1xf32>, %[[Z:[a-z0-9_]+]]: tensor<?x4x1xi8>,
// CHECK-DAG: %[[QC:.+]] = tensor.collapse_shape %[[Q]] {{\[\[}}0, 1], [2]] : tensor<?x4x6xi8> into tensor<?x6xi8>
// CHECK-DAG: %[[SC:.+]] = tensor.collapse_shape %[[S]] {{\[\[}}0, 1], [2]] : tensor<?x4x1xf32> into tensor<?x1xf32>
// CHECK-DAG: %[[ZC:.+]] = tensor.collapse_shape %[[Z]] {{\[\[}}0, 1], [2]] : tensor<?x4x1xi8> into tensor<?x1xi8>
// CHECK-DAG: ptq.dequantize %[[QC]], %[[SC]], %[[ZC]] block [1, 6] : tensor<?x6xi8>
// CHECK-DAG: %[[QE:.+]] = tensor.expand_shape %[[Q]] {{\[\[}}0], [1], [2, 3]] output_shape [%{{.+}}, 4, 2, 3]
// CHECK-DAG: %[[SE:.+]] = tensor.expand_shape %[[S]] {{\[\[}}0], [1], [2, 3]] output_shape [%{{.+}}, 4, 1, 1]
// CHECK-DAG: %[[QT:.+]] = linalg.transpose ins(%[[QE]] : {{.+}}permutation = [0, 2, 1, 3]
// CHECK-DAG: %[[ST:.+]] = linalg.transpose ins(%[[SE]] : {{.+}}permutation = [0, 2, 1, 3]
// CHECK-DAG: ptq.dequantize %[[QT]], %[[ST]], %{{.+}} block [1, 2, 1, 3] : tensor<?x2x4x3xi8>
func.func @tokens(%q: tensor<?x4x6xi8>, %s: tensor<?x4x1xf32>, %z: tensor<?x4x1xi8>, %n: index) -> (tensor<?x6xf32>, tensor<?x2x4x3xf32>) {
  %x = ptq.dequantize %q, %s, %z block [1, 1, 6] : tensor<?x4x6xi8>, tensor<?x4x1xf32>, tensor<?x4x1xi8> -> tensor<?x4x6xf32>
  %c = tensor.collapse_shape %x [[0, 1], [2]] : tensor<?x4x6xf32> into tensor<?x6xf32>
  %e = tensor.expand_shape %x [[0], [1], [2, 3]] output_shape [%n, 4, 2, 3] : tensor<?x4x6xf32> into tensor<?x4x2x3xf32>
  %t = tensor.empty(%n) : tensor<?x2x4x3xf32>
  %r = linalg.transpose ins(%e : tensor<?x4x2x3xf32>) outs(%t : tensor<?x2x4x3xf32>) permutation = [0, 2, 1, 3]
  return %c, %r : tensor<?x6xf32>, tensor<?x2x4x3xf32>
}

// -----

// What is repeated has the same scale.
// CHECK-LABEL: func @repeated_tokens
// CHECK-SAME: (%[[Q:[a-z0-9_]+]]: tensor<?x6xi8>, %[[S:[a-z0-9_]+]]: tensor<?x1xf32>,
// CHECK-DAG: %[[QB:.+]] = linalg.broadcast ins(%[[Q]] : tensor<?x6xi8>) outs(%{{.+}} : tensor<2x?x3x6xi8>) dimensions = [0, 2]
// CHECK-DAG: %[[SB:.+]] = tensor.expand_shape %[[S]] {{\[\[}}0, 1, 2], [3]] {{.+}} : tensor<?x1xf32> into tensor<1x?x1x1xf32>
// CHECK: ptq.dequantize %[[QB]], %[[SB]] block [2, 1, 3, 6] : tensor<2x?x3x6xi8>
func.func @repeated_tokens(%q: tensor<?x6xi8>, %s: tensor<?x1xf32>, %e: tensor<2x?x3x6xf32>) -> tensor<2x?x3x6xf32> {
  %x = ptq.dequantize %q, %s block [1, 6] : tensor<?x6xi8>, tensor<?x1xf32> -> tensor<?x6xf32>
  %b = linalg.broadcast ins(%x : tensor<?x6xf32>) outs(%e : tensor<2x?x3x6xf32>) dimensions = [0, 2]
  return %b : tensor<2x?x3x6xf32>
}

// -----

// The scale of a sample is that of each of its rows.
// CHECK-LABEL: func @rows_of_samples
// CHECK-SAME: (%[[Q:[a-z0-9_]+]]: tensor<?x4x6xi8>, %[[S:[a-z0-9_]+]]: tensor<?xf32>)
// CHECK-DAG: %[[QC:.+]] = tensor.collapse_shape %[[Q]] {{.+}} into tensor<?x6xi8>
// CHECK-DAG: %[[SE:.+]] = tensor.expand_shape %[[S]] {{.+}} into tensor<?x1x1xf32>
// CHECK-DAG: %[[SR:.+]] = linalg.generic {{.+}} ins(%[[SE]] : tensor<?x1x1xf32>) outs(%{{.+}} : tensor<?x4x1xf32>)
// CHECK-DAG: %[[SC:.+]] = tensor.collapse_shape %[[SR]] {{\[\[}}0, 1], [2]] : tensor<?x4x1xf32> into tensor<?x1xf32>
// CHECK: ptq.dequantize %[[QC]], %[[SC]] block [1, 6] : tensor<?x6xi8>
func.func @rows_of_samples(%q: tensor<?x4x6xi8>, %s: tensor<?xf32>) -> tensor<?x6xf32> {
  %x = ptq.dequantize %q, %s axis 0 : tensor<?x4x6xi8>, tensor<?xf32> -> tensor<?x4x6xf32>
  %c = tensor.collapse_shape %x [[0, 1], [2]] : tensor<?x4x6xf32> into tensor<?x6xf32>
  return %c : tensor<?x6xf32>
}

// -----

// A clamp that is measured is needed as it is.
// CHECK-LABEL: func @measured_relu
// CHECK: %[[R:.+]] = linalg.generic
// CHECK: %[[S:.+]] = ptq.choose_parameters %[[R]]
// CHECK: ptq.quantize %[[R]], %[[S]] axis 0 low -127 :
func.func @measured_relu(%x: tensor<?x8xf32>, %e: tensor<?x8xf32>) -> tensor<?x8xi8> {
  %zero = arith.constant 0.0 : f32
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %v = arith.maximumf %zero, %a : f32
    linalg.yield %v : f32
  } -> tensor<?x8xf32>
  %s = ptq.choose_parameters %r encoding(<i8, symmetric, granularity = axis, axis = 0, narrow_range = true, source = dynamic>) : tensor<?x8xf32> -> tensor<?xf32>
  %q = ptq.quantize %r, %s axis 0 low -127 : tensor<?x8xf32>, tensor<?xf32> -> tensor<?x8xi8>
  return %q : tensor<?x8xi8>
}

// -----

// Slices and casts.
// CHECK-LABEL: func @slice
// CHECK: %[[S:.+]] = tensor.extract_slice %{{.+}}[0, 2] [4, 3] [1, 1] : tensor<4x8xi8> to tensor<4x3xi8>
// CHECK: ptq.dequantize %[[S]], %{{.+}} axis 0 : tensor<4x3xi8>
func.func @slice(%q: tensor<4x8xi8>, %s: tensor<4xf32>) -> tensor<4x3xf32> {
  %x = ptq.dequantize %q, %s axis 0 : tensor<4x8xi8>, tensor<4xf32> -> tensor<4x8xf32>
  %c = tensor.extract_slice %x[0, 2] [4, 3] [1, 1] : tensor<4x8xf32> to tensor<4x3xf32>
  return %c : tensor<4x3xf32>
}

// -----

// Casts of the shape on the way stop both.
// CHECK-LABEL: func @shape_casts
// CHECK: %[[X:.+]] = ptq.dequantize %{{.+}} : tensor<?x3xi8>, f32 -> tensor<2x3xf32>
// CHECK: %[[C:.+]] = tensor.collapse_shape %[[X]] {{.*}} : tensor<2x3xf32> into tensor<6xf32>
// CHECK: ptq.quantize %[[C]], %{{.+}} : tensor<6xf32>, f32 -> tensor<?xi8>
func.func @shape_casts(%q: tensor<?x3xi8>, %s: f32) -> tensor<?xi8> {
  %x = ptq.dequantize %q, %s : tensor<?x3xi8>, f32 -> tensor<2x3xf32>
  %c = tensor.collapse_shape %x [[0, 1]] : tensor<2x3xf32> into tensor<6xf32>
  %r = ptq.quantize %c, %s : tensor<6xf32>, f32 -> tensor<?xi8>
  return %r : tensor<?xi8>
}

// -----

#ids = affine_map<(t, i) -> (t)>
#row = affine_map<(t, i) -> (t, i)>

// Rows are picked from codes and from scales, and then dequantized.
// CHECK-LABEL: func @gather
// CHECK-SAME: (%[[IDS:.+]]: tensor<?xi64>, %[[Q:.+]]: tensor<8x6xi8>, %[[S:.+]]: tensor<8xf32>, %[[Z:.+]]: tensor<8xi8>
// CHECK: %[[CODES:.+]] = linalg.generic {{.*}} ins(%[[IDS]] : tensor<?xi64>)
// CHECK:   %[[ID:.+]] = arith.index_cast %{{.+}} : i64 to index
// CHECK:   %[[I:.+]] = linalg.index 1
// CHECK:   tensor.extract %[[Q]][%[[ID]], %[[I]]]
// CHECK: } -> tensor<?x6xi8>
// CHECK: %[[SCALES:.+]] = linalg.generic
// CHECK:   %[[ID:.+]] = arith.index_cast %{{.+}} : i64 to index
// CHECK:   tensor.extract %[[S]][%[[ID]]]
// CHECK: } -> tensor<?x1xf32>
// CHECK: %[[ZEROS:.+]] = linalg.generic
// CHECK:   tensor.extract %[[Z]]
// CHECK: } -> tensor<?x1xi8>
// CHECK: %[[X:.+]] = ptq.dequantize %[[CODES]], %[[SCALES]], %[[ZEROS]] block [1, 6] : tensor<?x6xi8>, tensor<?x1xf32>, tensor<?x1xi8> -> tensor<?x6xf32>
// CHECK: return %[[X]]
func.func @gather(%ids: tensor<?xi64>, %q: tensor<8x6xi8>, %s: tensor<8xf32>, %z: tensor<8xi8>, %n: index) -> tensor<?x6xf32> {
  %table = ptq.dequantize %q, %s, %z axis 0 : tensor<8x6xi8>, tensor<8xf32>, tensor<8xi8> -> tensor<8x6xf32>
  %init = tensor.empty(%n) : tensor<?x6xf32>
  %0 = linalg.generic {indexing_maps = [#ids, #row], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<?xi64>) outs(%init : tensor<?x6xf32>) {
    ^bb0(%in: i64, %out: f32):
      %id = arith.index_cast %in : i64 to index
      %i = linalg.index 1 : index
      %e = tensor.extract %table[%id, %i] : tensor<8x6xf32>
      linalg.yield %e : f32
  } -> tensor<?x6xf32>
  return %0 : tensor<?x6xf32>
}

// -----

#ids = affine_map<(t, i) -> (t)>
#row = affine_map<(t, i) -> (t, i)>

// Bytes of packed codes, and the scales of the blocks of a row, of which the
// last is short.
// CHECK-LABEL: func @gather_of_packed_blocks
// CHECK-SAME: (%{{.+}}: tensor<3xindex>, %[[P:.+]]: tensor<8x3xi8>, %[[S:.+]]: tensor<8x2xf16>)
// CHECK: %[[CODES:.+]] = linalg.generic
// CHECK: ^bb0(%[[ID:.+]]: index, %{{.+}}: i8):
// CHECK:   %[[I:.+]] = linalg.index 1
// CHECK:   %[[PART:.+]] = arith.remui %[[I]], %{{.+}}
// CHECK:   %[[AT:.+]] = arith.divui %[[I]], %{{.+}}
// CHECK:   %[[BYTE:.+]] = tensor.extract %[[P]][%[[ID]], %[[AT]]]
// CHECK:   arith.index_cast %[[PART]]
// CHECK:   %[[HIGH:.+]] = arith.shli %[[BYTE]]
// CHECK:   arith.shrsi %[[HIGH]]
// CHECK: } -> tensor<3x6xi8>
// CHECK: %[[SCALES:.+]] = linalg.generic
// CHECK: ^bb0(%[[ID:.+]]: index, %{{.+}}: f16):
// CHECK:   %[[BLOCK:.+]] = linalg.index 1
// CHECK:   tensor.extract %[[S]][%[[ID]], %[[BLOCK]]]
// CHECK: } -> tensor<3x2xf16>
// CHECK: ptq.dequantize %[[CODES]], %[[SCALES]] block [1, 4] : tensor<3x6xi8>, tensor<3x2xf16> -> tensor<3x6xf32>
func.func @gather_of_packed_blocks(%ids: tensor<3xindex>, %p: tensor<8x3xi8>, %s: tensor<8x2xf16>) -> tensor<3x6xf32> {
  %q = ptq.unpack %p axis 1 : tensor<8x3xi8> -> tensor<8x6xi4>
  %table = ptq.dequantize %q, %s block [1, 4] : tensor<8x6xi4>, tensor<8x2xf16> -> tensor<8x6xf32>
  %init = tensor.empty() : tensor<3x6xf32>
  %0 = linalg.generic {indexing_maps = [#ids, #row], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<3xindex>) outs(%init : tensor<3x6xf32>) {
    ^bb0(%id: index, %out: f32):
      %i = linalg.index 1 : index
      %e = tensor.extract %table[%id, %i] : tensor<8x6xf32>
      linalg.yield %e : f32
  } -> tensor<3x6xf32>
  return %0 : tensor<3x6xf32>
}

// -----

#ids = affine_map<(t, i) -> (t)>
#row = affine_map<(t, i) -> (t, i)>

// One scale fits wherever the rows go.
// CHECK-LABEL: func @gather_per_tensor
// CHECK-SAME: %[[S:[a-z0-9]+]]: f32
// CHECK: %[[CODES:.+]] = linalg.generic
// CHECK-NOT: linalg.generic
// CHECK: ptq.dequantize %[[CODES]], %[[S]] : tensor<3x6xi8>, f32 -> tensor<3x6xf32>
func.func @gather_per_tensor(%ids: tensor<3xindex>, %q: tensor<8x6xi8>, %s: f32) -> tensor<3x6xf32> {
  %table = ptq.dequantize %q, %s : tensor<8x6xi8>, f32 -> tensor<8x6xf32>
  %init = tensor.empty() : tensor<3x6xf32>
  %0 = linalg.generic {indexing_maps = [#ids, #row], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<3xindex>) outs(%init : tensor<3x6xf32>) {
    ^bb0(%id: index, %out: f32):
      %i = linalg.index 1 : index
      %e = tensor.extract %table[%id, %i] : tensor<8x6xf32>
      linalg.yield %e : f32
  } -> tensor<3x6xf32>
  return %0 : tensor<3x6xf32>
}

// -----

#row = affine_map<(t, i) -> (t, i)>

// Not only rows are read: each element of the result has an index of its own.
// CHECK-LABEL: func @gather_of_elements
// CHECK: %[[TABLE:.+]] = ptq.dequantize
// CHECK: tensor.extract %[[TABLE]]
// CHECK: } -> tensor<3x6xf32>
func.func @gather_of_elements(%ids: tensor<3x6xindex>, %q: tensor<8x6xi8>, %s: tensor<8xf32>) -> tensor<3x6xf32> {
  %table = ptq.dequantize %q, %s axis 0 : tensor<8x6xi8>, tensor<8xf32> -> tensor<8x6xf32>
  %init = tensor.empty() : tensor<3x6xf32>
  %0 = linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<3x6xindex>) outs(%init : tensor<3x6xf32>) {
    ^bb0(%id: index, %out: f32):
      %i = linalg.index 1 : index
      %e = tensor.extract %table[%id, %i] : tensor<8x6xf32>
      linalg.yield %e : f32
  } -> tensor<3x6xf32>
  return %0 : tensor<3x6xf32>
}

// -----

#ids = affine_map<(t, i) -> (t)>
#row = affine_map<(t, i) -> (t, i)>

// More than a gather: what is yielded has been computed on.
// CHECK-LABEL: func @gather_and_scale
// CHECK: %[[TABLE:.+]] = ptq.dequantize
// CHECK: tensor.extract %[[TABLE]]
func.func @gather_and_scale(%ids: tensor<3xindex>, %q: tensor<8x6xi8>, %s: tensor<8xf32>) -> tensor<3x6xf32> {
  %table = ptq.dequantize %q, %s axis 0 : tensor<8x6xi8>, tensor<8xf32> -> tensor<8x6xf32>
  %init = tensor.empty() : tensor<3x6xf32>
  %0 = linalg.generic {indexing_maps = [#ids, #row], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<3xindex>) outs(%init : tensor<3x6xf32>) {
    ^bb0(%id: index, %out: f32):
      %i = linalg.index 1 : index
      %e = tensor.extract %table[%id, %i] : tensor<8x6xf32>
      %d = arith.addf %e, %e : f32
      linalg.yield %d : f32
  } -> tensor<3x6xf32>
  return %0 : tensor<3x6xf32>
}

// -----

// No code stands for less than 0, or for more than 6: 200 steps of .03.
// CHECK-LABEL: func @redundant_clamps
// CHECK-SAME: %[[Q:.*]]: tensor<4x8xi8>, %[[X:.*]]: tensor<4x8xf32>
// CHECK: %[[A:.*]] = ptq.dequantize %[[Q]]
// CHECK: %[[R:.*]] = ptq.quantize %[[X]], %{{.*}} high 72
// CHECK: %[[B:.*]] = ptq.dequantize %[[R]]
// CHECK: %[[C:.*]] = ptq.dequantize %[[Q]], %{{.*}} axis 0
// CHECK: return %[[A]], %[[B]], %[[C]]
func.func @redundant_clamps(%q: tensor<4x8xi8>, %x: tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<4x8xf32>
  %e = tensor.empty() : tensor<4x8xf32>
  %s = arith.constant 0.03 : f32
  %t = arith.constant dense<[0.1, 0.2, 0.3, 0.4]> : tensor<4xf32>
  %z = arith.constant -128 : i8
  %zs = arith.constant dense<-128> : tensor<4xi8>
  %six = arith.constant 6.0 : f32
  %0 = ptq.dequantize %q, %s, %z : tensor<4x8xi8>, f32, i8 -> tensor<4x8xf32>
  %1 = linalg.max ins(%0, %zeros : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %2 = ptq.quantize %x, %s, %z high 72 : tensor<4x8xf32>, f32, i8 -> tensor<4x8xi8>
  %3 = ptq.dequantize %2, %s, %z : tensor<4x8xi8>, f32, i8 -> tensor<4x8xf32>
  %4 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
       ins(%3 : tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    %m = arith.minimumf %in, %six : f32
    linalg.yield %m : f32
  } -> tensor<4x8xf32>
  %5 = ptq.dequantize %q, %t, %zs axis 0 : tensor<4x8xi8>, tensor<4xf32>, tensor<4xi8> -> tensor<4x8xf32>
  %6 = linalg.max ins(%5, %zeros : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %1, %4, %6 : tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// Negative codes stand for negative numbers; measured scales are not known.
// CHECK-LABEL: func @needed_clamps
// CHECK-COUNT-2: linalg.max
func.func @needed_clamps(%q: tensor<4x8xi8>, %d: f32) -> (tensor<4x8xf32>, tensor<4x8xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<4x8xf32>
  %e = tensor.empty() : tensor<4x8xf32>
  %s = arith.constant 0.03 : f32
  %z = arith.constant -127 : i8
  %0 = ptq.dequantize %q, %s, %z : tensor<4x8xi8>, f32, i8 -> tensor<4x8xf32>
  %1 = linalg.max ins(%0, %zeros : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  %y = arith.constant -128 : i8
  %2 = ptq.dequantize %q, %d, %y : tensor<4x8xi8>, f32, i8 -> tensor<4x8xf32>
  %3 = linalg.max ins(%2, %zeros : tensor<4x8xf32>, tensor<4x8xf32>) outs(%e : tensor<4x8xf32>) -> tensor<4x8xf32>
  return %1, %3 : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// Scales of which less is known than of the data, or more.
// CHECK-LABEL: func @sizes_of_scales
// CHECK-SAME: (%[[Q:[a-z0-9_]+]]: tensor<?x4x6xi8>, %[[S:[a-z0-9_]+]]: tensor<3x4x?xf32>,
// CHECK-DAG: %[[SB:.+]] = tensor.cast %[[S]] : tensor<3x4x?xf32> to tensor<?x4x1xf32>
// CHECK-DAG: %[[SC:.+]] = tensor.collapse_shape %[[SB]] {{\[\[}}0, 1], [2]] : tensor<?x4x1xf32> into tensor<?x1xf32>
// CHECK-DAG: ptq.dequantize %{{.+}}, %[[SC]] block [1, 6] : tensor<?x6xi8>
// CHECK-DAG: tensor.cast %{{.+}} : tensor<?xf32> to tensor<4xf32>
func.func @sizes_of_scales(%q: tensor<?x4x6xi8>, %s: tensor<3x4x?xf32>, %r: tensor<4x6xi8>, %t: tensor<?xf32>) -> (tensor<?x6xf32>, tensor<24xf32>) {
  %x = ptq.dequantize %q, %s block [1, 1, 6] : tensor<?x4x6xi8>, tensor<3x4x?xf32> -> tensor<?x4x6xf32>
  %c = tensor.collapse_shape %x [[0, 1], [2]] : tensor<?x4x6xf32> into tensor<?x6xf32>
  %y = ptq.dequantize %r, %t axis 0 : tensor<4x6xi8>, tensor<?xf32> -> tensor<4x6xf32>
  %d = tensor.collapse_shape %y [[0, 1]] : tensor<4x6xf32> into tensor<24xf32>
  return %c, %d : tensor<?x6xf32>, tensor<24xf32>
}
