//go:build !linux

package main

import "syscall"

// endWithParent adds nothing here: only Linux can tie a child to its parent's life.
func endWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
