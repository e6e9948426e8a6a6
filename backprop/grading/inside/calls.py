"""System calls that no notebook needs, refused: doors into the kernel, and memory that hides.

What a process maps is counted; memory with a name of its own, between processes, is nobody's.
Source: seccomp(2), and linux/filter.h, linux/seccomp.h, asm/unistd.h for the numbers.
"""

import ctypes
import os
import struct

LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER, MACHINE = 0, 4  # where the call's number and its machine stand in what a filter sees
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 1  # as if not permitted (EPERM)
SET_FILTER = 22, 2
OTHER_WAY = 1 << 30  # from here on x86 numbers the same calls once more
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CALLS = {  # by machine: x86_64, aarch64
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_by_handle_at": (304, 265),
}


def refused():
    """Refuse these calls from now on, here and in all children; there is no way back.

    On a machine whose numbers are not known here nothing is refused; the other walls stand.
    """
    machine = os.uname().machine
    if machine not in AUDIT:
        return
    steps = program(AUDIT[machine], [both[[*AUDIT].index(machine)] for both in CALLS.values()])
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    head = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    if ctypes.CDLL(None, use_errno=True).prctl(*SET_FILTER, head, 0, 0):
        raise OSError(ctypes.get_errno(), "calls could not be refused")


def program(machine, numbers):
    """The filter's steps, (code, jump if true, jump if false, value) each.

    >>> program(7, [3])[-3:]
    [(21, 0, 1, 3), (6, 0, 0, 327681), (6, 0, 0, 2147418112)]
    """
    steps = [(LOAD, 0, 0, MACHINE), (EQUAL, 1, 0, machine), (RETURN, 0, 0, REFUSE)]
    steps += [(LOAD, 0, 0, NUMBER), (AT_LEAST, 0, 1, OTHER_WAY), (RETURN, 0, 0, REFUSE)]
    for number in numbers:
        steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE)]
    return [*steps, (RETURN, 0, 0, ALLOW)]
