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
    excess: share(
      '0%',
      'What is live at the start beyond “live”, as a share of it; it biases a window that is too early.',
    ),
    fades: time('2s', 'In how long all but a third (1/e) of the excess is gone.'),
  },
  { fades: 'seconds' },
);

const noise = section({
  memory: share('1%', 'Between trials: how the memory layout of processes differs.'),
  cpu: share('1%', 'Between trials: how the CPU speed of processes differs.'),
  reading: share('0.5%', 'Within a trial: how readings of memory scatter.'),
});

const drift = section(
  {
    cpu: share('1%', 'How the CPU speed of the machine wanders over the run.'),
    over: time('60s', 'In how long it forgets all but a third (1/e) of where it was: long is a trend, short is noise.'),
  },
  { over: 'seconds' },
);

/** `target.simulated`: the model of a daemon that stands in for one. The shares of noise are standard deviations. */
export const simulatedSchema = section(
  {
    live: bytes('40MiB', 'Live heap: what every GC cycle finds reachable.'),
    roots: bytes('1MiB', 'Stacks and globals, which every cycle scans too.'),
    off_heap: bytes('6MiB', 'Resident memory of the runtime beside the heap.'),
    file_pages: bytes('8MiB', 'Resident pages of the binary.'),
    fragmentation: share('5%', 'What size classes and partly filled spans add to the heap, as a share of it.'),
    alloc_per_request: bytes('64KiB', 'Bytes allocated by a request.'),
    cpu_per_request: time(
      '1ms',
      'CPU time of a request, without the collector’s; the median of its service time, too.',
    ),
    mark_rate: described(
      quantity(BYTES_RATE_SYNTAX, 'byte-rate', '1GiB/s').prefault('1GiB/s'),
      'Bytes that the collector marks in a second of CPU time.',
      ['1GiB/s'],
    ),
    cycle_cost: described(
      quantity(DURATION_OR_ZERO, 'duration', '150us').prefault('150us'),
      'CPU time of a GC cycle that does not depend on the heap.',
      ['150us'],
    ),
    latency_spread: share('40%', 'How service times of requests scatter.'),
    scavenge: time(
      '5s',
      'In how long all but a third (1/e) of the memory that the heap no longer needs is given back.',
    ),
    growth: share('0%', 'Growth of the live heap in a minute, as a share of it: a leak.'),
    start_up: described(startUp.prefault({}), 'How the start differs from what comes later.', [
      { excess: '50%', fades: '2s' },
    ]),
    noise: described(noise.prefault({}), 'What differs between trials and between readings; 0% is none.', [
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
