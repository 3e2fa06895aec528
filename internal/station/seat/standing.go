package seat

import (
	"encoding/json"
	"slices"

	"wardlight/internal/fault"
	"wardlight/internal/trust/keys"
	"wardlight/internal/words"
)

// standing is what central said of a person when it last let them in: name,
// role and wards, sealed with the data key that their PIN opens. Offline it is
// the only word that counts. An older seal put back gives back only what central
// once said of the same person.

func standingName(user string) string { return "standing/" + user }

// keepStanding keeps central's word on a person.
func (s *Seat) keepStanding(user string, who person, data keys.Key) error {
	who.Last = s.conf.Now().UTC()
	b, err := json.Marshal(who)
	if err != nil {
		return fault.Wrap("seat.standing", user, err)
	}
	return s.slots.SetSecret(standingName(user), b, data)
}

// standing is central's last word on a person.
func (s *Seat) standing(user string, data keys.Key) (person, error) {
	var who person
	b, err := s.slots.Secret(standingName(user), data)
	if fault.Is(err, fault.NotFound) {
		return who, fault.As(fault.Denied, "seat.signin", user, words.Errorf("This computer does not know your role. Sign in once while the network works; until then use another computer."))
	}
	if err != nil {
		return who, err
	}
	return who, fault.As(fault.Corrupt, "seat.standing", user, json.Unmarshal(b, &who))
}

// wasHere says whether somebody has a slot on this computer.
func (s *Seat) wasHere(user string) (bool, error) {
	users, err := s.slots.Users()
	return slices.ContainsFunc(users, func(u keys.SlotUser) bool { return u.User == user }), err
}
