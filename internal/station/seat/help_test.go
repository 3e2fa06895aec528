package seat_test

import "encoding/json"

// decode reads a line as an administrator's program would.
func decode(line, into any) error {
	b, err := json.Marshal(line)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}
