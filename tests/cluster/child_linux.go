package main

import "syscall"

// endWithParent has the kernel kill a child when this process is killed outright.
func endWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
