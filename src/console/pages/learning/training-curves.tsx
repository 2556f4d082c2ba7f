import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { Chart } from '../../charts/chart.js';
import { Section } from '../../components/section.js';
import type { TrainingCurve } from '../../generated/symface/v1/training_pb.js';
import { curveCharts } from './curve-charts.js';

interface TrainingCurvesProps {
  readonly curve: TrainingCurve | undefined;
  readonly isOver: boolean;
}

/** The curves of a training, which grow while it goes on. */
export function TrainingCurves({ curve, isOver }: TrainingCurvesProps): JSX.Element {
  const charts = useMemo(
    () => (curve === undefined ? [] : curveCharts(curve)),
    // A message with as many points is the same curve.
    [curve?.points.length, curve?.heldOut.length, curve?.points.at(-1)?.step],
  );
  return (
    <Section title="Curves">
      {charts.length === 0 && (
        <p class="muted">
          {isOver
            ? 'It ended before its first step.'
            : 'They begin once the parent is measured on the identities held out.'}
        </p>
      )}
      <div class="charts">
        {charts.map((chart) => (
          <Chart key={chart.title} chart={chart} />
        ))}
      </div>
    </Section>
  );
}
