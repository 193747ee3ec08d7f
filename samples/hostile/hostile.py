# Tries what a script should not be able to do, and prints a line for each try: GOT when it could, refused when not. What it
# shows depends on how the node runs scripts (docs/security.md): as its own user it can do whatever that user can; with
# Executor:Uids only itself should come to harm.
#
# All of it is bounded, so that it can be tried on any machine: --most is how many processes it makes at most, and how many
# MiB it fills of memory, log and disk. It ends what it can reach of itself; what it cannot is the node's to end.
# Arguments: --attacks all, or some of those below, by commas; --most (default 64); --peer, the id of another run.
import errno
import mmap
import os
import re
import signal
import sys
import time

MIB = 1 << 20
ATTACKS = {}


def attack(function):
    ATTACKS[function.__name__] = function
    return function


def option(name, default):
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else default


MOST = int(option("--most", "64"))
PEER = option("--peer", "")
HERE = os.path.dirname(os.path.abspath(sys.argv[0]))
# With a user id of its own a script is in RUNS/ID/work, else in RUNS/ID.
RUN = os.path.dirname(HERE) if os.path.basename(HERE) == "work" else HERE
RUNS = os.path.dirname(RUN)
DATA = os.path.dirname(RUNS)


def say(got, what):
    print("%s %s" % ("GOT" if got else "refused", what))


def tries(what, action):
    """Whether it works; and says so."""
    try:
        found = action()
    except OSError as error:
        say(False, "%s: %s" % (what, error.strerror))
        return False
    say(True, "%s%s" % (what, "" if found is None else ": %s" % (found,)))
    return True


def beginning(path, size=64):
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return "%d bytes" % len(os.read(file, size))
    finally:
        os.close(file)


def opens_for_writing(path):
    os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_APPEND))


def parents():
    pid = os.getpid()
    while pid > 1:
        with open("/proc/%d/stat" % pid) as stat:
            pid = int(stat.read().rpartition(")")[2].split()[1])
        if pid > 1:
            yield pid


@attack
def environment():
    """The credentials of whoever started it."""
    for name, value in sorted(os.environ.items()):
        if re.search("secret|password|token|credential|connectionstring|database", name + value, re.I):
            say(True, "the variable %s" % name)


@attack
def processes():
    """Its parents' memory and environment, and every other process of this machine that is not its own."""
    looked = set(parents())
    for name in os.listdir("/proc"):
        try:
            with open("/proc/%s/cmdline" % name, "rb") as words:
                if b"dotnet" in words.read() or b"glue-orleans" in words.read():
                    looked.add(int(name))
        except (OSError, ValueError):
            pass
    for pid in sorted(looked - {os.getpid()}):
        for file in "environ", "mem", "fd":
            path = "/proc/%d/%s" % (pid, file)
            tries(path, (lambda: os.listdir(path)[:1] and None) if file == "fd" else lambda: read_process(path))
        tries("a signal to %d" % pid, lambda: os.kill(pid, 0))


def read_process(path):
    if path.endswith("environ"):
        return beginning(path)
    os.close(os.open(path, os.O_RDONLY))


@attack
def runs():
    """Other runs, by list or by name, and the files by which its own is kept."""
    names = [PEER] if PEER else []
    if tries("the list of runs", lambda: names.extend(os.listdir(RUNS))):
        names = sorted(set(names))
    for name in names[:100]:
        folder = os.path.join(RUNS, name)
        if folder == RUN or not os.path.isdir(folder):
            continue
        for file in "stdout.log", "stderr.log", "script.py", "work/script.py", "claim", "exit", "bookmark-input.json":
            path = os.path.join(folder, file)
            try:
                os.lstat(path)
            except FileNotFoundError:
                continue
            except OSError:
                pass
            tries("to read %s" % path, lambda: beginning(path))
        say(os.access(folder, os.W_OK), "to write into %s" % folder)
    for file in "claim", "child", "exit", "run.uid":
        path = os.path.join(RUN, file)
        if os.path.exists(path):
            tries("to write its own %s" % file, lambda: opens_for_writing(path))
    say(os.access(RUN, os.W_OK), "to write beside them")


