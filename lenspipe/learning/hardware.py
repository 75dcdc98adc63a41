"""Device, precision and memory."""

import ctypes
import sys
from pathlib import Path

import torch

# Of mallopt(3).
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
LARGEST_ARRAY = 1 << 30  # bytes


def choose_device():
    """The fastest device of this machine, cuda, mps or cpu: ``torch.device`` with that name."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def bf16_is_faster(device):
    """Whether training in bfloat16 is faster than in float32 on ``device`` (torch.device): bool.

    True for CUDA from Ampere on and for CPUs with bfloat16 units. With AMX, the networks train 1.6 times faster.
    Emulated bfloat16 is slower than float32.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        return bool(_cpu_flags() & {"amx_bf16", "avx512_bf16", "bf16"})
    return False


def keep_freed_memory():
    """Let this process keep memory that it has freed, on Linux with glibc; elsewhere do nothing.

    The arrays of a batch are larger than what glibc keeps. It returns them to the system when they are freed, and the
    next batch allocates every page again. That took a quarter of a training step of ``cnn``, and half of the time of
    its predictions. The peak memory does not change.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(M_MMAP_THRESHOLD, LARGEST_ARRAY)
        libc.mallopt(M_TRIM_THRESHOLD, LARGEST_ARRAY)


def _cpu_flags():
    """Flags of the first CPU on Linux; empty elsewhere."""
    info = Path("/proc/cpuinfo")
    for line in info.read_text().splitlines() if info.exists() else []:
        if line.startswith(("flags", "Features")):
            return set(line.partition(":")[2].split())
    return set()
