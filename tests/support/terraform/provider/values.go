package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// field is an attribute or a block of a schema, with its content.
type field struct {
	name     string
	kind     tftypes.Type
	computed bool
	// settable is false for a computed attribute.
	settable bool
	inside   []field
}

func fieldsOfBlock(block *tfprotov6.SchemaBlock) []field {
	fields := fieldsOf(block.Attributes)
	for _, nested := range block.BlockTypes {
		fields = append(fields, field{
			name:     nested.TypeName,
			kind:     nested.ValueType(),
			settable: true,
			inside:   fieldsOfBlock(nested.Block),
		})
	}
	return fields
}

func fieldsOf(attributes []*tfprotov6.SchemaAttribute) []field {
	var fields []field
	for _, attribute := range attributes {
		row := field{
			name:     attribute.Name,
			kind:     attribute.ValueType(),
			computed: attribute.Computed,
			settable: attribute.Required || attribute.Optional,
		}
		if attribute.NestedType != nil {
			row.inside = fieldsOf(attribute.NestedType.Attributes)
		}
		fields = append(fields, row)
	}
	return fields
}

// visit passes every field of a value to change, and descends into fields that are still known and not null.
func visit(
	value tftypes.Value,
	fields []field,
	path *tftypes.AttributePath,
	change func(field, *tftypes.AttributePath, tftypes.Value) tftypes.Value,
) (tftypes.Value, error) {
	if value.IsNull() || !value.IsKnown() {
		return value, nil
	}
	switch value.Type().(type) {
	case tftypes.Object:
		var rows map[string]tftypes.Value
		if err := value.As(&rows); err != nil {
			return value, err
		}
		for _, field := range fields {
			here := path.WithAttributeName(field.name)
			changed := change(field, here, rows[field.name])
			if field.inside != nil {
				var err error
				if changed, err = visit(changed, field.inside, here, change); err != nil {
					return value, err
				}
			}
			rows[field.name] = changed
		}
		return tftypes.NewValue(value.Type(), rows), nil
	case tftypes.Map:
		var rows map[string]tftypes.Value
		if err := value.As(&rows); err != nil {
			return value, err
		}
		for key, row := range rows {
			changed, err := visit(row, fields, path.WithElementKeyString(key), change)
			if err != nil {
				return value, err
			}
			rows[key] = changed
		}
		return tftypes.NewValue(value.Type(), rows), nil
	default:
		var rows []tftypes.Value
		if err := value.As(&rows); err != nil {
			return value, err
		}
		for index, row := range rows {
			changed, err := visit(row, fields, path.WithElementKeyInt(index), change)
			if err != nil {
				return value, err
			}
			rows[index] = changed
		}
		return tftypes.NewValue(value.Type(), rows), nil
	}
}

// unknownWhereComputed plans a value: computed attributes that are not in an earlier state are unknown.
func unknownWhereComputed(value tftypes.Value, fields []field) (tftypes.Value, error) {
	return visit(value, fields, tftypes.NewAttributePath(),
		func(field field, _ *tftypes.AttributePath, value tftypes.Value) tftypes.Value {
			if field.computed && value.IsNull() {
				return tftypes.NewValue(field.kind, tftypes.UnknownValue)
			}
			return value
		})
}

// known replaces every unknown value with one that is the same for the same seed on every machine.
func known(value tftypes.Value, fields []field, seed string) (tftypes.Value, error) {
	return visit(value, fields, tftypes.NewAttributePath(),
		func(field field, path *tftypes.AttributePath, value tftypes.Value) tftypes.Value {
			if value.IsKnown() {
				return value
			}
			return madeOf(field, seed+path.String())
		})
}

// madeOf fills only computed attributes of an object, because Terraform would treat any other as configured.
func madeOf(from field, seed string) tftypes.Value {
	if _, ok := from.kind.(tftypes.Object); !ok || from.inside == nil {
		return made(from.kind, seed)
	}
	rows := map[string]tftypes.Value{}
	for _, child := range from.inside {
		rows[child.name] = tftypes.NewValue(child.kind, nil)
		if child.computed {
			rows[child.name] = madeOf(child, seed+"."+child.name)
		}
	}
	return tftypes.NewValue(from.kind, rows)
}

// made returns a value of a type that is recognizably not from a real provider.
func made(kind tftypes.Type, seed string) tftypes.Value {
	switch kind := kind.(type) {
	case tftypes.Object:
		rows := map[string]tftypes.Value{}
		for name, attribute := range kind.AttributeTypes {
			rows[name] = made(attribute, seed+"."+name)
		}
		return tftypes.NewValue(kind, rows)
	case tftypes.Map:
		return tftypes.NewValue(kind, map[string]tftypes.Value{})
	case tftypes.List, tftypes.Set:
		return tftypes.NewValue(kind, []tftypes.Value{})
	}
	switch {
	case kind.Is(tftypes.Number):
		return tftypes.NewValue(kind, 1)
	case kind.Is(tftypes.Bool):
		return tftypes.NewValue(kind, false)
	case kind.Is(tftypes.String):
		return tftypes.NewValue(kind, fmt.Sprintf("standin-%.12x", sha256.Sum256([]byte(seed))))
	default:
		return tftypes.NewValue(kind, nil)
	}
}

// jsonOf returns a value as JSON; unknown values become null.
func jsonOf(value tftypes.Value) ([]byte, error) {
	plain, err := plainOf(value)
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(plain, "", "  ")
}

func plainOf(value tftypes.Value) (any, error) {
	if value.IsNull() || !value.IsKnown() {
		return nil, nil
	}
	kind := value.Type()
	switch kind.(type) {
	case tftypes.Object, tftypes.Map:
		var rows map[string]tftypes.Value
		if err := value.As(&rows); err != nil {
			return nil, err
		}
		to := map[string]any{}
		for key, row := range rows {
			plain, err := plainOf(row)
			if err != nil {
				return nil, err
			}
			to[key] = plain
		}
		return to, nil
	case tftypes.List, tftypes.Set, tftypes.Tuple:
		var rows []tftypes.Value
		if err := value.As(&rows); err != nil {
			return nil, err
		}
		to := make([]any, len(rows))
		for index, row := range rows {
			plain, err := plainOf(row)
			if err != nil {
				return nil, err
			}
			to[index] = plain
		}
		return to, nil
	}
	switch {
	case kind.Is(tftypes.String):
		var text string
		err := value.As(&text)
		return text, err
	case kind.Is(tftypes.Bool):
		var truth bool
		err := value.As(&truth)
		return truth, err
	case kind.Is(tftypes.Number):
		number := new(big.Float)
		err := value.As(number)
		return json.Number(number.Text('g', -1)), err
	}
	return nil, fmt.Errorf("no JSON for a value of type %s", kind)
}
