import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createProgress } from '../../../src/app/progress.ts';
import { ms } from '../../../src/domain/units.ts';

function terminal(isTTY: boolean): { stream: NodeJS.WriteStream; shown: () => string } {
  let text = '';
  const stream = Object.assign(new PassThrough(), {
    isTTY,
    columns: 120,
    cursorTo() {},
    clearLine() {},
    moveCursor() {},
  });
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return { stream: stream as unknown as NodeJS.WriteStream, shown: () => text };
}

describe('createProgress', () => {
  it('shows percent, rate and time left on a terminal', async () => {
    let now = 0;
    const { stream, shown } = terminal(true);
    const progress = await createProgress('rows', stream, { monotonic: () => ms(now) });

    now = 10_000;
    progress.update(20_000, 60_000);
    progress.end();

    expect(shown()).toContain('33 %');
    expect(shown()).toContain('20000 of 60000 rows');
    expect(shown()).toContain('2,000 rows/s');
    expect(shown()).toContain('20 s left');
  });

  it('is silent elsewhere', async () => {
    const { stream, shown } = terminal(false);
    const progress = await createProgress('rows', stream, { monotonic: () => ms(0) });

    progress.update(1, 2);
    progress.end();

    expect(shown()).toBe('');
  });
});
