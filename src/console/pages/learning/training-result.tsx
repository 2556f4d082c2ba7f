import type { JSX } from 'preact';
import { addressOf } from '../../app/route.js';
import { Section } from '../../components/section.js';
import { idIn } from '../../format/names.js';
import {
  type Training,
  TrainingOutcome,
  type TrainingResult,
} from '../../generated/symface/v1/training_pb.js';
import { ComparisonTable } from './comparison-table.js';

interface TrainingResultProps {
  readonly training: Training;
  readonly result: TrainingResult;
}

/** What came of a training, and what to do next. */
export function TrainingResultSection({ training, result }: TrainingResultProps): JSX.Element {
  const parent = idIn(training.parentModelVersion);
  const { parentFigures, candidateFigures } = result;
  return (
    <Section title="What came of it">
      {result.outcome === TrainingOutcome.NOTHING_TO_GAIN ? (
        <p class="notice">
          <strong>Nothing to gain, and nothing to do.</strong> {parent} verifies the persons held out as well
          as anything on the way to the trained weights, as far as they can tell. Train again once more
          subjects who consent are enrolled.
        </p>
      ) : (
        <Candidate result={result} />
      )}
      {parentFigures !== undefined && candidateFigures !== undefined && (
        <ComparisonTable
          on="Identities held out"
          baselineName="Parent"
          baseline={parentFigures}
          candidate={candidateFigures}
        />
      )}
    </Section>
  );
}

function Candidate({ result }: { readonly result: TrainingResult }): JSX.Element {
  const { modelVersion, shareOfTheWay, projected, stepCount, assessment, learningRate } = result;
  const candidate = idIn(modelVersion);
  return (
    <div class="notice notice-good">
      <p>
        Candidate <a href={addressOf('models', candidate)}>{candidate}</a>: {stepCount.toLocaleString()}{' '}
        steps, {shareOfTheWay} of the way{projected ? ', with a projection' : ''}
        {learningRate > 0 && `, learning rate ${learningRate.toPrecision(2)}`}.
      </p>
      <p>
        {assessment === '' ? (
          'It is the model that serves: nothing need be done.'
        ) : (
          <>
            Next: <a href={addressOf('learning', 'jobs', idIn(assessment))}>its assessment</a> beside the
            model that serves.
          </>
        )}
      </p>
    </div>
  );
}
