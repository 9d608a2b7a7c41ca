"""What the tests compile for."""


def get_processors():
    """Descriptions of processors of every kind that this machine can stand for."""
    with open("/proc/cpuinfo") as file:
        flags = file.read().split()
    processors = ["cpu=host", "cpu=x86-64"]
    if "avx2" in flags and "fma" in flags:
        processors.append("cpu=x86-64-v3")
    if "avx_vnni" in flags:
        processors.append("cpu=x86-64-v3 features=+avxvnni")
    if "avx512vl" in flags:
        processors.append("cpu=x86-64-v4")
    return processors
