"""Data directories that are soon full, and can be given room again."""

import resource
import subprocess

# A shell that limits the size of files, ignores the signal of that limit as a full disk sends none,
# and becomes the gateway.
LIMITED_KIB = 1024
LIMITED_FILES = ("sh", "-c", f'trap "" XFSZ; ulimit -S -f {LIMITED_KIB * 2}; exec "$@"', "sh")


class SmallFilesystem:
    """A file system in memory of a few MiB; needs root."""

    wrapper = ()

    def __init__(self, folder):
        self.data = folder
        folder.mkdir()
        self._mount("-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder))

    def _mount(self, *arguments):
        subprocess.run(["mount", *arguments], check=True, capture_output=True)

    def give_room(self, gateway):
        self._mount("-o", "remount,size=64m", str(self.data))

    def close(self):
        subprocess.run(["umount", "-l", str(self.data)], check=True)


class LimitedFiles:
    """Files that may not grow beyond a limit."""

    wrapper = LIMITED_FILES

    def __init__(self, folder):
        self.data = folder

    def give_room(self, gateway):
        _, hard = resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(gateway.pid, resource.RLIMIT_FSIZE, (hard, hard))

    def close(self):
        pass
