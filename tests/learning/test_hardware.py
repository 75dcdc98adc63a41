import resource
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import torch
from lenspipe.learning.hardware import keep_freed_memory

if sys.argv[1] == "kept":
    keep_freed_memory()
for k in range(16):
    if k == 8:  # by then the heap is as large as it gets
        start = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    a, b = torch.ones(6_000_000), torch.ones(9_000_000)  # 24 and 36 MB
    del a, b
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - start)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is told, and Linux counts")
def test_arrays_that_come_again_do_not_pay_for_their_pages_again():
    def faults(how):
        command = [sys.executable, "-c", FAULTS, how]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    pages = 8 * 36_000_000 / resource.getpagesize()  # of the larger array alone
    assert faults("kept") < 0.02 * pages
    assert faults("given back") > 0.9 * pages, "the system keeps them by itself: keep_freed_memory is of no use"
