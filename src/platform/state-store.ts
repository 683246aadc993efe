/**
 * Small durable state: one JSON file a document under `data/state`, with version, sequence and checksum.
 *
 * Opening never fails: what cannot be read is kept aside and the origin says so. Needs the lock of the data
 * folder, because it removes the temporaries that interrupted writes left.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { OpsError } from '../domain/errors.ts';
import type { Clock, Logger, OpenedDocument, Parse, StateStore } from '../domain/ports.ts';
import { codeOf, sweepTemporaries } from './durable-file.ts';
import { createDocument } from './state-document.ts';
import { loadDocument } from './state-load.ts';

const DOCUMENT_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export interface StateStoreDeps {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createStateStore(deps: StateStoreDeps): StateStore {
  const opened = new Set<string>();
  let prepared: Promise<void> | undefined;

  return {
    async open(name, parse, defaults) {
      if (!DOCUMENT_NAME.test(name) || opened.has(name)) {
        throw new OpsError('INTERNAL', 'a state document is opened once, under a plain name', {
          context: { name },
        });
      }
      opened.add(name);
      prepared ??= prepareFolder(deps);
      await prepared;
      return openDocument(name, parse, defaults, deps);
    },
  };
}

async function openDocument<T>(
  name: string,
  parse: Parse<T>,
  defaults: T,
  { folder, clock, log }: StateStoreDeps,
): Promise<OpenedDocument<T>> {
  const path = join(folder, `${name}.json`);
  const { data, seq, origin, warning } = await loadDocument(path, parse, clock.now());
  if (warning !== '') log.warn('a state document was not as it was left', { file: path, origin, warning });
  const document = createDocument({ path, clock, log, initial: data ?? defaults, seq });
  if (origin === 'backup') await rewrite(document);
  return { document, origin, warning };
}

/** Two good files again; when it fails the backup is still there and the document has logged why. */
async function rewrite<T>(document: OpenedDocument<T>['document']): Promise<void> {
  await document.update((value) => value).catch(() => {}); // logged by the document; the backup still stands
}

async function prepareFolder({ folder, log }: StateStoreDeps): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const swept = await sweepTemporaries(folder);
    if (swept.length > 0) log.info('removed what interrupted writes left', { folder, files: swept });
  } catch (cause) {
    log.error('the state folder cannot be made', { folder, reason: codeOf(cause) });
  }
}
