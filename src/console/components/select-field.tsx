import type { ComponentChildren, JSX } from 'preact';
import { Field } from './field.js';

interface SelectFieldProps<Value extends string | number> {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** Values with what people read, in their order. */
  readonly options: readonly (readonly [Value, string])[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

/** One of a few values. */
export function SelectField<Value extends string | number>(props: SelectFieldProps<Value>): JSX.Element {
  const { label, hint, options, value, onChange } = props;
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <select
          {...ids}
          value={value}
          onChange={(event) => {
            const chosen = options[event.currentTarget.selectedIndex];
            if (chosen !== undefined) onChange(chosen[0]);
          }}
        >
          {options.map(([option, name]) => (
            <option key={option} value={option}>
              {name}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
