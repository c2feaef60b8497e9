import type { z } from 'zod';
import { size } from './go-settings.ts';
import { quantity } from './leaf.ts';
import { described, section, type Frozen } from './parts.ts';
import { BYTES_RATE_SYNTAX, DURATION_OR_ZERO, DURATION_SYNTAX, SHARE_SYNTAX } from '../../units/units.ts';

const bytes = (value: string, description: string) => described(size().prefault(value), description, [value]);
const time = (value: string, description: string) =>
  described(quantity(DURATION_SYNTAX, 'duration', value).prefault(value), description, [value]);
const share = (value: string, description: string) =>
  described(quantity(SHARE_SYNTAX, 'percentage', value).prefault(value), description, [value]);

const startUp = section(
  {
    excess: share('0%', 'Extra live heap at the start, as a share of “live”; it biases a window that is too early.'),
    fades: time('2s', 'Time constant: after it, about a third (1/e) of the excess is left.'),
  },
  { fades: 'seconds' },
);

const noise = section({
  memory: share('1%', 'Between trials: variation of the memory layout of processes.'),
  cpu: share('1%', 'Between trials: variation of the CPU speed of processes.'),
  reading: share('0.5%', 'Within a trial: scatter of memory readings.'),
});

const drift = section(
  {
    cpu: share('1%', 'Drift of the CPU speed of the machine over the run.'),
    over: time('60s', 'Correlation time of the drift (decay to 1/e): long is a trend, short is noise.'),
  },
  { over: 'seconds' },
);

/** `target.simulated`: the model of a daemon that stands in for one. The shares of noise are standard deviations. */
export const simulatedSchema = section(
  {
    live: bytes('40MiB', 'Live heap: what every GC cycle finds reachable.'),
    roots: bytes('1MiB', 'Stacks and globals, which every cycle also scans.'),
    off_heap: bytes('6MiB', 'Resident memory of the runtime in addition to the heap.'),
    file_pages: bytes('8MiB', 'Resident pages of the binary.'),
    fragmentation: share('5%', 'Overhead of size classes and partly filled spans, as a share of the heap.'),
    alloc_per_request: bytes('64KiB', 'Bytes allocated per request.'),
    cpu_per_request: time('1ms', 'CPU time per request without the collector’s; also the median service time.'),
    mark_rate: described(
      quantity(BYTES_RATE_SYNTAX, 'byte-rate', '1GiB/s').prefault('1GiB/s'),
      'Bytes that the collector marks per second of CPU time.',
      ['1GiB/s'],
    ),
    cycle_cost: described(
      quantity(DURATION_OR_ZERO, 'duration', '150us').prefault('150us'),
      'Fixed CPU time of a GC cycle, independent of the heap.',
      ['150us'],
    ),
    latency_spread: share('40%', 'Scatter of the service times of requests.'),
    scavenge: time('5s', 'Time constant with which memory that the heap no longer needs is returned (decay to 1/e).'),
    growth: share('0%', 'Growth of the live heap per minute, as a share of it: a leak.'),
    start_up: described(startUp.prefault({}), 'How the start differs from the steady state.', [
      { excess: '50%', fades: '2s' },
    ]),
    noise: described(noise.prefault({}), 'Noise between trials and between readings; 0% is none.', [
      { memory: '1%', cpu: '1%', reading: '0.5%' },
    ]),
    drift: described(drift.prefault({}), 'What changes on the machine during the run.', [{ cpu: '1%', over: '60s' }]),
  },
  {
    live: 'liveBytes',
    roots: 'rootBytes',
    off_heap: 'offHeapBytes',
    file_pages: 'fileBytes',
    alloc_per_request: 'allocPerRequestBytes',
    cpu_per_request: 'cpuPerRequestSeconds',
    mark_rate: 'markBytesPerSecond',
    cycle_cost: 'cycleSeconds',
    latency_spread: 'latencySpread',
    scavenge: 'scavengeSeconds',
    growth: 'growthPerMinute',
    start_up: 'startUp',
  },
);

/** A daemon that is only a model, as docs/simulated.md describes it. */
export type SimulatedTarget = Frozen<z.output<typeof simulatedSchema>>;
