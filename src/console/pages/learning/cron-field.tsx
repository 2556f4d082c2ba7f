import type { JSX } from 'preact';
import { Field } from '../../components/field.js';

/** Rhythms that many want. */
const examples = {
  'Every night at 3': '0 3 * * *',
  'Sundays at 3': '0 3 * * 0',
  'First of the month': '0 3 1 * *',
} as const;

interface CronFieldProps {
  readonly value: string;
  readonly onChange: (cron: string) => void;
}

/** A cron expression, typed or chosen. */
export function CronField({ value, onChange }: CronFieldProps): JSX.Element {
  return (
    <div>
      <Field
        label="By the clock (cron)"
        hint="Minute, hour, day of month, month, day of week; or @weekly. Empty: not by the clock"
      >
        {(ids) => (
          <input
            {...ids}
            type="text"
            autocomplete="off"
            spellcheck={false}
            placeholder="0 3 * * 0"
            value={value}
            onInput={(event) => {
              onChange(event.currentTarget.value);
            }}
          />
        )}
      </Field>
      <div class="actions" role="group" aria-label="Examples">
        {Object.entries(examples).map(([name, cron]) => (
          <button
            key={cron}
            type="button"
            class="button button-small"
            onClick={() => {
              onChange(cron);
            }}
          >
            {name}
          </button>
        ))}
      </div>
    </div>
  );
}
