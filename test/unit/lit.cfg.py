# Runs the unit tests; each GoogleTest case is one test of lit.
import os

import lit.formats

config.name = "ptq-unit"
config.test_format = lit.formats.GoogleTest(".", "Tests")
config.suffixes = []
config.test_source_root = os.path.join(config.ptq_build_dir, "test", "unit")
config.test_exec_root = config.test_source_root
