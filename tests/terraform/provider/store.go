package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// storeVariable names the folder that takes the place of the cloud: one file for each object, <type>/<id>.json, which a
// test may change as a person changes a value by hand; and <data source>.json, what a data source answers beside the
// made values.
const storeVariable = "OPENCLAW_PACK_STANDIN_STORE"

type store struct{ folder string }

func (s store) path(kind, id string) string { return filepath.Join(s.folder, kind, id+".json") }

// read gives null when there is no such object.
func (s store) read(kind, id string, of tftypes.Type) (tftypes.Value, error) {
	text, err := os.ReadFile(s.path(kind, id))
	if errors.Is(err, fs.ErrNotExist) {
		return tftypes.NewValue(of, nil), nil
	}
	if err != nil {
		return tftypes.Value{}, err
	}
	return tftypes.ValueFromJSON(text, of)
}

func (s store) create(kind, id string, value tftypes.Value) error {
	if _, err := os.Stat(s.path(kind, id)); err == nil {
		return fmt.Errorf("the stand-in's store already has a %s like this one (%s)", kind, id)
	}
	return s.write(kind, id, value)
}

func (s store) write(kind, id string, value tftypes.Value) error {
	text, err := jsonOf(value)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(s.folder, kind), 0o700); err != nil {
		return err
	}
	return os.WriteFile(s.path(kind, id), append(text, '\n'), 0o600)
}

func (s store) remove(kind, id string) error {
	err := os.Remove(s.path(kind, id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