@attack
def data():
    """The node's data folder, its databases and its lease."""
    tries("the list of the data folder", lambda: os.listdir(DATA) and None)
    files = ["runs.db", "grains.db", "node.id", "node.pid", "node.lock", "events.jsonl", "runs/lease", "runs/guard"]
    for path in [os.path.join(DATA, file) for file in files]:
        if os.path.exists(path):
            tries("to read %s" % path, lambda: beginning(path))
            tries("to write %s" % path, lambda: opens_for_writing(path))


@attack
def traps():
    """Puts links, pipes and folders where the node looks for files."""
    for name, make in (
        ("stdout.log", lambda path: os.symlink("/etc/passwd", path)),
        ("stderr.log", os.mkfifo),
        ("bookmark-commit.json", os.mkfifo),
        ("fenced", os.mkfifo),
        ("limit", os.mkfifo),
    ):
        for folder in {RUN, HERE}:
            path = os.path.join(folder, name)
            try:
                if os.path.lexists(path):
                    os.unlink(path)
                make(path)
            except OSError:
                pass


@attack
def rubbish():
    """A directory that is hard to delete: no rights, names that are no text, deeper than a path can say."""
    for i in range(MOST * 10):
        with open("file-%d" % i, "w"):
            pass
    with open(b"\xff\xfe\n", "w"):
        pass
    os.symlink("/", "root")
    with open("sparse", "wb") as file:
        try:
            file.truncate(1 << 40)
        except OSError as error:
            say(False, "a file of a TiB: %s" % error.strerror)
    here = os.open(".", os.O_RDONLY)
    for _ in range(MOST * 10):
        os.mkdir("deep-" * 10)
        os.chdir("deep-" * 10)
    os.fchdir(here)
    os.mkdir("closed")
    with open("closed/file", "w"):
        pass
    os.chmod("closed", 0)


@attack
def memory():
    taken = []
    try:
        for _ in range(MOST):
            taken.append(mmap.mmap(-1, 16 * MIB))
    except (OSError, MemoryError) as error:
        say(False, "%d MiB of memory: %s" % (16 * len(taken), error))
        return
    say(True, "%d MiB of memory" % (16 * MOST))


@attack
def descriptors():
    opened = []
    try:
        while len(opened) < 4096:
            opened.append(os.open("/dev/null", os.O_RDONLY))
        say(True, "%d open files" % len(opened))
    except OSError as error:
        say(False, "%d open files: %s" % (len(opened), error.strerror))
    for descriptor in opened:
        os.close(descriptor)


@attack
def daemon():
    """Leaves session, group and environment, twice, and wants no SIGTERM."""
    if os.fork() == 0:
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if os.fork() == 0:
            nobody = os.open(os.devnull, os.O_RDWR)
            for descriptor in 0, 1, 2:
                os.dup2(nobody, descriptor)
            os.execve(sys.executable, [sys.executable, "-c", "import time; time.sleep(60)"], {})
        os._exit(0)
    os.wait()
    say(True, "a process that is in no group of this script")


@attack
def forks():
    """Each process makes others, until there are --most, or no more can be made. They replace what is killed."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    made = 0
    for made in range(MOST):
        try:
            if os.fork() == 0:
                os.setsid()
                until = time.monotonic() + 60
                while time.monotonic() < until:
                    time.sleep(0.25)
                    try:
                        # One dies as another is born: their number stays, their numbers do not.
                        if os.fork() != 0:
                            os._exit(0)
                    except OSError:
                        pass
                os._exit(0)
        except OSError as error:
            say(False, "%d processes: %s" % (made, error.strerror))
            return
    say(True, "%d processes" % MOST)


@attack
def disk():
    with open("filler", "wb") as file:
        for written in range(MOST):
            try:
                file.write(b"x" * MIB)
                file.flush()
            except OSError as error:
                say(error.errno not in (errno.EFBIG, errno.EDQUOT, errno.ENOSPC), "%d MiB: %s" % (written, error.strerror))
                return
            time.sleep(0.05)
    say(True, "%d MiB of disk" % MOST)


@attack
def log():
    for _ in range(MOST):
        print("x" * MIB)
        time.sleep(0.05)
    say(True, "%d MiB of log" % MOST)


def main():
    wanted = option("--attacks", "all")
    for name in ATTACKS if wanted == "all" else wanted.split(","):
        print("# %s" % name)
        ATTACKS[name]()
    print("# over")


main()
