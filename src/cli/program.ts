import { Command, CommanderError, type Option } from 'commander';
import { packageVersion } from '../service/platform/package-version.js';
import { auditCommand } from './commands/audit.js';
import { backbonesCommand } from './commands/backbones.js';
import { benchmarkCommand } from './commands/benchmark.js';
import { collectionsCommand } from './commands/collections.js';
import { databaseCommand } from './commands/database.js';
import { datasetCommand } from './commands/dataset.js';
import { detectCommand } from './commands/detect.js';
import { embedCommand } from './commands/embed.js';
import { enrollCommand } from './commands/enroll.js';
import { experimentCommand } from './commands/experiment.js';
import { facesCommand } from './commands/faces.js';
import { identifyCommand } from './commands/identify.js';
import { jobsCommand } from './commands/jobs.js';
import { keysCommand } from './commands/keys.js';
import { modelsCommand } from './commands/models.js';
import { prepareCommand } from './commands/prepare.js';
import { retrainCommand } from './commands/retrain.js';
import { retrainScheduleCommand } from './commands/retrain-schedule.js';
import { serveCommand } from './commands/serve.js';
import { subjectsCommand } from './commands/subjects.js';
import { trainCommand } from './commands/train.js';
import { verifyCommand } from './commands/verify.js';
import { workerCommand } from './commands/worker.js';
import { EXIT_ERROR, EXIT_OK } from './exit-code.js';
import { positiveInteger, Session } from './session.js';
import type { Terminal } from './terminal.js';

const DEFAULT_SERVER = '127.0.0.1:50051';

const EXAMPLES = `
Examples:
  symface serve                                   start the server
  symface verify a.jpg b.jpg                      exit status 0: match, 1: no match, 2: error
  symface detect face.jpg --draw out.png          see boxes, landmarks, ρ and the two halves
  symface embed a.jpg b.jpg --json                embeddings for machines
  symface enroll ada ada-1.jpg ada-2.jpg          enrol two photographs of one person
  symface verify a.jpg --subject ada              is it the enrolled person?
  symface identify someone.jpg                    whom of those enrolled does it show?
  symface models list                             what the server can serve, and what it serves`;

/**
 * Runs one command line.
 * @param args without the interpreter and the script
 * @returns the exit code: 0, 1 for "no match", 2 for errors
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  const session = new Session(terminal);
  try {
    await createProgram(session).parseAsync(args, { from: 'user' });
    return session.exitCode;
  } catch (error) {
    // Commander has printed help or what is wrong with the arguments.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_ERROR;
    session.fail(error);
    return session.exitCode;
  }
}

function createProgram(session: Session): Command {
  const program = new Command('symface')
    .description('Face verification over gRPC.')
    .version(packageVersion())
    .option('--server <host:port>', 'the SymFace server to call', DEFAULT_SERVER)
    .option('--timeout-ms <ms>', 'how long one call may take', positiveInteger)
    .option('--api-key <key>', 'sent with every call (else SYMFACE_API_KEY)')
    .option('--tls', 'connect with TLS')
    .option('--tls-ca <file>', "PEM authority of the server's certificate; else the system's")
    .option('--tls-certificate <file>', 'PEM client certificate, for mutual TLS')
    .option('--tls-key <file>', 'its PEM key')
    .addHelpText('after', EXAMPLES);
  for (const command of [
    serveCommand,
    workerCommand,
    prepareCommand,
    verifyCommand,
    embedCommand,
    detectCommand,
    enrollCommand,
    identifyCommand,
    collectionsCommand,
    subjectsCommand,
    facesCommand,
    modelsCommand,
    backbonesCommand,
    benchmarkCommand,
    datasetCommand,
    trainCommand,
    experimentCommand,
    retrainCommand,
    jobsCommand,
    keysCommand,
    auditCommand,
    databaseCommand,
  ]) {
    program.addCommand(command(session));
  }
  program.commands
    .find((command) => command.name() === 'retrain')
    ?.addCommand(retrainScheduleCommand(session));
  settle(program, session.terminal);
  return program;
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
