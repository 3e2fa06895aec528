package main

import "testing"

// The compiler of shaders is let go of again and again, and nothing that runs at each
// frame is.
func TestOnlyTheCompilerOfShadersGoesAgainAndAgain(t *testing.T) {
	for path, want := range map[string]bool{
		"/usr/lib/x86_64-linux-gnu/libLLVM-15.so.1":   true,
		"/usr/lib/libLLVM.so.19.1":                    true,
		"/usr/lib/x86_64-linux-gnu/dri/swrast_dri.so": false,
		"/usr/lib/x86_64-linux-gnu/libc.so.6":         false,
		"/home/ward/libLLVM/badger/000001.sst":        false,
		"/opt/wardlight/wardlight":                    false,
	} {
		if compiler(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}
