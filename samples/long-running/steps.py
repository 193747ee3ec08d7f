# Works in steps of a second, for minutes, and cleans up when it is stopped: something to stop, or to restart a node under.
# Arguments: optionally --steps (default 300).
import os
import signal
import sys
import tempfile
import time

from awsglue.utils import getResolvedOptions


class Stopped(Exception):
    pass


def stop(signal_number, frame):
    raise Stopped()


def main():
    steps = int(getResolvedOptions(sys.argv, ["steps"])["steps"]) if "--steps" in sys.argv else 300
    signal.signal(signal.SIGTERM, stop)
    scratch = tempfile.NamedTemporaryFile(prefix="long-running-", delete=False)
    scratch.close()
    print("Process %d, scratch file %s" % (os.getpid(), scratch.name))
    try:
        for step in range(1, steps + 1):
            time.sleep(1)
            print("step %d of %d" % (step, steps))
        print("All steps done.")
    except Stopped:
        print("Stopped by SIGTERM after cleaning up.")
        # Ends as a process does that does not handle SIGTERM.
        sys.exit(128 + signal.SIGTERM)
    finally:
        os.remove(scratch.name)
        print("Removed " + scratch.name)


main()
