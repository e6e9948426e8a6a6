"""Submissions that take what there is: time, memory, processes, files, output. It costs one answer.

Who holds more memory than there should be to have says TOOK.
"""

from textwrap import dedent, indent

from redteam.cases import FULL, NONE, Case, lost, made

IMPORTS = """
import ctypes, mmap, os, re, signal, socket, sys, threading, time

LIBC = ctypes.CDLL(None, use_errno=True)


def took(size):
    # the limit is at 400 MB; half a second is enough to see it
    time.sleep(0.5)
    if size > 800 << 20:
        raise RuntimeError(f"TOOK {size >> 20} MB")
"""
LATE = "(?i)took|longer|too long|time|ended|stopped"
FULL_UP = "(?i)memory|ended|stopped|kill|process"


def scratch(name, source, *told):
    data = made([IMPORTS, source])
    return Case(f"takes: {name}, in a cell", data, FULL, told, never=("TOOK",), free=True)


def call(name, source, *told):
    body = indent(dedent(source).strip("\n"), "    ")
    answer = f"def layer(W, x, b, f):\n{body}\n    return 0"
    return lost(f"takes: {name}, in a call", made(IMPORTS, layer=answer), "layer", told=told)


STUBBORN = """
while True:
    try:
        while True: pass
    except BaseException: pass
"""
TIME = [
    call("time", "while True: pass", LATE),
    scratch("time", "while True: pass", LATE),
    call("time, whatever is raised", STUBBORN, LATE),
    scratch("time, whatever is raised", STUBBORN, LATE),
    call("time, in C", "re.match('(a+)+$', 'a' * 60 + 'b')", LATE),
    scratch(
        "time, asleep, signals blocked",
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\ntime.sleep(600)",
        LATE,
    ),
    call(
        "time, asleep, signals ignored",
        "signal.signal(signal.SIGALRM, signal.SIG_IGN)\ntime.sleep(600)",
        LATE,
    ),
    scratch("time, when it is shown", "class R:\n    def __repr__(self): time.sleep(600)\nR()"),
    call(
        "time, when it is told",
        """
        class E(Exception):
            def __str__(self):
                while True: pass
        raise E
        """,
    ),
    call("time, when it is freed", "class D:\n    def __del__(self): time.sleep(600)\nd = D()"),
    lost(
        "takes: time, when it is compared",
        made(
            IMPORTS,
            loss="""
            class E(float):
                def __array__(self, *a, **k):
                    while True: pass
                __float__ = __eq__ = __array__


            def loss(a, y):
                return [E(), E()]
            """,
        ),
        "loss",
    ),
]
MEMORY = [
    call("memory at once", "np.ones(10**10)", FULL_UP),
    scratch("memory at once", "x = np.ones(10**10)\ntook(x.nbytes)", FULL_UP),
    call("memory, bit by bit", "x = []\nwhile True: x.append(bytearray(1 << 20))", FULL_UP),
    scratch(
        "memory, whatever is raised",
        """
        x = []
        for _ in range(4000):
            try: x.append(bytearray(1 << 20))
            except MemoryError: time.sleep(0.0001)
        took(sum(map(len, x)))
        """,
    ),
    scratch(
        "memory of many processes",
        """
        def on():
            x = np.ones(12_000_000)
            time.sleep(3)
            os._exit(0)
        pids = []
        for _ in range(12):
            pid = os.fork()
            pids += [pid] if pid else on()
        time.sleep(0.5)
        took(96_000_000 * sum(os.waitpid(pid, os.WNOHANG)[0] == 0 for pid in pids))
        """,
    ),
    scratch(
        "memory that processes share",
        """
        def on():
            m = mmap.mmap(-1, 200 << 20)
            for k in range(0, len(m), 4096): m[k] = 1
            time.sleep(3)
            os._exit(0)
        pids = []
        for _ in range(6):
            pid = os.fork()
            pids += [pid] if pid else on()
        time.sleep(1)
        took((200 << 20) * sum(os.waitpid(pid, os.WNOHANG)[0] == 0 for pid in pids))
        """,
    ),
    scratch(
        "memory that has no name",
        """
        size = 0
        for _ in range(25):
            fd = os.memfd_create('x')
            for _ in range(40):
                try: size += os.write(fd, bytes(1 << 20))
                except OSError: break
        took(size)
        """,
    ),
    scratch(
        "memory as files",
        """
        size = 0
        for folder in ('/tmp', '/dev/shm', os.path.expanduser('~'), '.', '/dev/mqueue', '/run'):
            for k in range(10):
                try:
                    with open(f'{folder}/fill{k}', 'wb') as f:
                        for _ in range(40): size += f.write(bytes(1 << 20))
                except OSError: pass
        took(size)
        """,
    ),
    scratch(
        "memory between processes",
        """
        LIBC.shmat.restype, size = ctypes.c_void_p, 0
        for _ in range(25):
            id = LIBC.shmget(0, 40 << 20, 0o1600)
            place = LIBC.shmat(id, None, 0)
            if id >= 0 and place and place < 1 << 63:
                ctypes.memset(place, 1, 40 << 20)
                LIBC.shmdt(ctypes.c_void_p(place))
                size += 40 << 20
        took(size)
        """,
    ),
    scratch(
        "memory under way",
        """
        kept, size = [], 0
        for _ in range(100):
            try: pair = socket.socketpair()
            except OSError: break
            for end in pair: end.setblocking(False)
            kept += pair
            for end in pair:
                try:
                    while True: size += end.send(bytes(1 << 16))
                except OSError: pass
        del pair, kept[-40:]
        took(size)
        """,
    ),
]
FILES = [
    scratch("names", "for k in range(30_000): open(f'/tmp/name{k}', 'w').close()"),
    scratch("files", "kept = []\nwhile True: kept.append(os.open('/dev/null', 0))"),
]
PROCESSES = [
    scratch(
        "processes",
        """
        for _ in range(300):
            try:
                if not os.fork(): time.sleep(6), os._exit(0)
            except OSError: pass
        """,
    ),
    call(
        "processes that make processes",
        """
        end = time.time() + 6
        for _ in range(8):
            try: os.fork()
            except OSError: pass
        while time.time() < end: time.sleep(0.1)
        """,
    ),
    scratch(
        "processes that nobody waits for",
        """
        for _ in range(200):
            try: os.fork() or os._exit(0)
            except OSError: pass
        """,
    ),
    scratch(
        "threads",
        """
        for _ in range(500):
            try: threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
            except RuntimeError: pass
        """,
    ),
]
OUTPUT = [
    scratch("output of a gigabyte", "for _ in range(1024): print('x' * (1 << 20))"),
    scratch("output in small pieces", "for k in range(200_000): print(k)"),
    scratch(
        "output past Python",
        "for _ in range(999): os.write(1, b'x' * 10**5)\nos.system('yes|head -99999')",
    ),
    call(
        "output", "for _ in range(300): print('x' * (1 << 20)); sys.stderr.write('y' * (1 << 20))"
    ),
    scratch(
        "pictures without end",
        """
        from IPython.display import HTML, display
        for _ in range(100): display(HTML('x' * 10**6), 'x' * 10**6)
        """,
    ),
]
SOURCES = [
    scratch("a source that is hard to parse", "(" * 5000 + "1" + ")" * 5000),
    scratch("a source that is deep", "x = " + "-" * 60_000 + "1"),
    scratch("a source that is long", "x = " + "1 + " * 60_000 + "1"),
    scratch("a number of many digits", "x = " + "9" * 9000),
    scratch("a number that grows", "x = 10 ** 10 ** 9"),
    scratch("what a compiler computes", "x = " + "(" * 8 + "(1,)" + " * 60)" * 8),
]
LONG = [f"time.sleep(0.7)  # {k}" for k in range(6)]
BUDGET = Case(
    "takes: all the time there is, a little in each cell",
    made([IMPORTS, *LONG]),
    NONE,
    ("(?i)time",),
    free=True,
)
CASES = TIME + MEMORY + FILES + PROCESSES + OUTPUT + SOURCES
