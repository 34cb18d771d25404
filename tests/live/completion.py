# SPDX-License-Identifier: MIT
"""completion.py SHELL SCRIPT PROGRAM: what SHELL (bash, zsh, fish) offers at the end of each line of standard
input, after it has loaded the completion SCRIPT for `tbdiag`, which is PROGRAM. Prints "LINE<TAB>CANDIDATE"
rows. bash and zsh run on a terminal of their own, as a user has them."""
import os
import pty
import select
import subprocess
import sys
import time

DEADLINE = 30

# The keys, and what they make the shell write to the file that $CAPTURE names. bash puts all candidates into the
# line, and the line is kept. zsh would rather show than insert them: what its completion adds is kept.
BASH = r"""
PS1='' PS2=''
bind 'set enable-bracketed-paste off'
bind 'set page-completions off'
bind '"\C-xi": insert-completions'
bind -x '"\C-xd": keep'
keep() { printf '%s\n' "$READLINE_LINE" >"$CAPTURE.new"; mv "$CAPTURE.new" "$CAPTURE"; }
. "$SCRIPT"
PATH=$DIR:$PATH
printf ready >"$CAPTURE"
"""
ZSH = r"""
PROMPT='' PS2=''
unset zle_bracketed_paste
fpath=(${SCRIPT:h} $fpath)
path=($DIR $path)
autoload -U compinit
compinit -u -D
typeset -a kept
keep() {
  kept=()
  zle list-choices
  print -rl -- $kept >$CAPTURE.new
  mv $CAPTURE.new $CAPTURE
}
zle -N keep
bindkey '^I' keep
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a hits
  builtin compadd -A hits "$@"
  local i
  for i in $hits; do kept+=("$IPREFIX$i"); done
  builtin compadd "$@"
}
print -n ready >$CAPTURE
"""


class Terminal:
    """A shell on a terminal; it tells by a file how far it is."""

    def __init__(self, command, setup, script, program):
        self.capture = os.path.join(os.getcwd(), "capture")
        self.setup = os.path.join(os.getcwd(), "setup")
        with open(self.setup, "w", encoding="utf-8") as file:
            file.write(setup)
        environment = {"CAPTURE": self.capture, "SCRIPT": script, "DIR": os.path.dirname(program),
                       "HOME": os.getcwd(), "HOSTFILE": "hosts", "PATH": os.environ["PATH"], "TERM": "dumb", "LC_ALL": "C"}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environment)

    def answer(self, keys):
        """Press keys, and wait for the file."""
        os.write(self.fd, keys.encode())
        deadline = time.monotonic() + DEADLINE
        while not os.path.exists(self.capture):
            if time.monotonic() > deadline:
                sys.exit(f"no answer to {keys!r}")
            # What is shown has to be read, or the shell would wait.
            if select.select([self.fd], [], [], 0.02)[0]:
                try:
                    os.read(self.fd, 65536)
                except OSError:
                    sys.exit("the shell has ended")
        with open(self.capture, encoding="utf-8") as file:
            text = file.read()
        os.unlink(self.capture)
        return text

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def bash(lines, script, program):
    terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], BASH, script, program)
    terminal.answer(f". {terminal.setup}\n")
    for line in lines:
        result = terminal.answer(f"\x05\x15{line}\x18i\x18d")
        head, word = line[:line.rfind(" ") + 1], line[line.rfind(" ") + 1:]
        fixed = word[:word.rfind("=") + 1]
        words = result[len(head):].split()
        for place, found in enumerate(words if result.rstrip("\n") != line else []):
            yield line, found if place == 0 else fixed + found
    terminal.close()


def zsh(lines, script, program):
    terminal = Terminal(["zsh", "-f", "-i"], ZSH, script, program)
    terminal.answer(f". {terminal.setup}\n")
    for line in lines:
        for found in terminal.answer(f"\x05\x15{line}\t").split("\n"):
            if found:
                yield line, found
    terminal.close()


def fish(lines, script, program):
    for line in lines:
        command = f"source {script}; set -x PATH {os.path.dirname(program)} $PATH; complete -C '{line}'"
        done = subprocess.run(["fish", "--no-config", "-c", command], stdout=subprocess.PIPE, text=True,
                              check=True, timeout=DEADLINE, env={**os.environ, "HOME": os.getcwd()})
        for found in done.stdout.splitlines():
            yield line, found.split("\t")[0]


def main():
    shell, script, program = sys.argv[1:]
    lines = sys.stdin.read().splitlines()
    for line, found in {"bash": bash, "zsh": zsh, "fish": fish}[shell](lines, script, program):
        print(f"{line}\t{found.rstrip('/')}")


main()
