// The generator's own process: obeys the commands that come over IPC and ends when the channel does. A failure is an
// uncaught exception: its message goes to stderr, and the parent sees the process end.
import type { Command, Report } from './control.ts';
import { OpenLoop } from './open-loop.ts';

let load: OpenLoop | undefined;

process.on('disconnect', () => process.exit());
process.on('message', (command: Command) => void obey(command));
// Ctrl-C reaches the whole process group; the parent decides when this process ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
if (process.connected) report({ type: 'ready' });
else process.exit();

async function obey(command: Command): Promise<void> {
  switch (command.type) {
    case 'start':
      load = new OpenLoop(command.spec, command.address, command.seed);
      load.start();
      return report({ type: 'started' });
    case 'open':
      load?.openWindow();
      return report({ type: 'opened' });
    case 'close':
      if (load !== undefined) report({ type: 'closed', work: await load.closeWindow(command.drainSeconds) });
  }
}

function report(message: Report): void {
  process.send?.(message);
}
