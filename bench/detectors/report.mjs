/** Tables of what was observed, printed, and the same as an object. */
import { centralFace, landmarkDistance, sameFace } from './faces.mjs';
import { kindOfFaceless } from './faceless-images.mjs';
import { bootstrapMean, wilsonInterval } from './intervals.mjs';

const facelessSet = 'no face';
const photographsSet = 'whole photographs';

/**
 * @param names of the detectors; the first is the reference
 * @param observations what observe-process.mjs sends, a picture each
 */
export function report(names, observations) {
  const sets = {};
  for (const observation of observations) (sets[observation.set] ??= []).push(observation);
  const { [facelessSet]: faceless = [], [photographsSet]: photographs = [], ...faces } = sets;
  return {
    faces: Object.entries(faces).map(([set, pictures]) => facesTable(set, names, pictures)),
    faceless: facelessTable(names, faceless),
    spread: spreadTable(names, observations),
    photographs: photographsTable(names, photographs),
  };
}

function facesTable(set, names, pictures) {
  console.log(`\n${set}: ${pictures.length} pictures`);
  console.log('| detector | missed | of these elsewhere | more than one face | landmark distance | CPU ms |');
  console.log('| --- | --- | --: | --- | --- | --: |');
  return names.map((name, index) => {
    const verdicts = pictures.map((picture) => verdictOf(picture, index));
    const missed = countOf(verdicts, ({ isMissed }) => isMissed);
    const elsewhere = countOf(verdicts, ({ isMissed, count }) => isMissed && count > 0);
    const several = countOf(verdicts, ({ count }) => count > 1);
    const distances = verdicts.filter(({ distance }) => distance !== undefined);
    const distance = bootstrapMean(distances.map(({ identity, distance: value }) => ({ identity, value })));
    const cpuMs = meanOf(pictures.map(({ seen }) => seen[index].cpuMs));
    const columns = [
      share(missed, pictures.length),
      elsewhere,
      share(several, pictures.length),
      interval(distance),
      cpuMs.toFixed(1),
    ];
    console.log(`| ${name} | ${columns.join(' | ')} |`);
    return { set, name, pictures: pictures.length, missed, elsewhere, several, distance, cpuMs };
  });
}

/** What a detector made of one picture. */
function verdictOf(picture, index) {
  const { faces } = picture.seen[index];
  const reference = centralFace(picture, picture.seen[0].faces);
  const { identity } = picture;
  if (reference === undefined) return { identity, count: faces.length, isMissed: faces.length === 0 };
  const same = sameFace(reference, faces);
  if (same === undefined) return { identity, count: faces.length, isMissed: true };
  return { identity, count: faces.length, isMissed: false, distance: landmarkDistance(reference, same) };
}

function facelessTable(names, pictures) {
  if (pictures.length === 0) return [];
  console.log(`\nrendered pictures without a face: ${pictures.length}`);
  console.log('| detector | with a face found | CPU ms | kinds |');
  console.log('| --- | --- | --: | --- |');
  return names.map((name, index) => {
    const found = pictures.filter(({ seen }) => seen[index].faces.length > 0);
    const kinds = {};
    for (const { source } of found) {
      const kind = kindOfFaceless(source.faceless);
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    }
    const cpuMs = meanOf(pictures.map(({ seen }) => seen[index].cpuMs));
    const text = Object.entries(kinds).map(([kind, count]) => `${kind} ${count}`);
    console.log(
      `| ${name} | ${share(found.length, pictures.length)} | ${cpuMs.toFixed(1)} | ${text.join(', ')} |`,
    );
    return { name, pictures: pictures.length, found: found.length, kinds, cpuMs };
  });
}

/** Over the faces that the detector found in the picture itself; copies in which it lost them are counted apart. */
function spreadTable(names, observations) {
  const rows = observations.flatMap(({ set, identity, spreads = [] }) =>
    spreads.map((spread) => ({ set, identity, ...spread })),
  );
  const kinds = [...new Set(rows.map(({ kind }) => kind))];
  return [...new Set(rows.map(({ set }) => set))].flatMap((set) => {
    console.log(`\nspread of the landmarks (standard deviation in pixels of the crop), ${set}`);
    console.log(`| detector | faces | ${kinds.join(' | ')} | copies without the face |`);
    console.log(`| --- | --: |${' --- |'.repeat(kinds.length)} --- |`);
    return names.flatMap((name) => {
      const own = rows.filter((row) => row.set === set && row.name === name);
      const figures = kinds.map((kind) => spreadFigure(own.filter((row) => row.kind === kind)));
      const faces = Math.max(...figures.map((figure) => figure.faces));
      const [lost, copies] = ['lost', 'copies'].map((count) => own.reduce((sum, row) => sum + row[count], 0));
      const spreads = figures.map(({ spread }) => interval(spread));
      console.log(`| ${name} | ${faces} | ${spreads.join(' | ')} | ${share(lost, copies)} |`);
      return figures.map((figure, index) => ({ set, name, kind: kinds[index], ...figure }));
    });
  });
}

function spreadFigure(rows) {
  const measured = rows.filter(({ spread }) => spread !== undefined);
  const spread = bootstrapMean(measured.map(({ identity, spread: value }) => ({ identity, value })));
  return { faces: rows.length, spread };
}

function photographsTable(names, pictures) {
  if (pictures.length === 0) return [];
  console.log('\nfaces found in whole photographs');
  console.log(`| file | size | ${names.join(' | ')} |`);
  console.log(`| --- | --- |${' --: |'.repeat(names.length)}`);
  return pictures.map(({ name, width, height, seen }) => {
    const counts = seen.map(({ faces }) => faces.length);
    console.log(`| ${name} | ${width}x${height} | ${counts.join(' | ')} |`);
    return { name, counts };
  });
}

function countOf(values, isCounted) {
  return values.filter(isCounted).length;
}

function meanOf(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function share(count, total) {
  const percent = (value) => (100 * value).toFixed(2);
  const [lower, upper] = wilsonInterval(count, total).map(percent);
  return `${count} = ${percent(count / total)} % [${lower}, ${upper}]`;
}

function interval({ mean, interval: [lower, upper] }) {
  return Number.isNaN(mean) ? '' : `${mean.toFixed(2)} [${lower.toFixed(2)}, ${upper.toFixed(2)}]`;
}
