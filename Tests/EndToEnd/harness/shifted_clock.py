"""A clock of the gateway's own, which a test sets forward and back while the gateway runs."""

import subprocess
from pathlib import Path

from harness.contract import REPOSITORY

SOURCE = REPOSITORY / "Tests" / "EndToEnd" / "shims" / "clock_shift.c"


class ShiftedClock:
    def __init__(self, folder):
        self.file = Path(folder) / "shift"
        self.library = Path(folder) / "clock_shift.so"
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", str(self.library),
             str(SOURCE), "-ldl"], check=True)
        self.set(0)

    @property
    def environment(self):
        return {"LD_PRELOAD": str(self.library), "CLOCK_SHIFT_FILE": str(self.file)}

    def set(self, seconds):
        """From now on the gateway's clock is so far ahead of the real one."""
        new = self.file.with_suffix(".new")
        new.write_text(str(seconds))
        new.rename(self.file)
