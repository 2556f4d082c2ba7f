/** The page of `npm run bench:retraining`: nothing is loaded from elsewhere. */
import { reportStyle } from '../../dist/figures/report/report-style.js';
import { html, Html } from './escaped-html.mjs';
import { changeOf, targetsOf } from './summary.mjs';

const outcomeWords = {
  activated: 'activated',
  rejected: 'rejected by its assessment; figures are of the candidate, which does not serve',
  'nothing-to-gain': 'nothing to gain: no candidate',
};
const changeWords = { better: 'better', worse: 'worse', same: 'no difference beyond chance' };
const plot = { width: 760, rowHeight: 34, left: 120, right: 30 };

/** @param results `{ options, machine, atOnce, startTime, seconds, shifts }` */
export function reportPage({ options, machine, atOnce = 1, startTime, seconds, shifts }) {
  const measured = shifts.filter(({ failure }) => failure === undefined);
  const failed = shifts.filter(({ failure }) => failure !== undefined);
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <title>Retraining under domain shifts</title>
      ${Html.style(reportStyle)}
      <h1>Retraining under domain shifts</h1>
      <p>
        ${startTime}, ${machine.cores} cores, ${Math.round(seconds)} s: <code>${options}</code>. For each
        shift a service of its own, ${atOnce} at a time and each with its share of the cores, else with its
        defaults: enrolment with consent, a training, its assessment, its activation. Figures are of all pairs
        of photographs of persons who were never enrolled; intervals are 95 %, by the bootstrap over persons,
        and those of differences by the same persons drawn before and after.
      </p>
      ${targetsTable(measured)} ${eerPlot(measured)} ${figuresTable(measured)} ${untrainedTable(measured)}
      ${lfwTable(measured)} ${failedList(failed)} ${enrolmentTable(measured)} ${secondsTable(shifts)}
    </html>`.text;
}

function targetsTable(shifts) {
  const rows = targetsOf(shifts).map(
    ({ target, isMet, found }) =>
      html`<tr>
        <td style="text-align: left">${target}</td>
        <td>${isMet ? 'met' : 'missed'}</td>
        <td>${found}</td>
      </tr>`,
  );
  return html`<h2>Targets</h2>
    <table>
      ${rows}
    </table>`;
}

function figuresTable(shifts) {
  const rows = shifts.map(({ shift, outcome, before, after, difference, training }) => {
    const change = changeOf({ outcome, difference });
    return html`<tr>
      <td style="text-align: left">${shift}</td>
      <td>${percent(before.eer)}${interval(before.eerInterval)}</td>
      <td>${percent(after.eer)}${interval(after.eerInterval)}</td>
      <td>${points(difference.eer.difference)}${interval(difference.eer.interval, points)}</td>
      <td>${percent(before.tar)}${interval(before.tarInterval)}</td>
      <td>${percent(after.tar)}${interval(after.tarInterval)}</td>
      <td>${points(difference.tar.difference)}${interval(difference.tar.interval, points)}</td>
      <td style="text-align: left">${outcomeWords[outcome]}; ${changeWords[change]}${shareText(training)}</td>
    </tr>`;
  });
  const rate = shifts[0]?.falseMatchRate ?? 1e-3;
  return html`<h2>Persons never seen</h2>
    <table>
      <tr>
        <th>shift</th>
        <th>EER before</th>
        <th>after</th>
        <th>points</th>
        <th>TAR@FMR=${rate.toExponential(0)} before</th>
        <th>after</th>
        <th>points</th>
        <th>what came of it</th>
      </tr>
      ${rows}
    </table>`;
}

function untrainedTable(shifts) {
  const rows = shifts.map(
    ({ shift, untrained: { pairs, before, after, difference } }) =>
      html`<tr>
        <td style="text-align: left">${shift}</td>
        <td>${pairs.identities}</td>
        <td>${percent(before.eer)}</td>
        <td>${percent(after.eer)}</td>
        <td>${points(difference.eer.difference)}${interval(difference.eer.interval, points)}</td>
        <td>${percent(before.tar)}</td>
        <td>${percent(after.tar)}</td>
        <td>${points(difference.tar.difference)}${interval(difference.tar.interval, points)}</td>
      </tr>`,
  );
  return html`<h2>Of these, persons whom the shipped backbone was not trained on either</h2>
    <table>
      <tr>
        <th>shift</th>
        <th>persons</th>
        <th>EER before</th>
        <th>after</th>
        <th>points</th>
        <th>TAR before</th>
        <th>after</th>
        <th>points</th>
      </tr>
      ${rows}
    </table>`;
}

/** How far the candidate is on the way to the trained weights, where the training says so. */
function shareText(training) {
  const share = training?.result?.shareOfTheWay;
  return share ? `; ${share} of the way` : '';
}

function lfwTable(shifts) {
  const rows = shifts
    .filter(({ lfw }) => lfw)
    .map(
      ({ shift, lfw }) =>
        html`<tr>
          <td style="text-align: left">${shift}</td>
          <td>${percent(lfw.before)}</td>
          <td>${percent(lfw.after)}</td>
          <td>${points(lfw.difference)}${interval(lfw.interval, points)}</td>
        </tr>`,
    );
  if (rows.length === 0) return undefined;
  return html`<h2>LFW, accuracy of 6,000 pairs</h2>
    <table>
      <tr>
        <th>retrained on</th>
        <th>before</th>
        <th>after</th>
        <th>points</th>
      </tr>
      ${rows}
    </table>`;
}

function enrolmentTable(shifts) {
  const rows = shifts.map(
    ({ shift, enrolment, unseen, pairs }) =>
      html`<tr>
        <td style="text-align: left">${shift}</td>
        <td>${enrolment.identities}</td>
        <td>${enrolment.enrolled}</td>
        <td>${enrolment.twice}</td>
        <td>${counts(enrolment.refused)}</td>
        <td>${pairs.identities}</td>
        <td>${unseen.photographs}</td>
        <td>${unseen.missed}</td>
        <td>${pairs.genuine}</td>
        <td>${pairs.impostor}</td>
      </tr>`,
  );
  return html`<h2>Photographs</h2>
    <table>
      <tr>
        <th>shift</th>
        <th>enrolled persons</th>
        <th>faces</th>
        <th>twice</th>
        <th>refused</th>
        <th>unseen persons</th>
        <th>photographs</th>
        <th>no face</th>
        <th>genuine pairs</th>
        <th>impostor pairs</th>
      </tr>
      ${rows}
    </table>`;
}

function secondsTable(shifts) {
  const stages = [...new Set(shifts.flatMap(({ seconds }) => Object.keys(seconds)))];
  const rows = shifts.map(
    ({ shift, seconds }) =>
      html`<tr>
        <td style="text-align: left">${shift}</td>
        ${stages.map((stage) => html`<td>${seconds[stage]?.toFixed(0) ?? ''}</td>`)}
      </tr>`,
  );
  return html`<h2>Seconds</h2>
    <table>
      <tr>
        <th></th>
        ${stages.map((stage) => html`<th>${stage}</th>`)}
      </tr>
      ${rows}
    </table>`;
}

function failedList(failed) {
  if (failed.length === 0) return undefined;
  return html`<h2>Failed</h2>
    ${failed.map(({ shift, failure }) => html`<p>${shift}: ${failure}</p>`)}`;
}

/** Each shift's EER before and after on one line, with their intervals. */
function eerPlot(shifts) {
  if (shifts.length === 0) return undefined;
  const highest = Math.max(
    ...shifts.flatMap(({ before, after }) => [before.eerInterval.upper, after.eerInterval.upper]),
  );
  const x = (eer) => (plot.left + (eer / highest) * (plot.width - plot.left - plot.right)).toFixed(1);
  const rows = shifts.map(({ shift, before, after }, index) => {
    const y = 24 + index * plot.rowHeight;
    return html`<text x="${plot.left - 8}" y="${y + 4}" text-anchor="end">${shift}</text>
      ${mark(x, before, y - 5, '#8a929a')}${mark(x, after, y + 5, '#0b62c4')}`;
  });
  const height = 24 + shifts.length * plot.rowHeight + 24;
  const step = highest > 0.2 ? 0.1 : 0.05;
  const ticks = Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => index * step);
  const grid = ticks.map(
    (eer) =>
      html`<line class="grid" x1="${x(eer)}" x2="${x(eer)}" y1="8" y2="${height - 22}" /><text
          x="${x(eer)}"
          y="${height - 6}"
          text-anchor="middle"
          >${percent(eer)}</text
        >`,
  );
  return html`<h2>EER before (grey) and after (blue)</h2>
    <svg
      xmlns="http://www.w3.org/2000/svg"
      viewBox="0 0 ${plot.width} ${height}"
      role="img"
      aria-label="EER before and after"
      style="max-width: ${plot.width}px"
    >
      ${grid}${rows}
    </svg>`;
}

function mark(x, { eer, eerInterval: { lower, upper } }, y, colour) {
  return html`<line
      x1="${x(lower)}"
      x2="${x(upper)}"
      y1="${y}"
      y2="${y}"
      stroke="${colour}"
      stroke-width="2"
    /><circle cx="${x(eer)}" cy="${y}" r="4" fill="${colour}" />`;
}

function percent(share) {
  return `${(100 * share).toFixed(2)} %`;
}

function points(share) {
  return `${share < 0 ? '' : '+'}${(100 * share).toFixed(2)}`;
}

function interval({ lower, upper }, format = percent) {
  return ` (${format(lower)} to ${format(upper)})`;
}

function counts(refused) {
  return Object.entries(refused)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');
}
