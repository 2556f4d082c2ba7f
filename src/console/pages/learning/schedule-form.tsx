import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Field } from '../../components/field.js';
import { Section } from '../../components/section.js';
import { type TrainingSchedule, TrainingService } from '../../generated/symface/v1/training_service_pb.js';
import { CronField } from './cron-field.js';
import { NextTimes } from './next-times.js';
import { PolicyFields } from './policy-fields.js';
import { draftOf, emptyDraft, policyOf } from './policy-settings.js';
import { TimeZoneField } from './time-zone-field.js';

interface ScheduleFormProps {
  readonly schedule: TrainingSchedule | undefined;
  readonly onSaved: () => void;
}

/** Sets the schedule; when it would train next is shown while somebody types. */
export function ScheduleForm({ schedule, onSaved }: ScheduleFormProps): JSX.Element {
  const trainings = useClient(TrainingService);
  const [cron, setCron] = useState(schedule?.cron ?? '');
  const [timeZone, setTimeZone] = useState(schedule?.timeZone ?? ownTimeZone());
  const [faces, setFaces] = useState(
    schedule === undefined || schedule.afterNewFaces === 0 ? '' : String(schedule.afterNewFaces),
  );
  const [draft, setDraft] = useState(schedule?.policy === undefined ? emptyDraft : draftOf(schedule.policy));
  const [activateWhenPassed, setActivates] = useState(schedule?.activateWhenPassed ?? false);
  const settings = {
    cron: cron.trim(),
    timeZone,
    afterNewFaces: Number(faces),
    policy: policyOf(draft),
    activateWhenPassed,
  };
  const save = useAction(async (signal) => {
    await trainings.updateTrainingSchedule(settings, { signal });
    onSaved();
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    save.run();
  };
  return (
    <form onSubmit={submit}>
      <Section title={schedule === undefined ? 'Set a schedule' : 'Change it'}>
        <div class="fields">
          <CronField value={cron} onChange={setCron} />
          <TimeZoneField value={timeZone} onChange={setTimeZone} />
          <Field
            label="After so many new faces"
            hint="Of consenting subjects, enrolled since the last training. Empty: not by faces"
          >
            {(ids) => (
              <input
                {...ids}
                type="number"
                min={1}
                step={1}
                value={faces}
                onInput={(event) => {
                  setFaces(event.currentTarget.value);
                }}
              />
            )}
          </Field>
        </div>
        <NextTimes settings={settings} />
        <h3>What is trained</h3>
        <PolicyFields draft={draft} onChange={setDraft} />
        <label class="check">
          <input
            type="checkbox"
            checked={activateWhenPassed}
            onChange={(event) => {
              setActivates(event.currentTarget.checked);
            }}
          />{' '}
          Activate each candidate where its assessment passes it
        </label>
        <FailureNotice failure={save.failure} />
        <button
          type="submit"
          class="button button-main"
          disabled={save.isRunning || (settings.cron === '' && faces === '')}
        >
          {save.isRunning ? 'Saving …' : 'Save the schedule'}
        </button>
      </Section>
    </form>
  );
}

function ownTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
