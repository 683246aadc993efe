/**
 * Writes lines in batches and waits while the other side is full, so that memory stays bounded.
 * A path is opened and closed here; a stream that was handed in is left open.
 */
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { describeError, OpsError } from '../../domain/errors.ts';

const BATCH = 65_536;

export interface LineSink {
  /** @throws OpsError `STATE_UNWRITABLE` */
  write(line: string): Promise<void>;
  /** Resolves when everything is handed over. @throws OpsError `STATE_UNWRITABLE` */
  close(): Promise<void>;
}

export function createLineSink(output: string | Writable): LineSink {
  const stream = typeof output === 'string' ? createWriteStream(output) : output;
  let failure: unknown;
  let batch = '';
  stream.on('error', (cause: unknown) => {
    failure ??= cause;
  });

  async function flush(): Promise<void> {
    if (failure === undefined && batch !== '' && !stream.write(batch)) await drained(stream);
    batch = '';
    if (failure !== undefined) throw unwritable(failure);
  }

  return {
    async write(line) {
      batch += `${line}\n`;
      if (batch.length > BATCH) await flush();
    },
    async close() {
      await flush();
      if (typeof output !== 'string') return;
      stream.end();
      await finished(stream).catch((cause: unknown) => {
        throw unwritable(cause);
      });
    },
  };
}

/** A stream that fails while it is full never drains. */
function drained(stream: Writable): Promise<void> {
  const events = ['drain', 'error', 'close'] as const;
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) stream.off(event, done);
      resolve();
    };
    for (const event of events) stream.on(event, done);
  });
}

function unwritable(cause: unknown): OpsError {
  return new OpsError('STATE_UNWRITABLE', `the output cannot be written: ${describeError(cause)}`, { cause });
}
