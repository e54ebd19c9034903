package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The format of `terraform providers schema -json`, as far as ../schemas.ts uses it.
type schemasJSON struct {
	ProviderSchemas map[string]providerJSON `json:"provider_schemas"`
}

type providerJSON struct {
	Provider    schemaJSON            `json:"provider"`
	Resources   map[string]schemaJSON `json:"resource_schemas"`
	DataSources map[string]schemaJSON `json:"data_source_schemas"`
}

type schemaJSON struct {
	Version int64     `json:"version"`
	Block   blockJSON `json:"block"`
}

type blockJSON struct {
	Attributes map[string]attributeJSON `json:"attributes"`
	BlockTypes map[string]struct {
		NestingMode string    `json:"nesting_mode"`
		Block       blockJSON `json:"block"`
		MinItems    int64     `json:"min_items"`
		MaxItems    int64     `json:"max_items"`
	} `json:"block_types"`
}

type attributeJSON struct {
	Type       json.RawMessage `json:"type"`
	NestedType *struct {
		NestingMode string                   `json:"nesting_mode"`
		Attributes  map[string]attributeJSON `json:"attributes"`
	} `json:"nested_type"`
	Description string `json:"description"`
	Required    bool   `json:"required"`
	Optional    bool   `json:"optional"`
	Computed    bool   `json:"computed"`
}

var blockNesting = map[string]tfprotov6.SchemaNestedBlockNestingMode{
	"single": tfprotov6.SchemaNestedBlockNestingModeSingle,
	"list":   tfprotov6.SchemaNestedBlockNestingModeList,
	"set":    tfprotov6.SchemaNestedBlockNestingModeSet,
}

var objectNesting = map[string]tfprotov6.SchemaObjectNestingMode{
	"single": tfprotov6.SchemaObjectNestingModeSingle,
	"list":   tfprotov6.SchemaObjectNestingModeList,
	"set":    tfprotov6.SchemaObjectNestingModeSet,
	"map":    tfprotov6.SchemaObjectNestingModeMap,
}

// load reads the schemas of one provider and returns its address.
func load(path string) (string, *standin, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	var file schemasJSON
	if err := json.Unmarshal(text, &file); err != nil {
		return "", nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(file.ProviderSchemas) != 1 {
		return "", nil, fmt.Errorf("%s: %d providers, want 1", path, len(file.ProviderSchemas))
	}
	for address, from := range file.ProviderSchemas {
		// Here, not when it is configured, because Terraform asks an unconfigured provider to move a resource.
		s := &standin{store: store{folder: os.Getenv(storeVariable)}}
		if s.provider, err = schemaOf(from.Provider); err != nil {
			return "", nil, err
		}
		if s.resources, err = schemasOf(from.Resources); err != nil {
			return "", nil, err
		}
		if s.dataSources, err = schemasOf(from.DataSources); err != nil {
			return "", nil, err
		}
		return address, s, nil
	}
	panic("unreachable")
}

func schemasOf(from map[string]schemaJSON) (map[string]*tfprotov6.Schema, error) {
	to := map[string]*tfprotov6.Schema{}
	for name, row := range from {
		schema, err := schemaOf(row)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		to[name] = schema
	}
	return to, nil
}

func schemaOf(from schemaJSON) (*tfprotov6.Schema, error) {
	block, err := blockOf(from.Block)
	return &tfprotov6.Schema{Version: from.Version, Block: block}, err
}

func blockOf(from blockJSON) (*tfprotov6.SchemaBlock, error) {
	attributes, err := attributesOf(from.Attributes)
	if err != nil {
		return nil, err
	}
	block := &tfprotov6.SchemaBlock{Attributes: attributes}
	for _, name := range sorted(from.BlockTypes) {
		row := from.BlockTypes[name]
		nesting, ok := blockNesting[row.NestingMode]
		if !ok {
			return nil, fmt.Errorf("%s: nesting mode %q", name, row.NestingMode)
		}
		nested, err := blockOf(row.Block)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		block.BlockTypes = append(block.BlockTypes, &tfprotov6.SchemaNestedBlock{
			TypeName: name,
			Block:    nested,
			Nesting:  nesting,
			MinItems: row.MinItems,
			MaxItems: row.MaxItems,
		})
	}
	return block, nil
}

func attributesOf(from map[string]attributeJSON) ([]*tfprotov6.SchemaAttribute, error) {
	var to []*tfprotov6.SchemaAttribute
	for _, name := range sorted(from) {
		row := from[name]
		attribute := &tfprotov6.SchemaAttribute{
			Name:        name,
			Description: row.Description,
			Required:    row.Required,
			Optional:    row.Optional,
			Computed:    row.Computed,
		}
		if row.NestedType == nil {
			// Deprecated because providers should name types in code, which is impossible for a schema from a file.
			kind, err := tftypes.ParseJSONType(row.Type) //nolint:staticcheck
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			attribute.Type = kind
		} else {
			nesting, ok := objectNesting[row.NestedType.NestingMode]
			if !ok {
				return nil, fmt.Errorf("%s: nesting mode %q", name, row.NestedType.NestingMode)
			}
			nested, err := attributesOf(row.NestedType.Attributes)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			attribute.NestedType = &tfprotov6.SchemaObject{Attributes: nested, Nesting: nesting}
		}
		to = append(to, attribute)
	}
	return to, nil
}

func sorted[V any](rows map[string]V) []string {
	names := make([]string, 0, len(rows))
	for name := range rows {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
