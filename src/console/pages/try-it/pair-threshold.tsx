import type { JSX } from 'preact';
import { useId, useMemo } from 'preact/hooks';
import { similarityChart } from '../../../figures/charts/similarity-chart.js';
import { Chart } from '../../charts/chart.js';
import { falseMatchRateText } from '../../../core/protocols/figure-text.js';
import {
  type CalibrationFigures,
  countsFor,
  falseMatchRateAt,
  falseNonMatchRateAt,
  oddsText,
  rateText,
  type SimilarityCounts,
  thresholdsFor,
} from './error-rates.js';

interface PairThresholdProps {
  readonly calibration: CalibrationFigures;
  /** How alike strangers are to be expected who look as the two do. */
  readonly expected: number | undefined;
  readonly similarity: number;
  readonly threshold: number;
  readonly onThreshold: (threshold: number, falseMatchRate: number | undefined) => void;
}

/** The pair's similarity among those of pairs that look like it, with the threshold as a handle. */
export function PairThreshold(props: PairThresholdProps): JSX.Element {
  const { calibration, expected, similarity, threshold, onThreshold } = props;
  const known = useMemo(() => thresholdsFor(calibration, expected), [calibration, expected]);
  const counts = useMemo(() => countsFor(calibration, expected), [calibration, expected]);
  const falseMatch = falseMatchRateAt(known, threshold);
  const falseNonMatch = falseNonMatchRateAt(counts, threshold);
  const isMatch = similarity >= threshold;
  return (
    <>
      {counts === undefined ? (
        <p class="muted">
          How the similarities of one person’s photographs are spread was not counted for this version, so no
          false non-match rate is known. <code>symface calibrate</code> counts it.
        </p>
      ) : (
        <Spread counts={counts} similarity={similarity} threshold={threshold} />
      )}
      <Handle threshold={threshold} onThreshold={onThreshold} />
      <div class="row" role="group" aria-label="Thresholds of false match rates">
        {known.map((each) => (
          <button
            key={each.falseMatchRate}
            type="button"
            class="button"
            aria-pressed={Math.abs(each.similarity - threshold) < 5e-4}
            onClick={() => {
              onThreshold(each.similarity, each.falseMatchRate);
            }}
          >
            FMR {falseMatchRateText(each.falseMatchRate)}
          </button>
        ))}
      </div>
      <dl class="rates" aria-live="polite">
        <div>
          <dt>Threshold</dt>
          <dd>
            {threshold.toFixed(3)}
            <small>{isMatch ? 'these two match' : 'these two do not match'}</small>
          </dd>
        </div>
        <div>
          <dt>False match rate</dt>
          <dd>
            {rateText(falseMatch)}
            <small>{oddsText(falseMatch)} of strangers match</small>
          </dd>
        </div>
        <div>
          <dt>False non-match rate</dt>
          <dd>
            {falseNonMatch === undefined ? 'not known' : rateText(falseNonMatch)}
            <small>of such pairs of one person in the calibration do not match</small>
          </dd>
        </div>
      </dl>
    </>
  );
}

/** Arrow keys move it by a thousandth, Page Up and Page Down by a tenth of the way. */
function Handle({
  threshold,
  onThreshold,
}: Pick<PairThresholdProps, 'threshold' | 'onThreshold'>): JSX.Element {
  const id = useId();
  return (
    <>
      <label for={id}>Move the threshold</label>
      <input
        id={id}
        type="range"
        min={-0.2}
        max={1}
        step={0.001}
        value={threshold}
        aria-valuetext={`threshold ${threshold.toFixed(3)}`}
        onInput={({ currentTarget }) => {
          onThreshold(currentTarget.valueAsNumber, undefined);
        }}
      />
    </>
  );
}

interface SpreadProps {
  readonly counts: SimilarityCounts;
  readonly similarity: number;
  readonly threshold: number;
}

function Spread({ counts, similarity, threshold }: SpreadProps): JSX.Element {
  const chart = useMemo(() => {
    const title = 'Pairs that look about as alike as these two';
    const marks = [{ similarity, label: 'these two' }];
    const drawn = similarityChart({
      title,
      genuine: counts.genuine,
      impostor: counts.impostor,
      threshold,
      marks,
    });
    const total = (list: readonly number[]): string =>
      list.reduce((sum, count) => sum + count, 0).toLocaleString();
    const description = `Shares of ${total(counts.genuine)} pairs of one person and ${total(counts.impostor)} pairs of strangers by cosine similarity. These two have ${similarity.toFixed(3)}; the threshold is ${threshold.toFixed(3)}.`;
    return { ...drawn, description };
  }, [counts, similarity, threshold]);
  return <Chart chart={chart} />;
}
