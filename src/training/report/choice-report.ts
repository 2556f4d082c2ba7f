import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { ChoiceEntry } from '../runs/run-log.js';
import { plotFrame, plotSvg } from './axes.js';
import { html, type Html } from './html.js';

type Candidate = ChoiceEntry['candidates'][number];

/** Says by what the share of the way was chosen, and what came of it. */
function choiceText(choice: ChoiceEntry): string {
  const { trainedShare, identityCount, faceCount, falseMatchRate, askedFalseMatchRate } = choice;
  const rate =
    falseMatchRate === askedFalseMatchRate
      ? rateOf(falseMatchRate)
      : `${rateOf(falseMatchRate)}, since ${choice.impostorPairCount} pairs of strangers cannot tell ${rateOf(askedFalseMatchRate)}`;
  const by = `by ${faceCount} faces of ${identityCount} identities held out, at a false match rate of ${rate}`;
  const chosen = choice.candidates.find(({ name }) => name === choice.chosen);
  if (chosen === undefined || chosen === choice.candidates[0]) {
    return `Nothing to gain: on no share of the way to the trained weights are these verified better beyond chance than at the start (${by}).`;
  }
  const rates = `a true accept rate of ${percent(chosen.trueAcceptRate)}, ${gainText(chosen)}, and an equal error rate of ${errorText(chosen)}`;
  const layer = choice.isProjected ? ' and a projection behind the network' : '';
  return `${trainedShare} of the way to the trained weights${layer}: ${rates} (${by}).`;
}

/** The figures of every share that was measured, for a terminal. */
export function choiceLines(choice: ChoiceEntry): readonly string[] {
  const rows = choice.candidates.map((candidate) => {
    const { name, trueAcceptRate } = candidate;
    const mark = name === choice.chosen ? ' <- chosen' : '';
    return `  share ${name}: TAR ${percent(trueAcceptRate)} (${gainText(candidate)}), EER ${errorText(candidate)}${mark}`;
  });
  return [...rows, `  ${choiceText(choice)}`];
}

/** The curve of the true accept rate over the share of the way, with the intervals of the gain, and what was chosen. */
export function choiceSection(choice: ChoiceEntry): Html {
  const rows = choice.candidates.map((candidate) => {
    const { name, trueAcceptRate } = candidate;
    const cells = [
      name === choice.chosen ? `${name} (chosen)` : name,
      percent(trueAcceptRate),
      gainText(candidate),
      errorText(candidate),
    ];
    return html`<tr>
      ${cells.map((cell) => html`<td>${cell}</td>`)}
    </tr>`;
  });
  return html`<h2>How far to go</h2>
    <p>${choiceText(choice)}</p>
    <div class="plots">
      <figure>
        <figcaption>
          True accept rate without (blue) and with a projection (green); bands are the start's plus the 95 %
          interval of the gain
        </figcaption>
        ${sharePlot(choice)}
      </figure>
    </div>
    <table>
      <tr>
        <th>share of the way</th>
        <th>TAR</th>
        <th>gain</th>
        <th>EER</th>
      </tr>
      ${rows}
    </table>`;
}

function sharePlot({ candidates, chosen }: ChoiceEntry): Html {
  const { width, height, margin } = plotFrame;
  const base = candidates[0]?.trueAcceptRate ?? 0;
  const lower = ({ gainInterval }: Candidate): number => base + (gainInterval?.lower ?? 0);
  const upper = ({ gainInterval }: Candidate): number => base + (gainInterval?.upper ?? 0);
  const heights = candidates.flatMap((of) => [lower(of), upper(of), of.trueAcceptRate]);
  const x = scaleLinear([0, 1], [margin.left, width - margin.right]);
  const y = scaleLinear(
    [Math.min(...heights), Math.max(...heights) + 1e-6],
    [height - margin.bottom, margin.top],
  );
  y.nice();
  const band = area<Candidate>(
    ({ trainedShare }) => x(trainedShare),
    (of) => y(lower(of)),
    (of) => y(upper(of)),
  );
  const curve = line<Candidate>(
    ({ trainedShare }) => x(trainedShare),
    (of) => y(of.trueAcceptRate),
  );
  const curves = [false, true].map((isProjected) => {
    const own = candidates.filter((of) => of.isProjected === isProjected);
    const colour = isProjected ? '#0a7d3c' : '#0b62c4';
    return html`<path fill="${colour}" opacity="0.15" d="${band(own) ?? ''}" />
      <path class="curve" style="stroke: ${colour}" d="${curve(own) ?? ''}" />`;
  });
  const dots = candidates
    .filter(({ name }) => name === chosen)
    .map(
      (of) => html`<circle cx="${x(of.trainedShare)}" cy="${y(of.trueAcceptRate)}" r="5" fill="#c43b0b" />`,
    );
  return plotSvg(
    { scale: x, label: 'share of the way to the trained weights', format: (share) => share.toFixed(1) },
    { scale: y, label: 'true accept rate', format: (rate) => `${(100 * rate).toFixed(1)} %` },
    html`${curves}${dots}`,
    'true accept rate over the share of the way',
  );
}

function gainText({ gain, gainInterval }: Candidate): string {
  if (gainInterval === undefined) return `${points(gain)} points`;
  return `${points(gain)} points, ${points(gainInterval.lower)} to ${points(gainInterval.upper)}`;
}

function errorText({ equalErrorRate, errorChangeInterval: change }: Candidate): string {
  if (change === undefined) return percent(equalErrorRate);
  return `${percent(equalErrorRate)} (${points(change.lower)} to ${points(change.upper)})`;
}

function points(share: number): string {
  return `${share < 0 ? '' : '+'}${(100 * share).toFixed(2)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** "1e-3"; "3.1e-3" of one that is no round number. */
function rateOf(rate: number): string {
  return Number(rate.toExponential(0)) === rate ? rate.toExponential(0) : rate.toExponential(1);
}
