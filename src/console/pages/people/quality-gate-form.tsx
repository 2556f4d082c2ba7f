import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Field } from '../../components/field.js';
import { type Collection, EnrollmentService } from '../../generated/symface/v1/enrollment_service_pb.js';

/** The limits of a gate, in the order of what matters most. */
const limits = [
  ['minimumUtility', 'Utility at least', '0 to 100'],
  ['minimumDetailPixels', 'Detail at least', 'pixels across the face'],
  ['minimumFaceSizePixels', 'Face at least', 'pixels, shorter side'],
  ['minimumSharpness', 'Sharpness at least', 'variance of the Laplacian; blurred below 50'],
  ['minimumDetectionProbability', 'Surely a face', '0 to 1'],
  ['minimumRho', 'Frontness ρ at least', '0 to 1'],
  ['maximumYawDegrees', 'Turned aside at most', 'degrees'],
  ['maximumPitchDegrees', 'Turned up or down at most', 'degrees'],
  ['maximumOcclusion', 'Hidden at most', 'probability, 0 to 1'],
  ['maximumOtherSubjectSimilarity', 'Like another subject at most', 'cosine similarity'],
] as const;

type Texts = Readonly<Record<string, string>>;

interface QualityGateFormProps {
  readonly collection: Collection;
  readonly onSaved: () => void;
}

/** What a photograph must have to be enrolled, and the consent that new subjects begin with. An empty limit is not applied. */
export function QualityGateForm({ collection, onSaved }: QualityGateFormProps): JSX.Element {
  const client = useClient(EnrollmentService);
  const { name, qualityGate } = collection;
  const [texts, setTexts] = useState<Texts>(() =>
    Object.fromEntries(limits.map(([limit]) => [limit, textOf(qualityGate?.[limit])])),
  );
  const [consents, setConsents] = useState(collection.defaultConsentToTrain);
  const [isSaved, setSaved] = useState(false);
  const saving = useAction(async (signal) => {
    const gate = Object.fromEntries(
      limits.flatMap(([limit]) => (texts[limit] === '' ? [] : [[limit, Number(texts[limit])]])),
    );
    await client.updateCollection({ name, qualityGate: gate, defaultConsentToTrain: consents }, { signal });
    setSaved(true);
    onSaved();
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        saving.run();
      }}
    >
      <FailureNotice failure={saving.failure} />
      <div class="gate">
        {limits.map(([limit, label, hint]) => (
          <Field key={limit} label={label} hint={hint}>
            {(ids) => (
              <input
                {...ids}
                type="number"
                step="any"
                value={texts[limit]}
                onInput={(event) => {
                  setSaved(false);
                  setTexts({ ...texts, [limit]: event.currentTarget.value });
                }}
              />
            )}
          </Field>
        ))}
      </div>
      <label>
        <input
          type="checkbox"
          checked={consents}
          onChange={(event) => {
            setSaved(false);
            setConsents(event.currentTarget.checked);
          }}
        />{' '}
        New subjects consent to training unless they say otherwise
      </label>
      <p class="row">
        <button type="submit" class="button" disabled={saving.isRunning}>
          Save
        </button>
        <span class="muted" role="status">
          {isSaved && 'Saved. Faces enrolled already are not judged again.'}
        </span>
      </p>
    </form>
  );
}

function textOf(limit: number | undefined): string {
  return limit === undefined ? '' : String(limit);
}
