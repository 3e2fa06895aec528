package node

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
)

func TestHostsOfTheCertificate(t *testing.T) {
	for _, h := range []string{"central", "central.hospital.example", "10.0.0.5", "fe80::1", "::1", "WARD_SRV01", "xn--bcher-kva.example"} {
		if err := checkHosts([]string{h}); err != nil {
			t.Errorf("%s: %v", h, err)
		}
	}
	for h, words := range map[string]string{
		"bad host": "such as --host", "": "such as", "https://central": "without https://", "central:8443": "without a port",
		"-x": "such as", "a..b": "such as", strings.Repeat("a", 64): "such as", "central,other": "such as",
	} {
		dir := filepath.Join(t.TempDir(), "central")
		_, err := Init(context.Background(), Config{Dir: dir, Secrets: keys.MemorySecrets(), Hosts: []string{"good", h}})
		if !fault.Is(err, fault.Invalid) || !strings.Contains(fault.Words(err), words) {
			t.Errorf("%q: %v", h, err)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%q: something was made", h)
		}
	}
}
