// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-fold-parameters

func.func @not_calibrated(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{has no range; run ptq-run-calibration first}}
  %0 = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @dynamic_blocks(%x: tensor<?xf32>) -> tensor<?xf32> {
  // expected-error @+1 {{has 1 ranges, but its blocks are dynamic}}
  %0 = ptq.observe %x name("x") encoding(<i8, symmetric, granularity = block, axis = 0, block_size = 2>) range(<min = [0.0], max = [1.0]>) : tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

func.func @missing_data() -> tensor<4xf32> {
  %w = arith.constant dense_resource<absent> : tensor<4xf32>
  // expected-error @+1 {{observes a constant whose data is missing}}
  %0 = ptq.observe %w name("w") encoding(<i8, symmetric>) range(<min = [0.0], max = [1.0]>) : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

func.func @unapplied_rounding() -> tensor<2xf32> {
  %w = arith.constant dense<[0.5, 1.0]> : tensor<2xf32>
  // expected-warning @+1 {{edge 'w' asks for rounding by 'adaround', which no pass has applied; it is rounded to nearest}}
  %0 = ptq.observe %w name("w") encoding(<i8, symmetric>) rounding(adaround) range(<min = [0.0], max = [1.0]>) : tensor<2xf32>
  return %0 : tensor<2xf32>
}
