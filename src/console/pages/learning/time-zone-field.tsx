import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { Field } from '../../components/field.js';

const timeZones = ['UTC', ...Intl.supportedValuesOf('timeZone')];

interface TimeZoneFieldProps {
  readonly value: string;
  readonly onChange: (timeZone: string) => void;
}

/** A time zone of the IANA database. */
export function TimeZoneField({ value, onChange }: TimeZoneFieldProps): JSX.Element {
  const list = useId();
  return (
    <Field label="Time zone" hint="That the clock is read in">
      {(ids) => (
        <>
          <input
            {...ids}
            type="text"
            list={list}
            autocomplete="off"
            value={value}
            onInput={(event) => {
              onChange(event.currentTarget.value);
            }}
          />
          <datalist id={list}>
            {timeZones.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
