import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { TrialRecord } from '../../src/results/format.ts';
import { requirement } from '../requirements.ts';
import { gctune, scratch } from './gctune.ts';

/** Holds 24 MiB, makes garbage all the time, serves /debug/vars, and 1.8 s after its start does what it is told. */
const source = `package main

import (
	_ "expvar"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"
)

var live [][]byte
var sink []byte

func main() {
	if os.Getenv("CHILD") != "" {
		for i := 0; i < 7; i++ {
			runtime.GC()
		}
		return
	}
	for i := 0; i < 24; i++ {
		live = append(live, make([]byte, 1<<20))
	}
	go func() {
		for {
			for i := 0; i < 64; i++ {
				sink = make([]byte, 64<<10)
			}
			time.Sleep(4 * time.Millisecond)
		}
	}()
	go func() {
		time.Sleep(1800 * time.Millisecond)
		switch os.Args[2] {
		case "set-gc-percent":
			debug.SetGCPercent(400)
		case "start-a-child":
			exe, _ := os.Executable()
			child := exec.Command(exe)
			child.Env = append(os.Environ(), "CHILD=1")
			child.Stderr = os.Stderr
			_ = child.Run()
		case "execute-anew":
			if os.Getenv("ANEW") == "" {
				exe, _ := os.Executable()
				_ = syscall.Exec(exe, os.Args, append(os.Environ(), "ANEW=1"))
			}
		}
	}()
	http.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
	_ = http.ListenAndServe(os.Args[1], nil)
}
`;

async function trialOf(
  t: TestContext,
  what: string,
  gctrace: boolean,
  counts: boolean,
  memory = '100/s',
): Promise<TrialRecord> {
  const folder = await scratch(t);
  const program = join(folder, 'program');
  await mkdir(program);
  await writeFile(join(program, 'go.mod'), 'module example.test/changing\n\ngo 1.19\n');
  await writeFile(join(program, 'main.go'), source);
  const file = join(folder, 'experiment.yaml');
  await writeFile(
    file,
    `name: changing
target:
  package: ./program
  args: ["{host}:{port}", ${what}]
  port: auto
  ready: { http: /healthz, within: 10s }
runner: process
matrix: { gogc: [100] }
workloads: { nothing: { idle: {} } }
phases: { warmup: 300ms, measure: 3s }
validity: { drift: 100% }
sampling: { inside: 8/s, gctrace: ${gctrace}, memory: ${memory} }
blocks: 1
`,
  );
  const results = join(folder, 'results');
  const ended = await gctune(['run', file, '--output', results]);
  // 5: no trial counts.
  assert.equal(ended.code, counts ? 0 : 5, ended.stderr);
  const [run] = await readdir(results);
  const trials = join(results, run ?? '', 'trials');
  const [trial] = await readdir(trials);
  return JSON.parse(await readFile(join(trials, trial ?? '', 'trial.json'), 'utf8')) as TrialRecord;
}

test(
  'GOGC that the target changes in the middle of the window fails the trial, by cycle',
  requirement('go'),
  async (t) => {
    const { outcome } = await trialOf(t, 'set-gc-percent', true, false);
    assert.equal(outcome.kind, 'failed', JSON.stringify(outcome));
    assert.match(
      'cause' in outcome ? outcome.cause : '',
      /changes GOGC while it runs: requested 100, effective about (3[5-9]|4[0-5])\d from [0-2]\.\d s/,
    );
  },
);

test('read out of its memory, the GOGC that a target changes to is known to the unit', requirement('go'), async (t) => {
  const { outcome } = await trialOf(t, 'set-gc-percent', false, false);
  assert.equal(outcome.kind, 'failed', JSON.stringify(outcome));
  assert.match('cause' in outcome ? outcome.cause : '', /requested 100, effective 100 to 400/);
});

test('without either the step of the heap goal is told', requirement('go'), async (t) => {
  const { warnings } = await trialOf(t, 'set-gc-percent', false, true, 'off');
  const told = warnings.find(({ code }) => code === 'goal-left-its-level');
  assert.match(
    told?.message ?? '',
    /the heap goal went from [45]\d\.\d MiB to 1[1-4]\d\.\d MiB .* the target changed its GOGC/,
  );
});

test('a target that executes itself anew in the window is invalid, by name', requirement('go'), async (t) => {
  const { outcome } = await trialOf(t, 'execute-anew', false, false);
  assert.equal(outcome.kind, 'invalid', JSON.stringify(outcome));
  assert.equal('reason' in outcome ? outcome.reason : '', 're-executed');
  assert.match('message' in outcome ? outcome.message : '', /re-executed itself/);
});

test(
  'the cycles of a child that inherits GODEBUG are not the target’s, and a warning has their number',
  requirement('go'),
  async (t) => {
    const { outcome, warnings } = await trialOf(t, 'start-a-child', true, true);
    assert.deepEqual(outcome, { kind: 'completed' }, JSON.stringify(outcome));
    const others = warnings.find(({ code }) => code === 'gctrace-of-others');
    // One of its lines may be torn by one of the target's.
    assert.match(others?.message ?? '', /^[67] cycles in gctrace are of another process/, JSON.stringify(warnings));
    assert.ok(!warnings.some(({ code }) => code === 'counter-went-back'));
  },
);

test('one that does neither counts, and nothing is told of its settings', requirement('go'), async (t) => {
  const { outcome, warnings } = await trialOf(t, 'nothing', true, true);
  assert.deepEqual(outcome, { kind: 'completed' }, JSON.stringify(outcome));
  const codes = warnings.map(({ code }) => code);
  assert.ok(!codes.includes('goal-left-its-level') && !codes.includes('gogc-unverified'), JSON.stringify(warnings));
});
