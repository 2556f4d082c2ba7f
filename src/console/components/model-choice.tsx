import type { JSX } from 'preact';
import { useClient } from '../api/session.js';
import { useLoaded } from '../api/use-loaded.js';
import { SelectField } from './select-field.js';
import { idIn } from '../format/names.js';
import { ModelKind, ModelService } from '../generated/symface/v1/model_service_pb.js';

/** More than anybody chooses among. */
const mostModels = 200;

interface ModelChoiceProps {
  /** What it is chosen for. */
  readonly hint: string;
  /** "modelVersions/{id}"; empty: the one that serves. */
  readonly value: string;
  readonly onChange: (name: string) => void;
}

/** One of the backbones. */
export function ModelChoice({ hint, value, onChange }: ModelChoiceProps): JSX.Element {
  const models = useClient(ModelService);
  const { value: listed } = useLoaded(
    async (signal) =>
      models.listModelVersions({ kind: ModelKind.BACKBONE, pageSize: mostModels }, { signal }),
    [models],
  );
  const versions = listed?.modelVersions ?? [];
  const active = versions.find((version) => version.active);
  return (
    <SelectField
      label="Model"
      hint={hint}
      options={[
        ['', `The one that serves${active === undefined ? '' : `: ${idIn(active.name)}`}`],
        ...versions.filter((version) => !version.active).map(({ name }) => [name, idIn(name)] as const),
      ]}
      value={value}
      onChange={onChange}
    />
  );
}
