package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestExtraFlagsReplaceBuiltInOnes(t *testing.T) {
	extra := extraFlags{"--mode=RBAC", "--v=2", "--quiet"}
	got := extra.over([]string{"--mode=Node,RBAC", "--port=1", "--quiet=false"})
	want := []string{"--port=1", "--mode=RBAC", "--v=2", "--quiet"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestExtraRefusesWhatIsNoFlag(t *testing.T) {
	var extra extraFlags
	if err := extra.Set("audit-log-path=/tmp/x"); err == nil {
		t.Error("a value without leading dashes was taken")
	}
}

func TestLongSocketPathIsRefusedByName(t *testing.T) {
	longest := "/" + strings.Repeat("d", maxSocketPath-len("/")-len("/etcd.sock")-1)
	if err := (spec{dir: longest}).checkSocketPaths(); err != nil {
		t.Errorf("99 bytes must do: %v", err)
	}
	err := spec{dir: longest + "d"}.checkSocketPaths()
	if err == nil || !strings.Contains(err.Error(), "shorter -dir") {
		t.Errorf("100 bytes must be refused with advice, got %v", err)
	}
}

func TestPKIIsMadeOnceAndThenKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	first, err := ensurePKI(dir)
	if err != nil {
		t.Fatal(err)
	}
	before := readFile(t, first.path(caCert))
	second, err := ensurePKI(dir)
	if err != nil {
		t.Fatal(err)
	}
	if readFile(t, second.path(caCert)) != before {
		t.Error("the authority changed")
	}
}

func TestHalfMadePKIIsMadeAnew(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "pki")
	draft := pki{dir + ".new"}
	if _, err := ensurePKI(draft.dir); err != nil {
		t.Fatal(err)
	}
	if err := draft.writePEM(adminKey, "EC PRIVATE KEY", []byte("torn")); err != nil {
		t.Fatal(err)
	}
	whole, err := ensurePKI(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (spec{dir: dir, pki: whole}).adminClient(); err != nil {
		t.Errorf("the left-over draft was used: %v", err)
	}
}
