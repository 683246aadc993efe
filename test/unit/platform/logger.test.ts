import { describe, expect, it } from 'vitest';
import { createLogger, type LogLevel } from '../../../src/platform/logger.ts';
import { createRedactor } from '../../../src/platform/redact.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function rig(level: LogLevel = 'debug') {
  const lines: string[] = [];
  const log = createLogger({
    write: (line) => void lines.push(line),
    redact: createRedactor(['correct-horse']),
    level,
    clock: createFakeClock(),
  });
  return { log, lines };
}

describe('createLogger', () => {
  it('writes one JSON object a line, with time, level and message first', () => {
    const { log, lines } = rig();

    log.info('worker started', { worker: 'rpa-worker', pid: 4711 });

    expect(lines).toEqual([
      '{"time":"2026-11-22T02:00:00.000Z","level":"info","message":"worker started","worker":"rpa-worker","pid":4711}',
    ]);
  });

  it('leaves out what is below its level', () => {
    const { log, lines } = rig('warn');

    log.debug('one');
    log.info('two');
    log.warn('three');
    log.error('four');

    expect(lines.map((line) => JSON.parse(line).message)).toEqual(['three', 'four']);
  });

  it('redacts, keeps an error with its causes, and lets no field take the place of the message', () => {
    const { log, lines } = rig();

    log.error('it failed with correct-horse', {
      message: 'mine',
      error: new Error('outer', { cause: new Error('correct-horse') }),
    });

    expect(lines[0]).not.toContain('correct-horse');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      message: 'it failed with [redacted]',
      error: { name: 'Error', message: 'outer', cause: { message: '[redacted]' } },
    });
  });

  it('never throws', () => {
    const log = createLogger({
      write: () => {
        throw new Error('EPIPE');
      },
      redact: (text) => text,
      level: 'debug',
      clock: createFakeClock(),
    });
    const cycle: Record<string, unknown> = { big: 1n };
    cycle['self'] = cycle;

    expect(() => log.info('message', cycle)).not.toThrow();
    expect(() => rig().log.info('message', cycle)).not.toThrow();
  });
});
