package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// keys is the example's storage with a signing key that can change.
type keys struct {
	*storage.Storage
	mu  sync.Mutex
	now key
	nr  int
}

func newKeys(s *storage.Storage) (*keys, error) {
	k := &keys{Storage: s}
	return k, k.change()
}

func (k *keys) change() error {
	made, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.nr++
	k.now = key{fmt.Sprintf("key-%d", k.nr), made}
	return nil
}

// SigningKey is what tokens are signed with from now on.
func (k *keys) SigningKey(context.Context) (op.SigningKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now, nil
}

// KeySet is what is published.
func (k *keys) KeySet(context.Context) ([]op.Key, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return []op.Key{public{k.now}}, nil
}

type key struct {
	id  string
	key *rsa.PrivateKey
}

func (k key) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k key) Key() any                                    { return k.key }
func (k key) ID() string                                  { return k.id }

type public struct{ key }

func (p public) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (p public) Use() string                        { return "sig" }
func (p public) Key() any                           { return &p.key.key.PublicKey }
