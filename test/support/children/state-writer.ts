/** Writes a state document as fast as it can and prints each acknowledged number; made to be killed. */
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createStateStore } from '../../../src/platform/state-store.ts';
import { createMemoryLogger } from '../memory-ports.ts';

interface Counter {
  readonly n: number;
  readonly filler: string;
}

const states = createStateStore({
  folder: process.argv[2] ?? '',
  clock: createSystemClock(),
  log: createMemoryLogger(),
});
const start: Counter = { n: 0, filler: 'x'.repeat(40_000) };
const { document } = await states.open('counter', (data) => data as Counter, start);
for (;;) {
  const { n } = await document.update((value) => ({ ...value, n: value.n + 1 }));
  process.stdout.write(`${n}\n`);
}
