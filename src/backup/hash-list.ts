/**
 * hashes.json: every entry of every section, one a line, written while packing and read back strictly.
 *
 * It is one JSON document; the lines only keep the writer's memory small.
 */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { SECTIONS, type Section } from '../domain/backup.ts';
import { type Entry, entryFromJson, entryToJson } from './entry.ts';

const PRIVATE = 0o600;
const FLUSH_CHARACTERS = 262_144;

export type HashList = Readonly<Record<Section, readonly Entry[]>>;

const ListJson = z.strictObject({
  version: z.literal(1),
  sections: z.strictObject({
    config: z.array(z.unknown()).optional(),
    data: z.array(z.unknown()).optional(),
    state: z.array(z.unknown()).optional(),
  }),
});

export interface HashListWriter {
  begin(section: Section): void;
  add(entry: Entry): void;
  /** Syncs; gives the digest of the whole file. */
  end(): { readonly sha256: string };
  abandon(): void;
}

export function createHashListWriter(path: string): HashListWriter {
  const file = openSync(path, 'wx', PRIVATE);
  const sha256 = createHash('sha256');
  let text = '{"version":1,"sections":{';
  let sections = 0;
  let entries = 0;

  function flush(): void {
    const content = Buffer.from(text);
    for (let done = 0; done < content.length; ) done += writeSync(file, content, done);
    sha256.update(content);
    text = '';
  }

  return {
    begin(section) {
      text += `${sections === 0 ? '' : ']'}${sections === 0 ? '' : ','}\n"${section}":[`;
      sections += 1;
      entries = 0;
    },
    add(entry) {
      text += `${entries === 0 ? '' : ','}\n${JSON.stringify(entryToJson(entry))}`;
      entries += 1;
      if (text.length > FLUSH_CHARACTERS) flush();
    },
    end() {
      text += `${sections === 0 ? '' : ']'}\n}}\n`;
      flush();
      fsyncSync(file);
      closeSync(file);
      return { sha256: sha256.digest('hex') };
    },
    abandon: () => closeSync(file),
  };
}

/**
 * Reads the list, but only when its digest is the one that was signed.
 *
 * @throws Error in words for people when it is missing, altered or not a list.
 */
export function readHashList(path: string, sha256: string): HashList {
  const content = readFileSync(path);
  if (createHash('sha256').update(content).digest('hex') !== sha256) {
    throw new Error('hashes.json was altered: its digest is not the one in the manifest');
  }
  const { sections } = ListJson.parse(JSON.parse(content.toString('utf8')));
  const entriesOf = (section: Section): Entry[] => (sections[section] ?? []).map(entryFromJson);
  return Object.fromEntries(SECTIONS.map((section) => [section, entriesOf(section)])) as Record<
    Section,
    Entry[]
  >;
}
