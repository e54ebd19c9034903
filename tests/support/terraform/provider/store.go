package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// storeVariable names the folder that replaces the cloud. It has one file for each object, <type>/<id>.json, which a test may
// edit like a manual change, and <data source>.json with the answer of a data source.
const storeVariable = "OPENCLAW_PACK_STANDIN_STORE"

type store struct{ folder string }

func (s store) path(kind, id string) string { return filepath.Join(s.folder, kind, id+".json") }

// read returns null if the object does not exist.
func (s store) read(kind, id string, schema *tfprotov6.Schema) (tftypes.Value, error) {
	of := schema.ValueType()
	text, err := os.ReadFile(s.path(kind, id))
	if errors.Is(err, fs.ErrNotExist) {
		return s.readOther(id, schema)
	}
	if err != nil {
		return tftypes.Value{}, err
	}
	return tftypes.ValueFromJSON(text, of)
}

// readOther finds an object that was created with another type, because the object in the cloud is the same if a version of the
// provider renames its types. Common attributes are kept.
func (s store) readOther(id string, schema *tfprotov6.Schema) (tftypes.Value, error) {
	of := schema.ValueType().(tftypes.Object)
	found, err := filepath.Glob(s.path("*", id))
	if err != nil || len(found) == 0 {
		return tftypes.NewValue(of, nil), err
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		return tftypes.Value{}, err
	}
	var attributes map[string]json.RawMessage
	if err := json.Unmarshal(text, &attributes); err != nil {
		return tftypes.Value{}, err
	}
	rows := map[string]tftypes.Value{}
	for name, kind := range of.AttributeTypes {
		value, err := tftypes.ValueFromJSON(attributes[name], kind)
		if attributes[name] == nil || err != nil {
			value = tftypes.NewValue(kind, nil)
		}
		rows[name] = value
	}
	value, err := unknownWhereComputed(tftypes.NewValue(of, rows), fieldsOfBlock(schema.Block))
	if err != nil {
		return value, err
	}
	return known(value, fieldsOfBlock(schema.Block), id)
}

func (s store) create(kind, id string, value tftypes.Value) error {
	if _, err := os.Stat(s.path(kind, id)); err == nil {
		return fmt.Errorf("the fake provider's store already has a %s like this one (%s)", kind, id)
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

func (s store) remove(id string) error {
	found, err := filepath.Glob(s.path("*", id))
	for _, path := range found {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}
