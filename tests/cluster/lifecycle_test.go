package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fixtureVariable names the built program; tests/fixture.sh prints its path.
const fixtureVariable = "PLIMSOLL_FIXTURE"

// server is a running fixture as its callers see it.
type server struct {
	t       *testing.T
	command *exec.Cmd
	stdin   io.Closer
	client  *http.Client
	dir     string
	url     string
}

// start runs the fixture and waits for its READY line.
func start(t *testing.T, dir string, args ...string) *server {
	t.Helper()
	binary := os.Getenv(fixtureVariable)
	if binary == "" {
		t.Skipf("%s is not set; run it with %s=$(tests/fixture.sh)", fixtureVariable, fixtureVariable)
	}
	command := exec.Command(binary, append([]string{"-dir", dir}, args...)...)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, command: command, stdin: stdin, dir: dir}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_, _ = command.Process.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	words := strings.Fields(line)
	if err != nil || len(words) != 3 || words[0] != "READY" {
		t.Fatalf("no READY line but %q (%v)", line, err)
	}
	if words[1] != filepath.Join(dir, "kubeconfig") {
		t.Errorf("kubeconfig is %s", words[1])
	}
	t.Logf("ready in %.1f s", time.Since(begin).Seconds())
	s.url = words[2]
	if s.client, err = (spec{pki: pki{filepath.Join(dir, "pki")}}).adminClient(); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *server) port() string { return s.url[strings.LastIndex(s.url, ":")+1:] }

func (s *server) create(path, body string) {
	s.t.Helper()
	response, err := s.client.Post(s.url+path, "application/json", strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		text, _ := io.ReadAll(response.Body)
		s.t.Fatalf("POST %s: %s: %s", path, response.Status, text)
	}
}

// names lists the objects at a path.
func (s *server) names(path string) string {
	s.t.Helper()
	response, err := s.client.Get(s.url + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	var list struct {
		Items []struct{ Metadata struct{ Name string } }
	}
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		s.t.Fatal(err)
	}
	names := make([]string, len(list.Items))
	for i, item := range list.Items {
		names[i] = item.Metadata.Name
	}
	return strings.Join(names, " ")
}

// ended waits for the process after the cause of its end and returns its exit code.
func (s *server) ended(cause func() error) int {
	s.t.Helper()
	begin := time.Now()
	if err := cause(); err != nil {
		s.t.Fatal(err)
	}
	// A failed exit is read from the state below.
	_ = s.command.Wait()
	took := time.Since(begin)
	s.t.Logf("ended in %.1f s", took.Seconds())
	if took > 3*time.Second {
		s.t.Errorf("it took %s to end", took)
	}
	return s.command.ProcessState.ExitCode()
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

const podSpec = `"spec":{"containers":[{"name":"c","image":"registry.test/c:1"}]}`

func TestStateSurvivesEveryKindOfEnd(t *testing.T) {
	dir := t.TempDir()
	s := start(t, dir)
	if info, err := os.Stat(filepath.Join(dir, "kubeconfig")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("kubeconfig: %v, %v", info, err)
	}
	if got := s.names("/api/v1/namespaces"); !strings.Contains(got, "default") {
		t.Errorf("READY came before the first namespaces: %q", got)
	}
	s.create("/api/v1/namespaces", `{"metadata":{"name":"t"}}`)
	s.create("/api/v1/namespaces/t/pods", `{"metadata":{"name":"p"},`+podSpec+`}`)
	s.create("/apis/apps/v1/namespaces/t/deployments",
		`{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},`+podSpec+`}}}`)
	watch, err := s.client.Get(s.url + "/api/v1/pods?watch=true")
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Body.Close()
	// An open watch must not hold up the end.
	if code := s.ended(s.stdin.Close); code != 0 {
		t.Errorf("exit code %d after stdin closed", code)
	}

	old := s.url
	s = start(t, dir, "-port", s.port())
	if s.url != old {
		t.Errorf("restarted on %s, not %s", s.url, old)
	}
	if got := s.names("/api/v1/pods") + "/" + s.names("/apis/apps/v1/deployments"); got != "p/d" {
		t.Errorf("after a restart: %q", got)
	}
	s.create("/api/v1/namespaces/t/pods", `{"metadata":{"name":"q"},`+podSpec+`}`)
	if code := s.ended(func() error { return s.command.Process.Signal(syscall.SIGTERM) }); code != 0 {
		t.Errorf("exit code %d after SIGTERM", code)
	}

	s = start(t, dir, "-port", s.port())
	s.create("/api/v1/namespaces/t/pods", `{"metadata":{"name":"r"},`+podSpec+`}`)
	s.ended(s.command.Process.Kill)
	s = start(t, dir, "-port", s.port())
	if got := s.names("/api/v1/pods"); got != "p q r" {
		t.Errorf("after a kill: %q", got)
	}
}

func TestExtraFlagsWriteAnAuditLog(t *testing.T) {
	dir := t.TempDir()
	policy, log := filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "audit.log")
	text := "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n"
	if err := os.WriteFile(policy, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, filepath.Join(dir, "state"), "-extra=--audit-policy-file="+policy, "-extra=--audit-log-path="+log)
	s.names("/api/v1/namespaces/audited/secrets")
	for range 50 {
		if strings.Contains(readFile(t, log), `"requestURI":"/api/v1/namespaces/audited/secrets"`) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the request is not in the audit log")
}

func TestCopiedStateStartsElsewhere(t *testing.T) {
	dir := t.TempDir()
	first := start(t, filepath.Join(dir, "a"))
	first.create("/api/v1/namespaces", `{"metadata":{"name":"copied"}}`)
	first.ended(first.stdin.Close)
	for _, part := range []string{"etcd", "pki"} {
		if err := os.CopyFS(filepath.Join(dir, "b", part), os.DirFS(filepath.Join(dir, "a", part))); err != nil {
			t.Fatal(err)
		}
	}
	// Both run at once: nothing is shared between folders.
	start(t, filepath.Join(dir, "a"))
	second := start(t, filepath.Join(dir, "b"))
	if got := second.names("/api/v1/namespaces"); !strings.Contains(got, "copied") {
		t.Errorf("the copy has %q", got)
	}
}

func TestFolderAndPortInUseAreSaidSo(t *testing.T) {
	dir := t.TempDir()
	s := start(t, filepath.Join(dir, "a"))
	port, err := strconv.Atoi(s.port())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ dir, port, want string }{
		{"a", "0", "another server still runs on"},
		{"b", fmt.Sprint(port), "choose another -port"},
	} {
		command := exec.Command(os.Getenv(fixtureVariable), "-dir", filepath.Join(dir, c.dir), "-port", c.port)
		stdin, err := command.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer stdin.Close()
		output, err := command.CombinedOutput()
		if err == nil || !strings.Contains(string(output), c.want) {
			t.Errorf("-dir %s -port %s: %v, %s", c.dir, c.port, err, output)
		}
	}
}
