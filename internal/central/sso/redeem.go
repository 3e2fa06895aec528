package sso

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"wardlight/internal/fault"
)

// claims are those of an ID token that go-oidc leaves to its caller.
type claims struct {
	AuthTime int64  `json:"auth_time"`
	Party    string `json:"azp"`
}

// Redeem changes the code of an attempt for the identity that it stands for.
// fault.Unavailable: the service does not answer; fault.Denied: it, or what it
// said, was not believed, in words for the person at the workstation.
func (p *Provider) Redeem(ctx context.Context, a Attempt, code, verifier string) (Identity, error) {
	const op = "sso.redeem"
	found, err := p.discover(ctx, knownFor)
	if err != nil {
		return Identity{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	tok, err := p.oauth(found, a).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	var refused *oauth2.RetrieveError
	switch {
	case errors.As(err, &refused) && refused.Response != nil && refused.Response.StatusCode < 500:
		return Identity{}, p.denied(op, err, "The hospital’s sign-in service did not accept this sign-in: it was used already, or took too long. Begin again.")
	case err != nil:
		return Identity{}, p.away(op, err)
	}
	raw, ok := tok.Extra("id_token").(string)
	if !ok {
		return Identity{}, fault.New(fault.Denied, op, "", "the hospital’s sign-in service said nothing of who you are; tell IT")
	}
	id, err := p.verify(ctx, found, a, raw, tok.AccessToken)
	if err != nil {
		return Identity{}, err
	}
	return p.identity(ctx, found, id, tok)
}

// verify holds an ID token against everything that it must say.
func (p *Provider) verify(ctx context.Context, found *oidc.Provider, a Attempt, raw, access string) (*oidc.IDToken, error) {
	const op = "sso.verify"
	var own claims
	v := found.Verifier(&oidc.Config{ClientID: p.set.Client, SupportedSigningAlgs: algorithms, Now: func() time.Time { return p.now().Add(-skew) }})
	id, err := v.Verify(ctx, raw)
	var late *oidc.TokenExpiredError
	switch {
	case errors.As(err, &late):
		return nil, clocks(op)
	case err != nil:
		return nil, p.denied(op, err, "What the hospital’s sign-in service said is not to be believed, and nobody was signed in. Tell IT.")
	}
	if err := id.Claims(&own); err != nil {
		return nil, fault.As(fault.Denied, op, "", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(a.Nonce)) != 1 || a.Nonce == "" {
		return nil, fault.New(fault.Denied, op, "", "What the hospital’s sign-in service said belongs to another sign-in. Begin again; if it stays so, tell IT.")
	}
	if (own.Party != "" || len(id.Audience) > 1) && own.Party != p.set.Client {
		return nil, fault.New(fault.Denied, op, "", "What the hospital’s sign-in service said was meant for another program. Tell IT.")
	}
	if id.AccessTokenHash != "" && id.VerifyAccessToken(access) != nil {
		return nil, fault.New(fault.Denied, op, "", "What the hospital’s sign-in service said does not fit together. Tell IT.")
	}
	return id, p.timely(a, id, own)
}

// timely says whether a token was made in answer to this attempt, of somebody who
// had just proven themselves.
func (p *Provider) timely(a Attempt, id *oidc.IDToken, own claims) error {
	const op = "sso.timely"
	if id.IssuedAt.After(p.now().Add(skew)) || id.IssuedAt.Before(a.Began.Add(-skew)) {
		return clocks(op)
	}
	proven := time.Unix(own.AuthTime, 0)
	switch {
	case p.set.AnyAge:
		return nil
	case own.AuthTime == 0:
		return fault.New(fault.Denied, op, "", "The hospital’s sign-in service does not say when you gave your password. Tell IT: it must, or be set up as one that does not.")
	case proven.Before(a.Began.Add(-skew)):
		return fault.New(fault.Denied, op, "", "The browser still knew somebody who signed in earlier, and that may not be you. Begin again and give your own password.")
	case proven.After(p.now().Add(skew)):
		return clocks(op)
	}
	return nil
}

func clocks(op string) error {
	return fault.New(fault.Denied, op, "", "The clocks of the server and of the hospital’s sign-in service do not agree, or the sign-in took too long. Sign in with your name and PIN, and tell IT.")
}

// identity reads who it is: from the ID token, or where it does not say from the
// service's userinfo, which must speak of the same subject.
func (p *Provider) identity(ctx context.Context, found *oidc.Provider, id *oidc.IDToken, tok *oauth2.Token) (Identity, error) {
	const op = "sso.identity"
	said := map[string]any{}
	if err := id.Claims(&said); err != nil {
		return Identity{}, fault.As(fault.Denied, op, "", err)
	}
	if said[p.set.Claim] == nil && found.UserInfoEndpoint() != "" {
		info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(tok))
		switch {
		case err != nil:
			return Identity{}, p.away(op, err)
		case info.Subject != id.Subject:
			return Identity{}, fault.New(fault.Denied, op, "", "What the hospital’s sign-in service said speaks of two people. Nobody was signed in; tell IT.")
		}
		if err := info.Claims(&said); err != nil {
			return Identity{}, fault.As(fault.Denied, op, "", err)
		}
	}
	value, _ := said[p.set.Claim].(string)
	if value == "" || id.Subject == "" {
		return Identity{}, fault.Newf(fault.Denied, op, "", "The hospital’s sign-in service does not say %s of you, by which you are known here. Tell IT.", p.set.Claim)
	}
	if p.set.Claim == "email" && said["email_verified"] == false {
		return Identity{}, fault.New(fault.Denied, op, "", "The hospital’s sign-in service has not verified your address. Tell IT.")
	}
	name, _ := said["name"].(string)
	user, err := p.set.name(value)
	return Identity{Issuer: id.Issuer, Subject: id.Subject, User: user, Name: name}, err
}
