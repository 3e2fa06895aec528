// Command hospitalid is a hospital's sign-in service for tests: the OpenID provider
// of github.com/zitadel/oidc, certified by the OpenID Foundation, with users of a
// test and its example's sign-in form. It serves on the loopback until its standard
// input ends. A test speaks with it as a browser would.
//
// It lives in the tools module so that none of it is part of what is shipped.
//
//	hospitalid USERS.json   (see storage.StoreFromFile)
//
// It prints one line: {"issuer": …, "ca": PEM}. POST /test/keys makes it sign with
// another key, and publish that one alone.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("hospitalid USERS.json")
	}
	if err := run(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func run(usersFile string) error {
	users, err := storage.StoreFromFile(usersFile)
	if err != nil {
		return fmt.Errorf("users: %w", err)
	}
	storage.RegisterClients(storage.NativeClient("wardlight", "http://127.0.0.1/signed-in"))
	keys, err := newKeys(storage.NewStorage(users))
	if err != nil {
		return err
	}
	cert, ca, err := certificate()
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	issuer := "https://" + ln.Addr().String()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	mux := http.NewServeMux()
	mux.HandleFunc("POST /test/keys", func(w http.ResponseWriter, _ *http.Request) {
		if err := keys.change(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	mux.Handle("/", exampleop.SetupServer(issuer, keys, quiet, false))
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ErrorLog: log.New(io.Discard, "", 0)}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = srv.Close()
	}()
	if err := json.NewEncoder(os.Stdout).Encode(map[string]string{"issuer": issuer, "ca": ca}); err != nil {
		return fmt.Errorf("ready: %w", err)
	}
	err = srv.Serve(tls.NewListener(ln, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}))
	if err == http.ErrServerClosed {
		return nil
	}
	return err
}

// certificate is the service's own, and whom to believe for it.
func certificate() (tls.Certificate, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, "", fmt.Errorf("certificate: %w", err)
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "the hospital's sign-in service"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, "", fmt.Errorf("certificate: %w", err)
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, string(ca), nil
}
