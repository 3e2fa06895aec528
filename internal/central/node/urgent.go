package node

import (
	"context"

	"wardlight/internal/clinical/record"
	"wardlight/internal/trust/pki"
)

// urgent says how many critical results have come for these wards. It reads up to the
// journal's head first: a station that practises a downtime asks it before it lets go of
// the line, and what came before must not end its drill, nor what came after be missed.
func (n *Node) urgent(ctx context.Context, wards []record.Ward) (*pki.Urgent, error) {
	if err := n.delivery.Follow(ctx); err != nil {
		return nil, err
	}
	return &pki.Urgent{Run: n.run, Came: n.delivery.Came(wards)}, nil
}
