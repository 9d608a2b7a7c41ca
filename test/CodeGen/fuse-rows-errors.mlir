// RUN: ptq-opt %s -split-input-file -ptq-fuse-rows=cache-bytes=0 -verify-diagnostics

// expected-error@+1 {{the size of the cache must be positive, got 0}}
module {
}
