// The generator's own process: obeys the commands that come over IPC and ends when the channel does. What the target or
// a service is at fault for is reported. Any other failure is an uncaught exception: its message goes to stderr, and
// the parent sees the process end.
import { EnvironmentError } from '../errors.ts';
import type { Command, Report } from './control.ts';
import { type LoadSource, openSource } from './load-source.ts';
import { OpenLoop } from './open-loop.ts';

let load: OpenLoop | undefined;
let source: LoadSource | undefined;

process.on('disconnect', () => process.exit());
process.on('message', (command: Command) => void obey(command));
// Ctrl-C reaches the whole process group; the parent decides when this process ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
if (process.connected) report({ type: 'ready' });
else process.exit();

async function obey(command: Command): Promise<void> {
  try {
    const done = await answer(command);
    if (done !== undefined) report(done);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    const { code, message, details, hint } = error;
    report({ type: 'failed', failure: { code, message, details, hint } });
  }
}

async function answer(command: Command): Promise<Report | undefined> {
  switch (command.type) {
    case 'start':
      source = await openSource(command);
      load = new OpenLoop(command.spec, source, command.address, command.seed);
      return { type: 'started' };
    case 'preload':
      if (source?.preload === undefined) return undefined;
      return { type: 'preloaded', done: await source.preload() };
    case 'begin':
      load?.begin();
      return { type: 'begun' };
    case 'open':
      load?.openWindow();
      return { type: 'opened' };
    case 'close':
      if (load === undefined) return undefined;
      return { type: 'closed', work: await load.closeWindow(command.drainSeconds) };
  }
}

function report(message: Report): void {
  process.send?.(message);
}
