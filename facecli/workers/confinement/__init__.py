"""Limits on what a worker asks of the kernel: a decoder that was taken over can harm nobody.

Linux only, with the standard library: `landlock` restricts files and ports, `seccomp` restricts
system calls, `profiles` lists those that each kind of work needs, `gate` connects a worker to one
camera. `steps` applies them in a worker: `enclose` before its setup, `seal` after it.
"""
