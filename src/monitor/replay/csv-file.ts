/** Opens a CSV on disk as text in pieces, gunzipped by its ending; every failure names the file. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { describeError, OpsError } from '../../domain/errors.ts';

export interface CsvSource {
  /** Size on disk, and how much of it was read. */
  readonly bytes: number;
  read(): number;
  chunks(): AsyncIterable<string>;
}

/** @throws OpsError `NOT_FOUND`, also while reading. */
export async function openCsv(path: string, signal: AbortSignal | undefined): Promise<CsvSource> {
  try {
    const { size } = await stat(path);
    const file = createReadStream(path, signal === undefined ? {} : { signal });
    const text = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
    file.on('error', (cause: Error) => text.destroy(cause));
    text.setEncoding('utf8');
    return {
      bytes: size,
      read: () => file.bytesRead,
      chunks: () => readable(text as AsyncIterable<string>, path),
    };
  } catch (cause) {
    throw unreadableFile(path, cause);
  }
}

async function* readable(chunks: AsyncIterable<string>, path: string): AsyncGenerator<string> {
  try {
    yield* chunks;
  } catch (cause) {
    throw unreadableFile(path, cause);
  }
}

function unreadableFile(path: string, cause: unknown): OpsError {
  return new OpsError('NOT_FOUND', `${path} cannot be read: ${describeError(cause)}`, {
    context: { path },
    cause,
  });
}
