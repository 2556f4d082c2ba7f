import { Command, CommanderError, type Option } from 'commander';
import { packageVersion } from '../service/platform/package-version.js';
import { serverOfEnvironment } from './client-environment.js';
import { commandLoaders } from './command-loaders.js';
import { EXIT_ERROR, EXIT_OK } from './exit-code.js';
import { positiveInteger, Session } from './session.js';
import type { Terminal } from './terminal.js';
import { requireWorkingFolder } from './working-folder.js';

const EXAMPLES = `
Examples:
  symface serve                                   start the server
  symface verify a.jpg b.jpg                      exit status 0: match, 1: no match, 2: error
  symface detect face.jpg --draw out.png          see boxes, landmarks, ρ and the two halves
  symface embed a.jpg b.jpg --json                embeddings for machines
  symface enroll ada ada-1.jpg ada-2.jpg          enrol two photographs of one person
  symface verify a.jpg --subject ada              is it the enrolled person?
  symface identify someone.jpg                    whom of those enrolled does it show?
  symface identify group.jpg --face all           and the others in the photograph?
  symface models list                             what the server can serve, and what it serves`;

/**
 * Runs one command line.
 * @param args without the interpreter and the script
 * @returns the exit code: 0, 1 for "no match", 2 for errors
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const session = new Session(terminal);
  try {
    requireWorkingFolder();
    const program = createProgram(terminal);
    for (const load of loadersFor(program, args)) {
      const command = (await load())(session);
      settle(command, terminal);
      program.addCommand(command);
    }
    await program.parseAsync(args, { from: 'user' });
    return session.exitCode;
  } catch (error) {
    // Commander has printed help or what is wrong with the arguments.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_ERROR;
    session.fail(error);
    return session.exitCode;
  }
}

function createProgram(terminal: Terminal): Command {
  const program = new Command('symface')
    .description('Face verification over gRPC.')
    .version(packageVersion())
    .option(
      '--server <host:port>',
      'the SymFace server to call (else SYMFACE_SERVER, or SYMFACE_GRPC_PORT of this machine)',
      serverOfEnvironment(),
    )
    .option(
      '--timeout-ms <ms>',
      'how long one call may take (else 30000; 300000 where models are moved)',
      positiveInteger,
    )
    .option('--api-key <key>', 'sent with every call (else SYMFACE_API_KEY)')
    .option('--tls', 'connect with TLS')
    .option('--tls-ca <file>', "PEM authority of the server's certificate; else the system's")
    .option('--tls-certificate <file>', 'PEM client certificate, for mutual TLS')
    .option('--tls-key <file>', 'its PEM key')
    .addHelpText('after', EXAMPLES);
  settle(program, terminal);
  return program;
}

/** The loaders of the command that is named; of all commands where help or a hint may be about any. */
function loadersFor(program: Command, args: readonly string[]) {
  const [name = ''] = program.parseOptions([...args]).operands;
  const load = commandLoaders.get(name);
  return load === undefined ? [...commandLoaders.values()] : [load];
}

/** What every command takes; a group's own options are not its subcommands'. */
function optionsOfProgram(command: Command): Option[] {
  if (command.parent === null) return [];
  let program = command.parent;
  while (program.parent !== null) program = program.parent;
  return program.options.filter(({ hidden }) => !hidden);
}

/** Gives a command and its subcommands the terminal, and makes them throw where commander would exit. */
function settle(command: Command, terminal: Terminal): void {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions: optionsOfProgram })
    .showHelpAfterError('(--help shows how it is used)')
    .configureOutput({
      writeOut: (text) => {
        terminal.out(text.trimEnd());
      },
      writeErr: (text) => {
        terminal.err(text.trimEnd());
      },
    });
  for (const subcommand of command.commands) settle(subcommand, terminal);
}
