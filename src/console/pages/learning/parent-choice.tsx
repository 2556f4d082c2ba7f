import type { JSX } from 'preact';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { Field } from '../../components/field.js';
import { idIn } from '../../format/names.js';
import { ModelKind, ModelService } from '../../generated/symface/v1/model_service_pb.js';

/** More than anybody chooses among. */
const mostModels = 200;

interface ParentChoiceProps {
  /** "modelVersions/{id}"; empty: the one that serves. */
  readonly value: string;
  readonly onChange: (name: string) => void;
}

/** Which backbone is fine-tuned. */
export function ParentChoice({ value, onChange }: ParentChoiceProps): JSX.Element {
  const models = useClient(ModelService);
  const { value: listed } = useLoaded(
    async (signal) =>
      models.listModelVersions({ kind: ModelKind.BACKBONE, pageSize: mostModels }, { signal }),
    [models],
  );
  const versions = listed?.modelVersions ?? [];
  const active = versions.find((version) => version.active);
  return (
    <Field label="Model" hint="The backbone that is fine-tuned">
      {(ids) => (
        <select
          {...ids}
          value={value}
          onChange={(event) => {
            onChange(event.currentTarget.value);
          }}
        >
          <option value="">The one that serves{active === undefined ? '' : `: ${idIn(active.name)}`}</option>
          {versions
            .filter((version) => !version.active)
            .map(({ name }) => (
              <option key={name} value={name}>
                {idIn(name)}
              </option>
            ))}
        </select>
      )}
    </Field>
  );
}
