import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Field } from '../../components/field.js';
import { Section } from '../../components/section.js';
import { AssessmentService, type Shadow } from '../../generated/symface/v1/assessment_service_pb.js';
import type { KnownModel } from './known-model.js';
import { ShadowTable } from './shadow-table.js';

interface ShadowSectionProps {
  readonly shadows: readonly Shadow[];
  readonly backbones: readonly KnownModel[];
  readonly onChanged: () => void;
}

/** Candidates that decide live calls once more, unheard: to see where they differ from what serves. */
export function ShadowSection({ shadows, backbones, onChanged }: ShadowSectionProps): JSX.Element {
  const assessment = useClient(AssessmentService);
  const stop = useAction(async (signal) => {
    await assessment.stopShadow({}, { signal });
    onChanged();
  });
  const isRunning = shadows.some(({ running }) => running);
  return (
    <Section
      title="Shadows"
      lead="A candidate decides a share of the live calls once more, after they were answered. Nobody sees its answers; you see where it differs."
      actions={
        <>
          <button type="button" class="button" onClick={onChanged}>
            Count again
          </button>
          {isRunning && (
            <ConfirmButton
              label="Stop"
              question="Stop the shadow?"
              confirm="Stop it"
              isDisabled={stop.isRunning}
              onConfirm={stop.run}
            >
              <p>What it has counted stays here until another one starts for the same version.</p>
            </ConfirmButton>
          )}
        </>
      }
    >
      <FailureNotice failure={stop.failure} />
      {shadows.length === 0 ? <p>No version has decided in the shadow yet.</p> : <ShadowTable shadows={shadows} />}
      <StartShadow candidates={backbones.filter(({ version }) => !version.active)} onChanged={onChanged} />
    </Section>
  );
}

interface StartShadowProps {
  readonly candidates: readonly KnownModel[];
  readonly onChanged: () => void;
}

function StartShadow({ candidates, onChanged }: StartShadowProps): JSX.Element {
  const assessment = useClient(AssessmentService);
  const [chosen, setChosen] = useState('');
  const [percent, setPercent] = useState(10);
  const modelVersion = candidates.find(({ version }) => version.name === chosen)?.version.name;
  const name = modelVersion ?? candidates[0]?.version.name ?? '';
  const start = useAction(async (signal) => {
    await assessment.startShadow({ modelVersion: name, share: percent / 100 }, { signal });
    onChanged();
  });
  if (candidates.length === 0) {
    return (
      <p class="muted">
        There is no other backbone: retrain one, or <code>symface models import</code> one.
      </p>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        start.run();
      }}
    >
      <div class="models-form">
        <Field label="Candidate">
          {(ids) => (
            <select
              {...ids}
              value={name}
              onChange={(event) => {
                setChosen(event.currentTarget.value);
              }}
            >
              {candidates.map(({ id, version }) => (
                <option key={id} value={version.name}>
                  {id}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label="Share of the calls, %">
          {(ids) => (
            <input
              {...ids}
              type="number"
              min="0.1"
              max="100"
              step="any"
              required
              value={percent}
              onInput={(event) => {
                setPercent(event.currentTarget.valueAsNumber);
              }}
            />
          )}
        </Field>
        <button type="submit" class="button button-main" disabled={start.isRunning}>
          Start
        </button>
      </div>
      <FailureNotice failure={start.failure} />
    </form>
  );
}
