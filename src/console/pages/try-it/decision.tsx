import type { JSX } from 'preact';
import { addressOf } from '../../app/route.js';
import { useIsAdmin } from '../../api/session.js';
import type { VerifyResponse } from '../../generated/symface/v1/face_verification_service_pb.js';
import type { ComparedPair } from './use-compared.js';

/** What the service decided, by what, and how sure it is. */
export function Decision({ compared }: { readonly compared: ComparedPair }): JSX.Element {
  const { answer, tookMs } = compared;
  const { matched, similarity, threshold, matchProbability, qualityFindings } = answer;
  const above = similarity - (threshold?.similarity ?? 0);
  return (
    <>
      <div class="verdict" role="status">
        <strong class={matched ? 'tag-good' : 'tag-bad'}>{matched ? 'Match' : 'No match'}</strong>
        <span>
          similarity {similarity.toFixed(3)}, {Math.abs(above).toFixed(3)} {above >= 0 ? 'above' : 'below'}{' '}
          the threshold
        </span>
      </div>
      {qualityFindings.length > 0 && (
        <ul class="notice">
          {qualityFindings.map(({ field, reason, message }) => (
            <li key={`${field} ${reason}`}>
              {message} <code>{reason}</code>
            </li>
          ))}
        </ul>
      )}
      <dl class="facts">
        <dt>Match probability</dt>
        <dd>
          {probabilityText(matchProbability)}{' '}
          <span class="muted">that they show one person, were both answers equally likely beforehand</span>
        </dd>
        <dt>Threshold</dt>
        <dd>
          {threshold?.similarity.toFixed(3)} <span class="muted">{threshold?.description}</span>
        </dd>
        <Versions answer={answer} />
        <dt>Answered in</dt>
        <dd>{tookMs.toFixed(0)} ms</dd>
      </dl>
    </>
  );
}

function Versions({ answer }: { readonly answer: VerifyResponse }): JSX.Element {
  const isAdmin = useIsAdmin();
  const { modelVersion, detectorVersion } = answer;
  return (
    <>
      <dt>Model</dt>
      <dd>{isAdmin ? <a href={addressOf('models', modelVersion)}>{modelVersion}</a> : modelVersion}</dd>
      <dt>Detector</dt>
      <dd>{detectorVersion}</dd>
    </>
  );
}

/** Certainty is more than a calibration knows. */
function probabilityText(probability: number | undefined): string {
  if (probability === undefined) return 'not known: the version is not calibrated for such pairs';
  if (probability > 0.999) return 'more than 99.9 %';
  if (probability < 0.001) return 'less than 0.1 %';
  return `${(100 * probability).toFixed(1)} %`;
}
