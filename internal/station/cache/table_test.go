package cache

import "testing"

// Memory of this cache's tables is given back, and of nothing else that is mapped.
func TestOnlyTablesOfThisCacheAreGivenBack(t *testing.T) {
	c := &Cache{o: Options{Dir: "/home/a ward/store"}}
	for path, want := range map[string]bool{
		"/home/a ward/store/badger/000012.sst":           true,
		"/home/a ward/store/badger/000012.mem":           false,
		"/home/a ward/store/badger/000012.sst (deleted)": false,
		"/home/a ward/store/badger/deeper/000012.sst":    false,
		"/another/badger/000012.sst":                     false,
	} {
		if c.isTable(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}
