import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useSession } from '../../api/session.js';
import type { CallFailure } from '../../api/failure.js';
import { CopyableCode } from '../../components/copyable-code.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Section } from '../../components/section.js';
import { verifyExamples } from './call-examples.js';
import { Decision } from './decision.js';
import { PairThreshold } from './pair-threshold.js';
import type { CompareOptions, ComparedPair } from './use-compared.js';

interface ComparisonProps {
  /** Undefined while something is missing, and where the pair was refused. */
  readonly compared: ComparedPair | undefined;
  readonly failure: CallFailure | undefined;
  readonly isLoading: boolean;
  readonly options: CompareOptions;
  readonly onOptions: (options: CompareOptions) => void;
  /** What stands between the threshold and the code. */
  readonly children: ComponentChildren;
}

/** Where the threshold was put. */
interface Chosen {
  readonly threshold: number;
  readonly falseMatchRate: number | undefined;
  readonly isMoved: boolean;
}

/** Reasons that a request may overrule. */
const ofQuality = /^FACE_(?:OCCLUDED|TOO_SMALL|TOO_BLURRED|TOO_DARK|TOO_BRIGHT|TOO_PROFILE|UNFIT)$/u;

/** What came of comparing the two, the threshold to play with, and the same call as code. */
export function Comparison(props: ComparisonProps): JSX.Element {
  const { compared, failure, isLoading, options, onOptions, children } = props;
  const [chosen, setChosen] = useState<Chosen | undefined>(undefined);
  const decided = compared?.answer.threshold?.similarity;
  useEffect(() => {
    setChosen(undefined);
  }, [compared]);
  const threshold = chosen?.threshold ?? decided ?? 0;
  return (
    <>
      <Section title="Decision" actions={<Options options={options} onOptions={onOptions} />}>
        {isLoading && (
          <p class="muted" role="status">
            Comparing …
          </p>
        )}
        {failure !== undefined && !isLoading && (
          <>
            <FailureNotice failure={failure} />
            <WayOut reason={failure.reason} options={options} onOptions={onOptions} />
          </>
        )}
        {compared !== undefined && <Decision compared={compared} />}
      </Section>
      {compared?.calibration !== undefined && (
        <Section
          title="Threshold"
          lead="Where the line is drawn decides who is let in by mistake and who is turned away. Moving it here changes nothing in the service."
        >
          <PairThreshold
            calibration={compared.calibration}
            expected={compared.answer.threshold?.expectedImpostorSimilarity}
            similarity={compared.answer.similarity}
            threshold={threshold}
            onThreshold={(similarity, falseMatchRate) => {
              setChosen({ threshold: similarity, falseMatchRate, isMoved: similarity !== decided });
            }}
          />
        </Section>
      )}
      {compared !== undefined && compared.calibration === undefined && (
        <p class="notice">
          The model version was never calibrated, so nobody knows how often a threshold errs. Calibrate it
          with <code>symface calibrate</code>.
        </p>
      )}
      {children}
      <Examples options={options} chosen={chosen} />
    </>
  );
}

function Options({ options, onOptions }: Pick<ComparisonProps, 'options' | 'onOptions'>): JSX.Element {
  const { isLargestFace, allowsLowQuality } = options;
  return (
    <>
      <label>
        <input
          type="checkbox"
          checked={isLargestFace}
          onChange={(event) => {
            onOptions({ ...options, isLargestFace: event.currentTarget.checked });
          }}
        />{' '}
        Of several faces the largest
      </label>
      <label>
        <input
          type="checkbox"
          checked={allowsLowQuality}
          onChange={(event) => {
            onOptions({ ...options, allowsLowQuality: event.currentTarget.checked });
          }}
        />{' '}
        Poor photographs too
      </label>
    </>
  );
}

interface WayOutProps extends Pick<ComparisonProps, 'options' | 'onOptions'> {
  readonly reason: string;
}

/** What the person can have the service do instead. */
function WayOut({ reason, options, onOptions }: WayOutProps): JSX.Element | null {
  const [title, changed] =
    reason === 'MULTIPLE_FACES'
      ? (['Compare the largest faces', { ...options, isLargestFace: true }] as const)
      : (['Compare them all the same', { ...options, allowsLowQuality: true }] as const);
  if (reason !== 'MULTIPLE_FACES' && !ofQuality.test(reason)) return null;
  return (
    <button
      type="button"
      class="button"
      onClick={() => {
        onOptions(changed);
      }}
    >
      {title}
    </button>
  );
}

interface ExamplesProps {
  readonly options: CompareOptions;
  readonly chosen: Chosen | undefined;
}

function Examples({ options, chosen }: ExamplesProps): JSX.Element {
  const { apiKey } = useSession();
  const [language, setLanguage] = useState(0);
  const isOwn = chosen?.isMoved === true && chosen.falseMatchRate === undefined;
  const examples = verifyExamples(window.location.origin, apiKey !== undefined, {
    ...options,
    falseMatchRate: chosen?.falseMatchRate,
    similarityThreshold: isOwn ? chosen.threshold : undefined,
  });
  const shown = examples[language];
  return (
    <Section
      title="The same call from elsewhere"
      lead="With the choices made above, for photographs a.jpg and b.jpg. gRPC has the same method."
    >
      <div class="row" role="group" aria-label="Languages">
        {examples.map(({ label }, index) => (
          <button
            key={label}
            type="button"
            class="button"
            aria-pressed={index === language}
            onClick={() => {
              setLanguage(index);
            }}
          >
            {label}
          </button>
        ))}
      </div>
      {shown && <CopyableCode key={shown.label} {...shown} />}
    </Section>
  );
}
