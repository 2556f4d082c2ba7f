// node --import this: writes the URLs of the modules that a process loads to the file SYMFACE_LOADED_MODULES, one a line.
import { appendFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';

const { SYMFACE_LOADED_MODULES: file } = process.env;

if (import.meta.url.endsWith('?hooks') === false) {
  register(`${import.meta.url}?hooks`);
  // What CommonJS modules require goes past the hooks.
  process.once('exit', () => {
    for (const path of Object.keys(createRequire(import.meta.url).cache)) record(pathToFileURL(path).href);
  });
}

/** A hook of node:module. */
export function load(url, context, next) {
  record(url);
  return next(url, context);
}

function record(url) {
  appendFileSync(file, `${url}\n`);
}
