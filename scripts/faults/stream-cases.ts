import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { main, readText, type End, type Scene } from './scene.ts';
import type { FaultCase } from './try-case.ts';

/** Runs a command with one stream on a device that is always full. The words are fixed; the rest are arguments. */
const full =
  (stream: 1 | 2) =>
  (command: readonly string[]): readonly string[] => [
    '/bin/sh',
    '-c',
    stream === 1 ? 'exec "$@" >/dev/full' : 'exec "$@" 2>/dev/full',
    'sh',
    ...command,
  ];

const fullDevice = (runner: FaultCase['runner'], stream: 1 | 2): FaultCase => ({
  fault: `${stream === 1 ? 'stdout' : 'stderr'} on a full device`,
  phase: 'all',
  runner,
  begin: (scene) => {
    scene.run = scene.start(['run', scene.file, '--json', '--output', scene.results], full(stream));
  },
  ends: ['0'],
  within: 15,
  why: 'plan-done',
  check: noted,
});

/** The reader of a stream goes away after a few lines. */
const closed = (runner: FaultCase['runner'], stream: 'stdout' | 'stderr'): FaultCase => ({
  fault: `reader of ${stream} goes away`,
  phase: 'measure',
  runner,
  act: async (scene) => {
    await (runner === 'simulated' ? scene.during('between', 12) : scene.during('measure', 2));
    scene.run?.leave(stream);
  },
  ends: ['0'],
  within: 15,
  why: 'plan-done',
  ...(runner === 'process' ? { check: noted } : {}),
});

/** That the display went quiet is in the journal. */
async function noted(scene: Scene): Promise<readonly string[]> {
  const kinds = scene.journal().map(({ type }) => type);
  return kinds.includes('output-lost') ? [] : ['the journal has no output-lost'];
}

/**
 * Starts the run below a shell that writes down how gctune ended. The leader of the session dies with the terminal, upon
 * which the kernel tells everybody else on it; the shell within survives that.
 */
function beginOn(scene: Scene, words: (shell: readonly string[]) => readonly string[]): void {
  const code = join(scene.folder, 'code');
  const script = `( trap : HUP; ${['GCTUNE_CACHE', 'TMPDIR', 'FAULTS_MARK'].map((name) => `${name}='${scene.env[name]}'`).join(' ')}; export GCTUNE_CACHE TMPDIR FAULTS_MARK; '${process.execPath}' '${main}' run '${scene.file}' --output '${scene.results}'; echo $? >'${code}' ); true`;
  const started = scene.start([], () => words(['/bin/sh', '-c', script]));
  const ended = async (): Promise<End> => {
    for (;;) {
      const text = readText(code);
      if (text !== '') return text.trim();
      await sleep(20);
    }
  };
  scene.run = { ...started, ended: ended() };
}

const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');

/** A terminal that `script` holds: it is closed when that is killed. */
const terminal = (runner: FaultCase['runner']): FaultCase => ({
  fault: 'terminal closed (pty)',
  phase: 'measure',
  runner,
  needs: ['script'],
  begin: (scene) => beginOn(scene, (shell) => ['script', '-q', '-c', quoted(shell), '/dev/null']),
  act: async (scene) => {
    await scene.duringByJournal();
    scene.signal('SIGKILL');
  },
  ends: ['143'],
  within: 10,
  why: 'interrupted',
});

const tmux = (runner: FaultCase['runner']): FaultCase => ({
  fault: 'terminal closed (tmux)',
  phase: 'measure',
  runner,
  needs: ['tmux'],
  begin: (scene) => {
    scene.undo.push(() => void scene.command('tmux', '-L', scene.name, 'kill-server').catch(() => ''));
    beginOn(scene, (shell) => ['tmux', '-L', scene.name, 'new-session', '-d', quoted(shell)]);
  },
  act: async (scene) => {
    await scene.duringByJournal();
    await scene.command('tmux', '-L', scene.name, 'kill-session');
  },
  ends: ['143'],
  within: 10,
  why: 'interrupted',
});

const nohup = (runner: FaultCase['runner']): FaultCase => ({
  fault: 'nohup, terminal closed',
  phase: 'measure',
  runner,
  needs: ['script'],
  begin: (scene) =>
    beginOn(scene, (shell) => {
      const [sh = '', c = '', script = ''] = shell;
      // The shell sets no trap of its own here: what nohup ignores stays ignored.
      const words = ['nohup', sh, c, script.replace('trap : HUP; ', '')];
      return ['script', '-q', '-c', `${quoted(words)} >nohup.log 2>&1 & sleep 600`, '/dev/null'];
    }),
  act: async (scene) => {
    await scene.duringByJournal();
    scene.signal('SIGKILL');
  },
  ends: ['0'],
  within: 10,
  why: 'plan-done',
});

/** Streams that give way. */
export const streamCases: readonly FaultCase[] = [
  fullDevice('simulated', 1),
  fullDevice('simulated', 2),
  fullDevice('process', 1),
  fullDevice('process', 2),
  fullDevice('docker', 1),
  fullDevice('docker', 2),
  closed('simulated', 'stdout'),
  closed('process', 'stdout'),
  closed('process', 'stderr'),
  closed('docker', 'stdout'),
  terminal('process'),
  terminal('docker'),
  tmux('process'),
  tmux('docker'),
  nohup('process'),
  nohup('docker'),
];
