/**
 * Draws the pictures of docs/thresholds.md. After `npm run build`.
 *
 *   node scripts/draw-thresholds.mjs
 *
 * similarities.svg is a drawing: bell curves in the place of measured ones. by-look.svg has the thresholds that
 * models/mobilefacenet-symface/shipped.json records (scripts/calibrate-shipped-backbone.mjs), and is not drawn where it records none.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';

const folder = new URL('../docs/thresholds/', import.meta.url);
const [width, height, left, right, top, bottom] = [640, 300, 52, 16, 34, 46];
const colours = {
  strangers: '#c2410c',
  persons: '#1d4ed8',
  threshold: '#111827',
  grid: '#e5e7eb',
  text: '#374151',
};
const rateColours = ['#93c5fd', '#3b82f6', '#1d4ed8', '#111827'];

await mkdir(folder, { recursive: true });
await writeFile(new URL('similarities.svg', folder), similarities());
const { manifest } = JSON.parse(
  await readFile(new URL('../models/mobilefacenet-symface/shipped.json', import.meta.url), 'utf8'),
);
if (manifest.calibration === undefined) console.log('no by-look.svg: shipped.json records no calibration');
else await writeFile(new URL('by-look.svg', folder), byLook(manifest.calibration.thresholds));

/** Two panels, sharp above and blurred below, with one threshold through both and each one's own. */
function similarities() {
  const [panel, sharp] = [150, 0.36];
  const x = scale(-0.4, 1, left, width - right);
  const body = [
    { title: 'two sharp photographs', strangers: [0.02, 0.11], persons: [0.66, 0.12], own: sharp },
    { title: 'two blurred photographs', strangers: [0.42, 0.14], persons: [0.74, 0.1], own: 0.85 },
  ].map(({ title, strangers, persons, own }, row) => {
    const base = top + panel * (row + 1) - 24;
    const y = scale(0, 3.8, base, base - panel + 44);
    const curves = [
      area(strangers, sharp, x, y, base, colours.strangers),
      area(persons, own, x, y, base, colours.persons),
    ];
    return [
      text(left, base - panel + 36, title, { weight: 600 }),
      ...curves,
      line(left, base, width - right, base, colours.text),
      line(x(sharp), base, x(sharp), base - panel + 44, colours.threshold, '4 3'),
      ...(own === sharp ? [] : [line(x(own), base, x(own), base - panel + 44, colours.threshold)]),
      text(x(sharp) - 5, base - panel + 54, own === sharp ? 'threshold' : 'the same', { anchor: 'end' }),
      ...(own === sharp ? [] : [text(x(own) + 5, base - panel + 54, 'their own')]),
    ].join('\n');
  });
  const ticks = [-0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8, 1].map((value) =>
    text(x(value), top + 2 * panel - 8, value.toFixed(1), { anchor: 'middle' }),
  );
  const key = [
    text(left, 18, 'two strangers', { colour: colours.strangers, weight: 600 }),
    text(left + 100, 18, 'one person twice', { colour: colours.persons, weight: 600 }),
    text(left + 225, 18, 'filled: strangers above the one threshold, persons below their own'),
  ];
  return page(top + 2 * panel + 24, [
    ...key,
    ...body,
    ...ticks,
    text(width / 2, top + 2 * panel + 14, 'similarity (drawn, not measured)', { anchor: 'middle' }),
  ]);
}

/** A bell curve, filled where decisions at the threshold are wrong. */
function area(curve, threshold, x, y, base, colour) {
  const [mean, deviation] = curve;
  const density = (value) =>
    Math.exp(-((value - mean) ** 2) / (2 * deviation ** 2)) / (deviation * Math.sqrt(2 * Math.PI));
  const points = (from, to) =>
    Array.from({ length: 121 }, (_, index) => from + ((to - from) * index) / 120)
      .map((value) => `${x(value).toFixed(1)},${y(density(value)).toFixed(1)}`)
      .join(' ');
  const [from, to] = colour === colours.strangers ? [threshold, 1] : [-0.4, threshold];
  return [
    `<polygon points="${x(from).toFixed(1)},${base} ${points(from, to)} ${x(to).toFixed(1)},${base}" fill="${colour}" fill-opacity="0.35"/>`,
    `<polyline points="${points(-0.4, 1)}" fill="none" stroke="${colour}" stroke-width="2"/>`,
  ].join('\n');
}

/** The threshold of each rate by how alike strangers are to be expected: a step a band. */
function byLook(thresholds) {
  const shown = thresholds.slice(0, rateColours.length);
  const bands = shown.flatMap((threshold) => threshold.bands);
  const firstEnd = Math.min(...bands.map(({ upTo }) => upTo));
  const [from, to] = [Math.max(0, firstEnd - 0.1), Math.max(...bands.map(({ upTo }) => upTo)) + 0.05];
  const x = scale(from, to, left, width - right);
  const y = scale(0, 1, height - bottom, top);
  const grid = [0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((value) => [
    line(left, y(value), width - right, y(value), colours.grid),
    text(left - 6, y(value) + 4, value.toFixed(1), { anchor: 'end' }),
  ]);
  const ticks = Array.from(
    { length: Math.floor((to - from) / 0.1) + 1 },
    (_, index) => Math.ceil(from * 10) / 10 + index / 10,
  )
    .filter((value) => value <= to)
    .map((value) => text(x(value), height - bottom + 16, value.toFixed(1), { anchor: 'middle' }));
  const steps = shown.map((threshold, index) => {
    const points = threshold.bands.flatMap(({ upTo, similarityThreshold }, band) => {
      const begin = band === 0 ? from : threshold.bands[band - 1].upTo;
      return [begin, upTo].map((value) => `${x(value).toFixed(1)},${y(similarityThreshold).toFixed(1)}`);
    });
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${rateColours[index]}" stroke-width="2"/>`;
  });
  const end = Math.max(...bands.map(({ upTo }) => upTo));
  const key = shown.map(({ falseMatchRate }, index) =>
    text(left + index * 96, 18, `FMR ${falseMatchRate.toExponential(0)}`, {
      colour: rateColours[index],
      weight: 600,
    }),
  );
  return page(height, [
    ...grid,
    ...ticks,
    ...steps,
    ...key,
    line(x(end), height - bottom, x(end), top, colours.threshold, '4 3'),
    text(x(end) - 5, height - bottom - 6, 'beyond: refused', { anchor: 'end' }),
    text(width / 2, height - 10, 'expected similarity of strangers who look so (sharp on the left)', {
      anchor: 'middle',
    }),
    text(left, top - 4, 'threshold'),
  ]);
}

function scale(from, to, start, end) {
  return (value) => start + ((value - from) / (to - from)) * (end - start);
}

function line(x1, y1, x2, y2, colour, dashes) {
  const dashed = dashes === undefined ? '' : ` stroke-dasharray="${dashes}"`;
  return `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${colour}"${dashed}/>`;
}

function text(x, y, content, { anchor = 'start', colour = colours.text, weight = 400 } = {}) {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}" font-weight="${weight}">${content}</text>`;
}

function page(pageHeight, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${pageHeight}" font-family="sans-serif" font-size="11.5">
<rect width="${width}" height="${pageHeight}" fill="#ffffff"/>
${parts.join('\n')}
</svg>
`;
}
