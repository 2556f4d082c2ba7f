// npm run check:types
// Programs in bench, scripts and test are JavaScript that imports what is built, `dist/…/x.js`, which has no types. What they import is
// looked for where it is built from instead, `src/…/x.ts`: a name, a property or an argument that is there no more fails.
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const projectFolder = fileURLToPath(new URL('..', import.meta.url));
const sourceFolder = join(projectFolder, 'src');
const builtFolder = join(projectFolder, 'dist');

const told = {
  getCurrentDirectory: () => projectFolder,
  getCanonicalFileName: (name) => name,
  getNewLine: () => '\n',
};
const { options, fileNames, errors } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(join(projectFolder, 'tsconfig.programs.json'), ts.sys.readFile).config,
  ts.sys,
  projectFolder,
);
const host = ts.createCompilerHost(options);
const cache = ts.createModuleResolutionCache(projectFolder, told.getCanonicalFileName, options);
host.resolveModuleNameLiterals = (literals, importer, redirect, importerOptions, file) =>
  literals.map((literal) => {
    const mode = ts.getModeForUsageLocation(file, literal, importerOptions);
    const name = sourceOf(literal.text, importer);
    return ts.resolveModuleName(name, importer, importerOptions, host, cache, redirect, mode);
  });
const program = ts.createProgram(fileNames, options, host);
// The sources themselves are checked by `tsc`, more strictly.
const programs = fileNames.map((name) => program.getSourceFile(name));
const found = [
  ...errors,
  ...programs.flatMap((file) => [
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ]),
];
if (found.length > 0) console.error(ts.formatDiagnosticsWithColorAndContext(found, told));
if (fileNames.length === 0) console.error('No program was found.');
process.exitCode = found.length > 0 || fileNames.length === 0 ? 1 : 0;

/** The path of what an import names, with the source in place of a built file. */
function sourceOf(name, importer) {
  if (!name.startsWith('.')) return name;
  const built = relative(builtFolder, resolve(dirname(importer), name));
  return built.startsWith('..') ? name : join(sourceFolder, built);
}
