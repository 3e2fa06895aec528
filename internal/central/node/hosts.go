package node

import (
	"net/netip"
	"regexp"
	"strings"

	"wardlight/internal/fault"
)

// hostName is a name that a certificate can be made for (RFC 1123; underscores,
// which Windows allows).
var hostName = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$`)

// checkHosts refuses what no computer could be reached by: it would stand in the
// server's certificate, and no station could connect.
func checkHosts(hosts []string) error {
	for _, h := range hosts {
		if _, err := netip.ParseAddr(h); err == nil || len(h) <= 253 && hostName.MatchString(h) {
			continue
		}
		do := "give the name or the address by which stations reach this machine, such as --host central.hospital.example or --host 10.0.0.5"
		if strings.Contains(h, "://") || strings.Contains(h, ":") {
			do = "without https:// and without a port: --host central.hospital.example"
		}
		return fault.Newf(fault.Invalid, "node.init", "", "%q is no host name and no address; %s. Nothing was made", h, do)
	}
	return nil
}
