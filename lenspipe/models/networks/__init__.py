"""Networks, a file each. Registered in ``lenspipe.models``."""
