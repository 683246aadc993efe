import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chartOf } from '../../../src/bot/chart.ts';
import { createChartPainter } from '../../../src/bot/chart-png.ts';
import { chartSvg } from '../../../src/bot/chart-svg.ts';
import type { CommandResult, CommandRunner } from '../../../src/domain/ports.ts';
import { minutes, ms } from '../../../src/domain/units.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createCommandRunner } from '../../../src/platform/run-command.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';
import { slowIncident } from '../../support/night-builders.ts';

const PROGRAM = ['/usr/bin/true'];
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>';

function picture(look: 'light' | 'dark'): string {
  const chart = chartOf(slowIncident(), [], 'UTC');
  return chart === null ? '' : chartSvg(chart, 'said', 'UTC', look);
}

/** Writes `bytes` where the picture belongs, or ends in another way. */
function fakeRunner(how: CommandResult | number): CommandRunner & { readonly runs: string[][] } {
  const runs: string[][] = [];
  return {
    runs,
    async run({ argv }) {
      runs.push([...argv]);
      if (typeof how !== 'number') return how;
      writeFileSync(String(argv.at(-1)), Buffer.alloc(how));
      return { kind: 'exited', code: 0, output: '', took: ms(1) };
    },
  };
}

function painter(commands: CommandRunner) {
  const clock = createFakeClock();
  return {
    clock,
    paint: createChartPainter({ commands, clock, log: createMemoryLogger(), program: PROGRAM }).paint,
  };
}

describe('createChartPainter', () => {
  it.each(['light', 'dark'] as const)(
    'makes a %s PNG of less than 60 kB in a process of its own',
    async (look) => {
      const clock = createSystemClock();
      const commands = createCommandRunner({ clock, redact: (text) => text });
      const { paint } = createChartPainter({ commands, clock, log: createMemoryLogger() });

      const png = await paint(picture(look));

      expect(png?.subarray(1, 4).toString()).toBe('PNG');
      expect(png?.readUInt32BE(16)).toBe(900);
      expect(png?.length).toBeLessThan(60_000);
      if (png !== null && process.env['CHART_OUT'])
        writeFileSync(join(process.env['CHART_OUT'], `${look}.png`), png);
    },
  );

  it.each([
    ['the library is missing', { kind: 'exited', code: 3, output: '', took: ms(1) }, 1],
    ['no process can be started', { kind: 'not_started', reason: 'EAGAIN' }, 1],
    ['it takes too long', { kind: 'timed_out', output: '', took: ms(1) }, 2],
    ['it is ended', { kind: 'killed', signal: 'SIGKILL', output: '', took: ms(1) }, 2],
    ['it fails', { kind: 'exited', code: 1, output: 'bad', took: ms(1) }, 2],
  ] as const)('answers nothing when %s, and rests where it would repeat itself', async (_, how, runs) => {
    const commands = fakeRunner(how);
    const { paint } = painter(commands);

    expect([await paint(SVG), await paint(SVG)]).toEqual([null, null]);
    expect(commands.runs).toHaveLength(runs);
  });

  it('tries again after its rest', async () => {
    const commands = fakeRunner({ kind: 'not_started', reason: 'EAGAIN' });
    const { paint, clock } = painter(commands);
    await paint(SVG);

    await clock.advance(minutes(31));
    await paint(SVG);

    expect(commands.runs).toHaveLength(2);
  });

  it('leaves out what is too big, and what comes when six wait', async () => {
    const { paint } = painter(fakeRunner(60_001));
    expect(await paint(SVG)).toBeNull();

    const many = painter(fakeRunner(10));
    const all = await Promise.all(Array.from({ length: 9 }, () => many.paint(SVG)));

    expect(all.filter((png) => png !== null)).toHaveLength(6);
  });
});
