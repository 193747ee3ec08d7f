"""Becomes the given command as the leader of a session of its own, with every signal at its default.

Stands in for setsid(1) where that does not exist, and undoes ignored signals, which a shell cannot.
"""

import os
import signal
import sys

for number in range(1, signal.NSIG):
    try:
        signal.signal(number, signal.SIG_DFL)
    except (OSError, ValueError):
        pass  # SIGKILL and SIGSTOP, and the numbers that the C library keeps to itself

os.setsid()
try:
    os.execvp(sys.argv[1], sys.argv[1:])
except OSError as error:
    print("%s: %s" % (sys.argv[1], error.strerror), file=sys.stderr)
    sys.exit(127)
