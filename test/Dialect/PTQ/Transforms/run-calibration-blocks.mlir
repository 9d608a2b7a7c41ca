// RUN: ptq-opt %s --ptq-run-calibration | FileCheck %s

// Every block of every row has a range of its own, in row-major order of the
// scales; the last block of a row is short.
// CHECK-LABEL: func @rows
// CHECK:         range(<min = [1.000000e+00, -4.000000e+00, 0.000000e+00, -3.000000e+00, 0.000000e+00, 9.000000e+00], max = [2.000000e+00, 5.000000e+00, 0.000000e+00, 8.000000e+00, 1.000000e+00, 9.000000e+00]>)
func.func @rows() -> tensor<2x5xf32> {
  %w = arith.constant dense<[[1.0, 2.0, 5.0, -4.0, 0.0], [8.0, -3.0, 0.0, 1.0, 9.0]]> : tensor<2x5xf32>
  %0 = ptq.observe %w name("w") encoding(<i4, symmetric, granularity = block, axis = 1, block_size = 2, narrow_range = true>) : tensor<2x5xf32>
  return %0 : tensor<2x5xf32>
}

// Blocks down the columns, the rest of the dimensions one by one.
// CHECK-LABEL: func @columns
// CHECK:         range(<min = [1.000000e+00, -3.000000e+00, 5.000000e+00, 7.000000e+00], max = [8.000000e+00, 2.000000e+00, 5.000000e+00, 7.000000e+00]>)
func.func @columns() -> tensor<3x2xf32> {
  %w = arith.constant dense<[[1.0, 2.0], [8.0, -3.0], [5.0, 7.0]]> : tensor<3x2xf32>
  %0 = ptq.observe %w name("w") encoding(<i4, symmetric, granularity = block, axis = 0, block_size = 2, narrow_range = true>) : tensor<3x2xf32>
  return %0 : tensor<3x2xf32>
}

// Other estimators choose for each block: steps of 1 and of 0.25 lose nothing.
// CHECK-LABEL: func @estimators
// CHECK:         estimator( mse) range(<min = [-7.000000e+00, -1.250000e+00], max = [7.000000e+00, 1.750000e+00], estimator = mse>)
// CHECK:         estimator( omse) range(<min = [-7.000000e+00, -1.250000e+00], max = [7.000000e+00, 1.750000e+00], estimator = omse>)
// CHECK:         estimator( percentile) range(<min = [-7.000000e+00, -1.250000e+00], max = [7.000000e+00, 1.749850e+00], estimator = percentile>)
// CHECK:         estimator( kl) range(<min = [-7.000000e+00, -1.250000e+00], max = [7.000000e+00, 1.750000e+00], estimator = kl>)
func.func @estimators() -> (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) {
  %w = arith.constant dense<[7.0, -7.0, 3.0, -2.0, 1.75, 0.25, -1.25, 1.0]> : tensor<8xf32>
  %0 = ptq.observe %w name("w") encoding(<i4, symmetric, granularity = block, axis = 0, block_size = 4, narrow_range = true>) estimator(mse) : tensor<8xf32>
  %1 = ptq.observe %w name("w") encoding(<i4, symmetric, granularity = block, axis = 0, block_size = 4, narrow_range = true>) estimator(omse) : tensor<8xf32>
  %2 = ptq.observe %w name("w") encoding(<i4, symmetric, granularity = block, axis = 0, block_size = 4, narrow_range = true>) estimator(percentile) : tensor<8xf32>
  %3 = ptq.observe %w name("w") encoding(<i4, symmetric, granularity = block, axis = 0, block_size = 4, narrow_range = true>) estimator(kl) : tensor<8xf32>
  return %0, %1, %2, %3 : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
}
