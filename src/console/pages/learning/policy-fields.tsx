import type { JSX } from 'preact';
import { Field } from '../../components/field.js';
import { SelectField } from '../../components/select-field.js';
import { TrainingLoss } from '../../generated/symface/v1/training_pb.js';
import {
  type PolicyDraft,
  type PolicySetting,
  type PolicySettingName,
  policySettingNames,
  policySettings,
} from './policy-settings.js';
import { lossNames } from './policy-text.js';

interface PolicyFieldsProps {
  readonly draft: PolicyDraft;
  readonly onChange: (draft: PolicyDraft) => void;
}

const losses = Object.values(TrainingLoss)
  .filter((loss) => typeof loss === 'number')
  .map((loss): readonly [TrainingLoss, string] => [loss, lossNames[loss]]);

/** So many settings are shown at once; the others where somebody asks for them. */
const shownAtOnce = 4;

/** The settings of a training. What is left empty has the service's default, which stands in the field. */
export function PolicyFields({ draft, onChange }: PolicyFieldsProps): JSX.Element {
  const field = (name: PolicySettingName): JSX.Element => (
    <NumberField
      key={name}
      setting={policySettings[name]}
      isFound={name === 'learningRate' && draft.findLearningRate}
      value={draft.numbers[name] ?? ''}
      onChange={(text) => {
        onChange({ ...draft, numbers: { ...draft.numbers, [name]: text } });
      }}
    />
  );
  return (
    <>
      <div class="fields">{policySettingNames.slice(0, shownAtOnce).map(field)}</div>
      <label class="check">
        <input
          type="checkbox"
          checked={draft.findLearningRate}
          onChange={(event) => {
            onChange({ ...draft, findLearningRate: event.currentTarget.checked });
          }}
        />{' '}
        Find the learning rate by a short range test
      </label>
      <details class="more-settings">
        <summary>More settings</summary>
        <div class="fields">
          <SelectField
            label="Loss"
            hint="Of the faces (docs/losses.md)"
            options={losses}
            value={draft.loss}
            onChange={(loss) => {
              onChange({ ...draft, loss });
            }}
          />
          {policySettingNames.slice(shownAtOnce).map(field)}
        </div>
      </details>
    </>
  );
}

interface NumberFieldProps {
  readonly setting: PolicySetting;
  /** The training finds it: what is typed says nothing. */
  readonly isFound: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function NumberField({ setting, isFound, value, onChange }: NumberFieldProps): JSX.Element {
  const { label, hint, from, to, isWhole, default: usual } = setting;
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <input
          {...ids}
          type="number"
          min={from}
          max={to}
          step={isWhole === true ? 1 : 'any'}
          placeholder={isFound ? 'found' : String(usual)}
          disabled={isFound}
          value={isFound ? '' : value}
          onInput={(event) => {
            onChange(event.currentTarget.value);
          }}
        />
      )}
    </Field>
  );
}
