/** The detectors that are compared: registered ones of a data folder, and graphs from files. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { detectorPresets } from '../../dist/core/models/presets.js';
import { ModelFiles } from '../../dist/storage/models/model-files.js';

/**
 * @param names display names (the newest version of one), version ids, or FAMILY:FILE.onnx for a graph that need not be registered; none: all of the folder
 * @param scratchFolder a data folder for those from files
 * @returns [{ name, stored }], in the order asked for
 */
export async function chosenDetectors(dataFolder, names, scratchFolder) {
  const registered = (await new ModelFiles(dataFolder).list()).filter(
    ({ version }) => version.manifest.kind === 'detector',
  );
  if (names.length === 0)
    return registered.map((stored) => ({ name: stored.version.manifest.displayName, stored }));
  const chosen = [];
  for (const name of names) {
    const stored = name.includes(':')
      ? await detectorOfFile(name, scratchFolder)
      : registered.findLast(({ version }) => version.id === name || version.manifest.displayName === name);
    if (stored === undefined) {
      const known = registered.map(({ version }) => version.manifest.displayName).join(', ') || 'none';
      refuse(`${dataFolder} has no detector "${name}"; it has ${known}. Or give FAMILY:FILE.onnx.`);
    }
    chosen.push({ name: name.includes(':') ? basename(name, '.onnx') : name, stored });
  }
  return chosen;
}

/** @param text FAMILY:FILE.onnx, read as the family's preset says */
export async function detectorOfFile(text, scratchFolder) {
  const separator = text.indexOf(':');
  const [family, path] = [text.slice(0, separator), text.slice(separator + 1)];
  const preset = detectorPresets[family];
  if (preset === undefined)
    refuse(`"${family}" is no family; there are ${Object.keys(detectorPresets).join(', ')}.`);
  const graph = await readFile(path);
  const fileName = 'detector.onnx';
  const manifest = {
    ...preset,
    displayName: basename(path, '.onnx')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/gu, '-'),
    license: 'for this comparison only',
    source: basename(path),
    graphs: { detector: { fileName, sha256: createHash('sha256').update(graph).digest('hex') } },
  };
  return (await new ModelFiles(scratchFolder).register(manifest, new Map([[fileName, graph]]))).stored;
}

function refuse(message) {
  console.error(message);
  process.exit(2);
}
