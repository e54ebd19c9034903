package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// standin implements the methods of a provider with resources and data sources. The embedded interface is nil: it covers the
// methods that Terraform does not call for the schemas served here (functions, ephemeral resources).
type standin struct {
	tfprotov6.ProviderServer
	provider    *tfprotov6.Schema
	resources   map[string]*tfprotov6.Schema
	dataSources map[string]*tfprotov6.Schema
	store       store
}

func (s *standin) GetMetadata(
	context.Context, *tfprotov6.GetMetadataRequest,
) (*tfprotov6.GetMetadataResponse, error) {
	response := &tfprotov6.GetMetadataResponse{ServerCapabilities: capabilities()}
	for _, name := range sorted(s.resources) {
		response.Resources = append(response.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	for _, name := range sorted(s.dataSources) {
		response.DataSources = append(response.DataSources, tfprotov6.DataSourceMetadata{TypeName: name})
	}
	return response, nil
}

func (s *standin) GetProviderSchema(
	context.Context, *tfprotov6.GetProviderSchemaRequest,
) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &tfprotov6.GetProviderSchemaResponse{
		ServerCapabilities: capabilities(),
		Provider:           s.provider,
		ResourceSchemas:    s.resources,
		DataSourceSchemas:  s.dataSources,
	}, nil
}

func capabilities() *tfprotov6.ServerCapabilities {
	return &tfprotov6.ServerCapabilities{MoveResourceState: true}
}

func (s *standin) GetResourceIdentitySchemas(
	context.Context, *tfprotov6.GetResourceIdentitySchemasRequest,
) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (s *standin) ValidateProviderConfig(
	_ context.Context, request *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: request.Config}, nil
}

func (s *standin) ConfigureProvider(
	context.Context, *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	response := &tfprotov6.ConfigureProviderResponse{}
	if s.store.folder == "" {
		response.Diagnostics = faults(errors.New(storeVariable + " is not set"))
	}
	return response, nil
}

func (s *standin) StopProvider(
	context.Context, *tfprotov6.StopProviderRequest,
) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

func (s *standin) ValidateResourceConfig(
	_ context.Context, request *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{
		Diagnostics: computedOnly(s.resources[request.TypeName], request.Config),
	}, nil
}

func (s *standin) ValidateDataResourceConfig(
	_ context.Context, request *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return &tfprotov6.ValidateDataResourceConfigResponse{
		Diagnostics: computedOnly(s.dataSources[request.TypeName], request.Config),
	}, nil
}

// computedOnly is the only check that Terraform leaves to every provider; its message is that of HashiCorp's SDK.
func computedOnly(schema *tfprotov6.Schema, config *tfprotov6.DynamicValue) []*tfprotov6.Diagnostic {
	value, err := config.Unmarshal(schema.ValueType())
	if err != nil {
		return faults(err)
	}
	var found []*tfprotov6.Diagnostic
	_, err = visit(value, fieldsOfBlock(schema.Block), tftypes.NewAttributePath(),
		func(field field, path *tftypes.AttributePath, value tftypes.Value) tftypes.Value {
			if !field.settable && !value.IsNull() {
				found = append(found, &tfprotov6.Diagnostic{
					Severity: tfprotov6.DiagnosticSeverityError,
					Summary:  "Value for unconfigurable attribute",
					Detail: fmt.Sprintf("Can't configure a value for %q: its value will be decided automatically "+
						"based on the result of applying this configuration.", field.name),
					Attribute: path,
				})
			}
			return value
		})
	return append(found, faults(err)...)
}

func (s *standin) UpgradeResourceState(
	_ context.Context, request *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	response := &tfprotov6.UpgradeResourceStateResponse{}
	of := s.resources[request.TypeName].ValueType()
	value, err := request.RawState.Unmarshal(of)
	if err == nil {
		response.UpgradedState, err = dynamic(of, value)
	}
	response.Diagnostics = faults(err)
	return response, nil
}

func (s *standin) ReadResource(
	_ context.Context, request *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	response := &tfprotov6.ReadResourceResponse{Private: request.Private}
	schema := s.resources[request.TypeName]
	of := schema.ValueType()
	state, err := request.CurrentState.Unmarshal(of)
	var id string
	if err == nil {
		id, err = idOf(state)
	}
	if err == nil {
		state, err = s.store.read(request.TypeName, id, schema)
	}
	if err == nil {
		response.NewState, err = dynamic(of, state)
	}
	response.Diagnostics = faults(err)
	return response, nil
}

func (s *standin) PlanResourceChange(
	_ context.Context, request *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	response := &tfprotov6.PlanResourceChangeResponse{PlannedPrivate: request.PriorPrivate}
	schema := s.resources[request.TypeName]
	of := schema.ValueType()
	value, err := request.ProposedNewState.Unmarshal(of)
	if err == nil {
		value, err = unknownWhereComputed(value, fieldsOfBlock(schema.Block))
	}
	if err == nil {
		response.PlannedState, err = dynamic(of, value)
	}
	response.Diagnostics = faults(err)
	return response, nil
}

