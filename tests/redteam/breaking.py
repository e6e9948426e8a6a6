"""Submissions that end, kill, stop or cut off what runs them: it costs them one answer at most."""

from textwrap import dedent, indent

from redteam.cases import ANSWERS, FULL, NONE, Case, full, lost, made

IMPORTS = "import atexit, ctypes, gc, os, signal, socket, sys, threading, time, weakref\n"
ENDED = "(?i)ended|crashed|stopped|took"


def scratch(name, source, *told, last=False):
    """Done in a cell of its own: it costs nothing."""
    cells = [IMPORTS, source]
    data = made(last=cells) if last else made(first=cells)
    return Case(f"breaks: {name}, in a scratch cell", data, FULL, told, free=True)


def call(name, source, *told):
    """Done in the call of one function: it costs that one."""
    body = indent(dedent(source).strip("\n"), "    ")
    answer = f"def layer(W, x, b, f):\n{body}\n    return 0"
    return lost(f"breaks: {name}, in a call", made(IMPORTS, layer=answer), "layer", told=told)


def both(name, source, *told):
    return [scratch(name, source, *told), call(name, source, *told)]


ENDS = [
    *both("os._exit", "os._exit(0)", ENDED),
    *both("a segmentation fault", "ctypes.string_at(0)", ENDED),
    scratch("abort", "os.abort()", ENDED),
    call("sys.exit", "sys.exit(0)"),
    call("KeyboardInterrupt", "raise KeyboardInterrupt"),
    call("what is no Exception", "class B(BaseException): pass\nraise B('x')"),
    *both("kills all it can", "os.kill(-1, 9)\ntime.sleep(1)"),
    *both(
        "kills its parents",
        """
        for pid in {os.getppid(), 1} - {0}:
            try: os.kill(pid, 9)
            except OSError: pass
        """,
    ),
    *both("ends its process group", "os.killpg(0, 15)\ntime.sleep(0.2)"),
    *both("kills its process group", "os.killpg(0, 9)"),
    scratch("stops its process group", "os.killpg(0, signal.SIGSTOP)"),
    scratch(
        "sends its parents every signal",
        """
        for pid in {os.getppid(), 1, 2} - {0, os.getpid()}:
            for number in (19, 20, 1, 2, 10, 12, 15):
                try: os.kill(pid, number)
                except OSError: pass
        time.sleep(0.2)
        """,
    ),
    scratch("stops itself", "os.kill(os.getpid(), signal.SIGSTOP)"),
    call("stops itself", "os.kill(os.getpid(), signal.SIGSTOP)"),
    scratch("fork, and the parent ends", "if os.fork():\n    os._exit(0)\nos.setsid()"),
    call("fork, and the parent ends", "if os.fork():\n    os._exit(0)\nos.setsid()"),
    scratch("fork, and both go on", "os.fork()"),
    call("fork, and both go on", "os.fork()"),
]
CUTS = [
    *both("closes all files", "os.closerange(0, 300)"),
    scratch(
        "every file is /dev/null",
        """
        null = os.open('/dev/null', 2)
        for fd in range(100):
            try: os.fstat(fd), fd == null or os.dup2(null, fd)
            except OSError: pass
        """,
    ),
    scratch(
        "files exchanged",
        """
        for fd in range(3, 30):
            try: os.fstat(fd), os.dup2(1, fd)
            except OSError: pass
        """,
    ),
    scratch(
        "the conversation is shut",
        """
        for fd in range(3, 100):
            try: socket.socket(fileno=os.dup(fd)).shutdown(socket.SHUT_WR)
            except OSError: pass
        """,
    ),
    lost(
        "breaks: a process that reads the conversation",
        made(
            IMPORTS,
            loss="""
            def steal():
                lines = []
                for fd in range(3, 60):
                    try: lines.append(socket.socket(fileno=os.dup(fd)))
                    except OSError: pass
                while True:
                    for line in lines:
                        try: line.recv(1, socket.MSG_DONTWAIT)
                        except OSError: pass
                    time.sleep(0.01)


            def loss(a, y):
                if os.fork() == 0:
                    steal()
                return 0.0
            """,
        ),
        "loss",
    ),
    lost(
        "breaks: a drop at a time into the conversation",
        made(
            IMPORTS,
            loss="""
            def drip():
                while True:
                    for fd in range(3, 60):
                        try: os.write(fd, b'\\x40')
                        except OSError: pass
                    time.sleep(0.2)


            def loss(a, y):
                threading.Thread(target=drip, daemon=True).start()
                time.sleep(60)
            """,
        ),
        "loss",
    ),
    scratch(
        "the working folder is gone",
        """
        import shutil, tempfile
        folder = tempfile.mkdtemp()
        os.chdir(folder)
        shutil.rmtree(folder)
        """,
    ),
    scratch(
        "everything it can delete is gone",
        """
        import shutil
        for folder in ('/tmp', '/dev/shm', os.path.expanduser('~'), '.'):
            shutil.rmtree(folder, ignore_errors=True)
        """,
    ),
]
TAKES_APART = [
    scratch(
        "farewells that do not end",
        """
        def bye():
            while True: time.sleep(1)
        atexit.register(bye)
        weakref.finalize(np.ones, bye)
        class D:
            def __del__(self): bye()
        d = D()
        """,
    ),
    scratch(
        "signals handled and blocked",
        """
        for number in range(1, 65):
            try: signal.signal(number, lambda *a: None)
            except (OSError, ValueError): pass
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        """,
    ),
    scratch(
        "timers of its own",
        """
        signal.signal(signal.SIGVTALRM, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.01, 0.01)
        """,
    ),
    scratch(
        "threads that go on",
        """
        def on():
            while True: time.sleep(0.001)
        for _ in range(5): threading.Thread(target=on).start()
        """,
    ),
    scratch(
        "IPython taken apart",
        """
        ip = get_ipython()
        ip.input_transformers_post.append(lambda lines: 1 / 0)
        ip.ast_transformers.append(None)
        ip.set_custom_exc((Exception,), lambda *a: 1 / 0)
        ip.displayhook = ip.run_cell = ip.events = None
        """,
        last=True,
    ),
    scratch(
        "streams taken apart",
        """
        class S:
            def __getattr__(self, name): raise SystemExit
        sys.stdout = sys.stderr = sys.stdin = sys.__stdout__ = sys.__stderr__ = S()
        """,
    ),
    scratch(
        "hooks",
        """
        def hook(*args): os._exit(1)
        sys.excepthook = sys.unraisablehook = threading.excepthook = hook
        """,
    ),
    scratch(
        "a collector that fails",
        """
        class C:
            def __init__(self): self.me = self
            def __del__(self): raise SystemExit
        for _ in range(99): C()
        gc.set_threshold(1)
        gc.callbacks.append(lambda *a: 1 / 0)
        """,
    ),
    scratch(
        "the grader's modules removed",
        """
        for name in [*sys.modules]:
            if name.split('.')[0] in ('json', 'backprop', 'IPython', 'signal', 'select'):
                del sys.modules[name]
        """,
        last=True,
    ),
    Case(
        "breaks: the grader's names, by chance",
        made("def replies(*a): 1 / 0\nwire = stub = kernel = connection = line = nonce = None"),
        FULL,
    ),
]
ERRORS = [
    scratch(
        "an error that cannot be told",
        """
        class E(Exception):
            def __str__(self): raise SystemExit
            __repr__ = __str__
            args = property(__str__)
        raise E
        """,
    ),
    scratch("an error that is its own cause", "e = ValueError()\ne.__cause__ = e\nraise e"),
    scratch("an error with a long message", "raise ValueError('x' * 10**8)"),
    scratch(
        "a name error for every name",
        """
        class L(str):
            def __eq__(self, o): return True
            def __hash__(self): return hash('weight_gradient')
        raise NameError(name=L('weight_gradient'))
        """,
    ),
    scratch("a name error whose name is none", "raise NameError(name=['x'])"),
    call("an error that cannot be told", "class E(Exception):\n    __str__ = exit\nraise E"),
    call(
        "an error's kind that raises",
        """
        class M(type):
            __name__ = property(lambda s: 1 / 0)
        class E(Exception, metaclass=M): pass
        raise E
        """,
    ),
    call(
        "an error that tells too much",
        r"raise ValueError('\ud800\x1b[2J<script>alert(1)</script>' * 10**6)",
    ),
    call(
        "an endless chain of errors",
        """
        e = ValueError('x')
        for _ in range(10**5):
            n = ValueError('x')
            n.__cause__, e = e, n
        raise e
        """,
    ),
    call("recursion without end", "return layer(W, x, b, f)", "(?i)calls itself|recursion"),
    call(
        "recursion without limit",
        """
        sys.setrecursionlimit(10**9)
        r = []
        for _ in range(10**7): r = [r]
        return repr(r)
        """,
    ),
    scratch(
        "a stack that overflows",
        "r = []\nfor _ in range(10**6): r = [r]\nsys.setrecursionlimit(10**9)\nrepr(r)",
        ENDED,
    ),
]
LAST = [
    full("breaks: np is gone after the answers", made(last="math = given = check = None")),
    Case("breaks: all names are gone at last", made(last="globals().clear()"), NONE, free=True),
    lost("breaks: an answer deleted at last", made(last="del loss"), "loss"),
    lost("breaks: an answer overwritten at last", made(last="loss = 3"), "loss"),
    lost(
        "breaks: np is another at last",
        made(last="np = None", loss=ANSWERS["loss"].replace("((a", "np.sum((a")),
        "loss",
    ),
]
CASES = ENDS + CUTS + TAKES_APART + ERRORS + LAST
