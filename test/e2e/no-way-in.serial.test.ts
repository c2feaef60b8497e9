import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { createRun } from '../../src/results/run-writer.ts';
import { syntheticRun } from '../fixtures/analysis/synthetic-run.ts';
import { requirement } from '../requirements.ts';
import { gctune, scratch, type Ended } from './gctune.ts';

/** Somebody else on this machine. */
const STRANGER = 54_321;
/** A gctune that somebody can stop would stand for ever. */
const PATIENCE_SECONDS = 120;

/** The home of who runs gctune, a TMPDIR that is everybody's, and what the stranger does. */
interface Scene {
  readonly home: string;
  readonly temporary: string;
  /** A folder of the stranger's. */
  readonly theirs: string;
  /** Runs a shell script as the stranger. */
  readonly stranger: (script: string) => void;
  readonly gctune: (...args: readonly string[]) => Promise<Ended>;
}

async function scene(t: TestContext): Promise<Scene> {
  const folder = await scratch(t);
  const at = (name: string): string => join(folder, name);
  for (const name of ['home', 'tmp', 'theirs']) mkdirSync(at(name));
  chmodSync(folder, 0o755);
  chmodSync(at('home'), 0o700);
  chmodSync(at('tmp'), 0o1777);
  chownSync(at('theirs'), STRANGER, STRANGER);
  return {
    home: at('home'),
    temporary: at('tmp'),
    theirs: at('theirs'),
    stranger: (script) => {
      execFileSync('sh', ['-euc', script], { uid: STRANGER, gid: STRANGER, cwd: at('theirs'), stdio: 'pipe' });
    },
    gctune: async (...args) => {
      let pid: number | undefined;
      const timer = setTimeout(() => pid !== undefined && process.kill(pid, 'SIGKILL'), PATIENCE_SECONDS * 1000);
      try {
        return await gctune(args, {
          env: { HOME: at('home'), TMPDIR: at('tmp'), XDG_CACHE_HOME: '', GCTUNE_CACHE: '', NODE_COMPILE_CACHE: '' },
          onSpawn: (started) => (pid = started),
        });
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

describe('no way in for somebody else on this machine', requirement('root'), () => {
  test('a report of a stranger’s folder writes no file of the user, whatever links lie there', async (t) => {
    const { home, theirs, stranger, gctune: run } = await scene(t);
    const keys = join(home, 'authorized_keys');
    writeFileSync(keys, 'ssh-ed25519 mine\n');
    const { manifest } = syntheticRun({ name: 'gift', blocks: 2 });
    const experiment = { ...manifest.experiment, description: 'x\nssh-ed25519 theirs\n' };
    {
      await using written = await createRun(theirs, { ...manifest, experiment }, '');
      execFileSync('chown', ['-R', `${STRANGER}:${STRANGER}`, written.folder]);
    }
    const folder = join(theirs, manifest.id);
    const names = ['report.html', 'report.html.tmp', 'analysis.json', 'analysis.json.tmp', 'out.html'];
    stranger(names.map((name) => `ln -s '${keys}' '${folder}/${name}'`).join('\n'));
    assert.equal((await run('report', folder)).code, 5, 'no trials: but reports');
    assert.ok(statSync(join(folder, 'report.html')).isFile());
    assert.equal(readFileSync(keys, 'utf8'), 'ssh-ed25519 mine\n');
    assert.equal((await run('report', folder, '--format', 'html', '--output', join(folder, 'out.html'))).code, 3);
    assert.equal(readFileSync(keys, 'utf8'), 'ssh-ed25519 mine\n');

    stranger(`cd '${folder}'; rm run.json; mkfifo run.json`);
    for (const args of [
      ['report', folder],
      ['show', folder],
      ['recommend', folder],
      ['explain', folder],
    ])
      assert.equal((await run(...args)).code, 7, args.join(' '));
    const listed = await run('list', '--results', theirs);
    assert.equal(listed.code, 0);
    assert.match(listed.stdout, /damaged/);
  });

  test('no code comes from a cache that anybody may have made first', async (t) => {
    const { home, temporary, theirs, stranger, gctune: run } = await scene(t);
    stranger(`umask 000; mkdir '${temporary}/node-compile-cache'; mkdir cache`);
    assert.equal((await run('version')).code, 0);
    assert.deepEqual(readdirSync(join(temporary, 'node-compile-cache')), [], 'neither written nor read');
    const own = join(home, '.cache/gctune/compile-cache');
    assert.ok(readdirSync(own).length > 0);
    for (const folder of [own, join(home, '.cache/gctune')]) assert.equal(statSync(folder).mode & 0o777, 0o700);

    const { code } = await gctune(['version'], {
      env: { HOME: home, TMPDIR: temporary, XDG_CACHE_HOME: join(theirs, 'cache'), GCTUNE_CACHE: '' },
    });
    assert.equal(code, 0);
    assert.deepEqual(readdirSync(join(theirs, 'cache')), [], 'a cache in a folder of theirs is none');
    assert.deepEqual(readdirSync(join(temporary, 'node-compile-cache')), []);
  });

  test('clean is stopped by nothing that lies in TMPDIR, and removes only what is one’s own', async (t) => {
    const { home, temporary, theirs, stranger, gctune: run } = await scene(t);
    const dead = JSON.stringify({ runId: 'r', owner: '1:0:00000000:0:-' });
    stranger(`
      cd '${temporary}'
      for name in pipe null list huge link dead; do mkdir gctune-scratch-$name; done
      mkfifo gctune-scratch-pipe/.gctune-owner.json
      echo null > gctune-scratch-null/.gctune-owner.json
      echo '[{"runId":1}]' > gctune-scratch-list/.gctune-owner.json
      head -c 10000000 /dev/zero > gctune-scratch-huge/.gctune-owner.json
      mkfifo '${theirs}/pipe'
      ln -s '${theirs}/pipe' gctune-scratch-link/.gctune-owner.json
      echo '${dead}' > gctune-scratch-dead/.gctune-owner.json
      ln -s '${home}' gctune-scratch-dead/home
      ln -s '${home}' gctune-scratch-home
      echo not-a-folder > gctune-scratch-file
    `);
    writeFileSync(join(home, '.gctune-owner.json'), dead);
    const own = join(temporary, 'gctune-scratch-own');
    for (const name of ['null', 'mkfifo']) mkdirSync(join(temporary, `gctune-scratch-own-${name}`));
    writeFileSync(join(temporary, 'gctune-scratch-own-null/.gctune-owner.json'), 'null');
    execFileSync('mkfifo', [join(temporary, 'gctune-scratch-own-mkfifo/.gctune-owner.json')]);
    mkdirSync(own);
    writeFileSync(
      join(own, '.gctune-owner.json'),
      `{"runId":"left-behind","owner":${JSON.stringify(await deadOwner())}}`,
    );
    const before = readdirSync(temporary);
    const ended = await run('clean');
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /removed directory .*gctune-scratch-own of left-behind/);
    assert.deepEqual(
      readdirSync(temporary),
      before.filter((name) => name !== 'gctune-scratch-own'),
    );
    assert.ok(existsSync(join(home, '.gctune-owner.json')));
  });
});

/** The mark of a gctune of this machine that has ended. */
async function deadOwner(): Promise<string> {
  const { ownerMark } = await import('../../src/runner/owner.ts');
  return (await ownerMark()).replace(/^\d+:[^:]+/, '1:0');
}
