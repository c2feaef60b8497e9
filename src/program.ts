import { EnvironmentError, ExitCode } from './errors.ts';
import { commands } from './commands/all.ts';
import { commandHelp, programHelp } from './cli/help.ts';
import type { Io } from './cli/io.ts';
import { settleValues } from './cli/settle-values.ts';
import { COLUMNS_OF_A_PIPE, dressOf, styleOf } from './cli/terminal/style.ts';
import { writeText } from './report/document/write-text.ts';
import { topicNames } from './commands/help/topic-names.ts';
import { toolVersion } from './cli/tool-version.ts';
import { asTyped, typedCommands } from './cli/typed-commands.ts';

/** Runs gctune as its command line says. Never throws; what went wrong is on stderr and in the exit code. */
export async function program(argv: readonly string[], given: Io): Promise<ExitCode> {
  const typed = typedCommands(
    commands.map(({ name }) => name),
    given.env,
  );
  const io = { ...given, typed, stderr: { ...given.stderr, write: (text: string) => given.stderr.write(typed(text)) } };
  try {
    return await execute(argv, io);
  } catch (error) {
    const { reportFailure } = await import('./cli/failure.ts');
    return reportFailure(error, io);
  }
}

async function execute(argv: readonly string[], io: Io): Promise<ExitCode> {
  // Answered before the parser is loaded, which takes longer than everything else here.
  const asked = beforeDoubleDash(argv);
  if (argv[0] === '--get-yargs-completions') {
    const { completions } = await import('./cli/yargs-program.ts');
    // The words of the line begin with gctune itself.
    const found = completions(commands, argv.slice(2));
    io.stdout.write(found.map((word) => `${word}\n`).join(''));
    return ExitCode.ok;
  }
  const named = commands.find((command) => command.name === asked.find((word) => !word.startsWith('-')));
  if (asked.includes('--help') || asked.includes('-h') || argv.length === 0) {
    const help = asTyped(named === undefined ? programHelp(commands, topicNames) : commandHelp(named), io);
    const width = io.stdout.size()?.columns ?? COLUMNS_OF_A_PIPE;
    io.stdout.write(writeText(help, { width, ...dressOf(styleOf(io.stdout, 'auto', io.env)) }));
    return answered(ExitCode.ok, io);
  }
  if (asked.includes('--version')) {
    io.stdout.write(`gctune ${toolVersion()}\n`);
    return answered(ExitCode.ok, io);
  }
  const { parseArguments } = await import('./cli/yargs-program.ts');
  const { command, given } = parseArguments(commands, argv);
  const code = await command.run(settleValues(command, given, io.env), io);
  return command.keepsAnswer === true ? code : answered(code, io);
}

/** The exit code of a command whose answer has left; one that could not be written is no success. Throws EnvironmentError `answer-lost`. */
async function answered(code: ExitCode, io: Io): Promise<ExitCode> {
  const error = await io.stdout.flushed();
  // A reader that has gone (`gctune … | head`) had enough.
  if (error === undefined || error.code === 'EPIPE' || code !== ExitCode.ok) return code;
  throw new EnvironmentError('answer-lost', `stdout could not be written: ${error.message}`);
}

function beforeDoubleDash(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end === -1 ? argv : argv.slice(0, end);
}
