package main

import (
	"net/url"

	"fyne.io/fyne/v2"

	"wardlight/internal/fault"
)

// browser opens an address in the system's browser.
func browser(a fyne.App) func(address string) error {
	return func(address string) error {
		u, err := url.Parse(address)
		if err != nil {
			return fault.As(fault.Invalid, "browser", "", err)
		}
		return fault.As(fault.Unavailable, "browser", "", a.OpenURL(u))
	}
}
