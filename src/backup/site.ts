/** Where things are on this host, and what the room is given to work with. */
import { join, resolve } from 'node:path';
import type { Section } from '../domain/backup.ts';
import type {
  ApprovalGate,
  AuditLog,
  Clock,
  CommandRunner,
  EventBus,
  Live,
  Logger,
} from '../domain/ports.ts';
import type { BackupConfig, SectionConfig } from './config.ts';
import { splitGlob } from './glob.ts';
import type { ManifestRoot } from './manifest.ts';
import { rawOf } from './names.ts';
import type { Root } from './walk.ts';

export interface BackupDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly audit: AuditLog;
  readonly bus: EventBus | null;
  readonly commands: CommandRunner;
  readonly config: Live<BackupConfig>;
  readonly host: string;
  readonly version: string;
  readonly timezone: string;
  readonly configFolder: string;
  readonly dataFolder: string;
  /** What is wrong with the configuration files of a folder; empty when all is well. */
  readonly checkConfig: (folder: string) => Promise<readonly string[]>;
  /** What writes to the files of a restore and is stopped meanwhile. Says what could not be done. */
  readonly writers: { stop(): Promise<string | null>; start(): Promise<string | null> };
  /** Where a yes is asked for; `null` at a terminal without a bot. */
  readonly gate: ApprovalGate | null;
  /**
   * Ends this run of the bot and begins the next one, soon. The state of a running bot is in its memory and is
   * exchanged in between; `null` = no bot runs, and it is exchanged at once.
   */
  readonly restart: (() => void) | null;
  /** After sections were put back. */
  readonly onRestored: (sections: readonly Section[]) => Promise<void>;
}

export interface Folders {
  readonly config: string;
  readonly data: string;
  readonly backups: string;
  /** Keys, ledger, lock and journal of this room: in no backup. */
  readonly own: string;
  readonly reports: string;
}

export function foldersOf({
  configFolder,
  dataFolder,
}: Pick<BackupDeps, 'configFolder' | 'dataFolder'>): Folders {
  const data = resolve(dataFolder);
  return {
    config: resolve(configFolder),
    data,
    backups: join(data, 'backups'),
    own: join(data, 'state', 'backup'),
    reports: join(data, 'reports'),
  };
}

/** The folders of a section, each once, with all globs that begin there. */
export function rootsOf(section: SectionConfig, folders: Folders): readonly ManifestRoot[] {
  const roots = new Map<string, ManifestRoot>();
  for (const glob of section.include) {
    const { folder: source, pattern } = splitGlob(glob);
    const known = roots.get(source);
    if (known !== undefined) roots.set(source, { ...known, include: [...known.include, pattern] });
    else roots.set(source, rootOf(source, pattern, section, folders, roots));
  }
  return [...roots.values()];
}

function rootOf(
  source: string,
  pattern: string,
  section: SectionConfig,
  folders: Folders,
  others: ReadonlyMap<string, ManifestRoot>,
): ManifestRoot {
  const folder = placeOf(source, folders);
  const exclude = section.exclude.flatMap((glob) => {
    const place = placeOf(glob, folders);
    return place.startsWith(`${folder}/`) ? [place.slice(folder.length + 1)] : [];
  });
  return { name: freeName(source, others), source, folder, include: [pattern], exclude };
}

/** `{data}/state` on this host. */
export function placeOf(source: string, { config, data }: Folders): string {
  if (source.startsWith('{config}')) return `${config}${source.slice('{config}'.length)}`;
  if (source.startsWith('{data}')) return `${data}${source.slice('{data}'.length)}`;
  return source === '' ? '/' : source;
}

/** For the walk: forbidden are this room's own folders, the lock of the bot, and what a write leaves for a moment. */
export function walkRoot(root: ManifestRoot, folders: Folders): Root {
  return {
    name: root.name,
    folder: rawOf(root.folder),
    include: root.include,
    exclude: [...root.exclude, '**/*.tmp'],
    forbidden: [folders.backups, folders.own, join(folders.data, 'nightshift.lock')].map(rawOf),
  };
}

function freeName(source: string, others: ReadonlyMap<string, ManifestRoot>): string {
  const last =
    source
      .replaceAll(/[{}]/g, '')
      .split('/')
      .findLast((part) => part !== '') ?? 'root';
  const plain = last
    .replaceAll(/[^\w.-]/g, '_')
    .slice(0, 80)
    .replace(/^\.+$/, '_');
  const taken = new Set([...others.values()].map(({ name }) => name));
  let name = plain;
  for (let number = 2; taken.has(name); number += 1) name = `${plain}-${number}`;
  return name;
}
