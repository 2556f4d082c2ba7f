import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { plotFrame, plotSvg } from './axes.js';
import { html, type Html } from './html.js';

/** A value at a step. */
export interface StepValue {
  readonly step: number;
  readonly value: number;
}

export interface Curve {
  readonly name: string;
  readonly values: readonly StepValue[];
}

/** The colours in the order of the curves. */
export const curveColours = ['#0b62c4', '#c43b0b', '#2e8b57', '#8a4fbf', '#b58900', '#555555'];

const { width, height, margin } = plotFrame;

/** Curves over the steps of a run. */
function stepPlot(curves: readonly Curve[], label: string, format: (value: number) => string): Html {
  const values = curves.flatMap((curve) => curve.values);
  const steps = values.map(({ step }) => step);
  const heights = values.map(({ value }) => value);
  const x = scaleLinear([0, Math.max(...steps, 1)], [margin.left, width - margin.right]);
  const y = scaleLinear(
    [Math.min(...heights, 0), Math.max(...heights, Number.EPSILON)],
    [height - margin.bottom, margin.top],
  ).nice();
  const paths = curves.map((curve, index) => {
    const path = line<StepValue>(
      ({ step }) => x(step),
      ({ value }) => y(value),
    )([...curve.values]);
    const colour = curveColours[index % curveColours.length] ?? '';
    return html`<path class="curve" style="stroke: ${colour}" d="${path ?? ''}" />`;
  });
  return plotSvg(
    { scale: x, label: 'step', format: (value) => value.toLocaleString('en') },
    { scale: y, label, format },
    paths,
    label,
  );
}

/** Curves over the steps of a run, with their key. */
export function stepFigure(
  title: string,
  curves: readonly Curve[],
  label: string,
  format: (value: number) => string,
): Html {
  const key = curves.map(
    ({ name }, index) =>
      html`<b style="background:${curveColours[index % curveColours.length] ?? ''}"></b>${name}`,
  );
  return html`<figure>
    <figcaption class="key">${title}${key}</figcaption>
    ${stepPlot(curves, label, format)}
  </figure>`;
}

/** What makes the curve of a figure over the entries of a log. */
export function curvesOf<Entry extends { readonly step: number }>(
  entries: readonly Entry[],
): (name: string, of: (entry: Entry) => number) => Curve {
  return (name, of) => ({ name, values: entries.map((entry) => ({ step: entry.step, value: of(entry) })) });
}

/** What every training tells of its steps beside its losses. */
interface DescentEntry {
  readonly step: number;
  readonly learningRate: number;
  readonly gradientNorm: number;
  readonly imagesPerSecond: number;
}

/** The figures of a training's steps: its losses, and what all trainings tell. */
export function descentFigures(steps: readonly DescentEntry[], losses: readonly Curve[]): readonly Html[] {
  const curve = curvesOf(steps);
  const plain = (value: number): string => value.toPrecision(3);
  return [
    stepFigure('Losses', losses, 'loss', plain),
    stepFigure('Learning rate', [curve('rate', ({ learningRate }) => learningRate)], 'learning rate', plain),
    stepFigure('Gradient', [curve('norm', ({ gradientNorm }) => gradientNorm)], 'norm', plain),
    stepFigure('Speed', [curve('images/s', ({ imagesPerSecond }) => imagesPerSecond)], 'images/s', plain),
  ];
}