func (s *standin) ApplyResourceChange(
	_ context.Context, request *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	response := &tfprotov6.ApplyResourceChangeResponse{Private: request.PlannedPrivate}
	schema := s.resources[request.TypeName]
	of := schema.ValueType()
	state, err := s.apply(request, schema)
	if err == nil {
		response.NewState, err = dynamic(of, state)
	}
	response.Diagnostics = faults(err)
	return response, nil
}

func (s *standin) apply(
	request *tfprotov6.ApplyResourceChangeRequest, schema *tfprotov6.Schema,
) (tftypes.Value, error) {
	of := schema.ValueType()
	prior, err := request.PriorState.Unmarshal(of)
	if err != nil {
		return prior, err
	}
	planned, err := request.PlannedState.Unmarshal(of)
	if err != nil {
		return planned, err
	}
	if planned.IsNull() {
		id, err := idOf(prior)
		if err != nil {
			return prior, err
		}
		return planned, s.store.remove(id)
	}
	arguments, err := jsonOf(planned)
	if err != nil {
		return planned, err
	}
	state, err := known(planned, fieldsOfBlock(schema.Block), request.TypeName+string(arguments))
	if err != nil {
		return state, err
	}
	id, err := idOf(state)
	if err != nil {
		return state, err
	}
	if prior.IsNull() {
		return state, s.store.create(request.TypeName, id, state)
	}
	return state, s.store.write(request.TypeName, id, state)
}

// ImportResourceState uses the text after the last slash as the object's ID: a real provider requires more before it, such as
// an account.
func (s *standin) ImportResourceState(
	_ context.Context, request *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	response := &tfprotov6.ImportResourceStateResponse{}
	state, err := s.existing(request.TypeName, path.Base(request.ID))
	if err == nil {
		resource := &tfprotov6.ImportedResource{TypeName: request.TypeName, State: state}
		response.ImportedResources = []*tfprotov6.ImportedResource{resource}
	}
	response.Diagnostics = faults(err)
	return response, nil
}

// MoveResourceState accepts every move, because the bindings do not say which moves a real provider supports.
func (s *standin) MoveResourceState(
	_ context.Context, request *tfprotov6.MoveResourceStateRequest,
) (*tfprotov6.MoveResourceStateResponse, error) {
	response := &tfprotov6.MoveResourceStateResponse{}
	var source struct {
		ID string `json:"id"`
	}
	err := json.Unmarshal(request.SourceState.JSON, &source)
	if err == nil {
		response.TargetState, err = s.existing(request.TargetTypeName, source.ID)
	}
	response.Diagnostics = faults(err)
	return response, nil
}

// existing returns an object that must be in the store.
func (s *standin) existing(kind, id string) (*tfprotov6.DynamicValue, error) {
	schema := s.resources[kind]
	state, err := s.store.read(kind, id, schema)
	if err != nil {
		return nil, err
	}
	if state.IsNull() {
		return nil, fmt.Errorf("the fake provider's store has no %s %s", kind, id)
	}
	return dynamic(schema.ValueType(), state)
}

func (s *standin) ReadDataSource(
	_ context.Context, request *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	response := &tfprotov6.ReadDataSourceResponse{}
	schema := s.dataSources[request.TypeName]
	of := schema.ValueType()
	value, err := request.Config.Unmarshal(of)
	if err == nil {
		value, err = s.answer(request.TypeName, value, schema)
	}
	if err == nil {
		response.State, err = dynamic(of, value)
	}
	response.Diagnostics = faults(err)
	return response, nil
}

func (s *standin) answer(kind string, config tftypes.Value, schema *tfprotov6.Schema) (tftypes.Value, error) {
	answers := map[string]json.RawMessage{}
	text, err := os.ReadFile(filepath.Join(s.store.folder, kind+".json"))
	if err == nil {
		err = json.Unmarshal(text, &answers)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return config, err
	}
	arguments, err := jsonOf(config)
	if err != nil {
		return config, err
	}
	var failed error
	value, err := visit(config, fieldsOfBlock(schema.Block), tftypes.NewAttributePath(),
		func(field field, path *tftypes.AttributePath, value tftypes.Value) tftypes.Value {
			if !field.computed || !value.IsNull() {
				return value
			}
			// Only top-level attributes are supported.
			if answer, ok := answers[field.name]; ok && len(path.Steps()) == 1 {
				given, err := tftypes.ValueFromJSON(answer, field.kind)
				failed = errors.Join(failed, err)
				return given
			}
			return madeOf(field, kind+string(arguments)+path.String())
		})
	return value, errors.Join(failed, err)
}

func idOf(value tftypes.Value) (string, error) {
	var rows map[string]tftypes.Value
	if err := value.As(&rows); err != nil {
		return "", err
	}
	var id string
	row, ok := rows["id"]
	if !ok {
		return "", errors.New("the fake provider requires an attribute id in every resource")
	}
	err := row.As(&id)
	return id, err
}

func dynamic(of tftypes.Type, value tftypes.Value) (*tfprotov6.DynamicValue, error) {
	made, err := tfprotov6.NewDynamicValue(of, value)
	return &made, err
}

func faults(err error) []*tfprotov6.Diagnostic {
	if err == nil {
		return nil
	}
	return []*tfprotov6.Diagnostic{{
		Severity: tfprotov6.DiagnosticSeverityError,
		Summary:  "Stand-in provider",
		Detail:   err.Error(),
	}}
}
