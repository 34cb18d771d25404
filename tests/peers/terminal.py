#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# terminal.py - run a command on a terminal of its own and write what it shows there; exits as it does.
# terminal.py LINES COLUMNS COMMAND...
import fcntl, os, pty, struct, sys, termios

pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", int(sys.argv[1]), int(sys.argv[2]), 0, 0))
    os.execv(sys.argv[3], sys.argv[3:])
text = b""
try:
    while chunk := os.read(terminal, 4096):
        text += chunk
except OSError:  # how Linux ends it
    pass
_, status = os.waitpid(pid, 0)
sys.stdout.write(text.decode().replace("\r\n", "\n"))
sys.exit(os.waitstatus_to_exitcode(status))
