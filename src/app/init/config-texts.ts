/** The configuration files of a new installation: those shipped, with the answers in them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CONFIG_FILES } from '../config.ts';
import type { Answers } from './answers.ts';

type Json = Readonly<Record<string, unknown>>;

/** Path below the folder to text; the schemas come along, so that editors complete the files. */
export async function configTexts(shipped: string, answers: Answers): Promise<ReadonlyMap<string, string>> {
  const names = Object.values(CONFIG_FILES);
  const schemas = (await readdir(join(shipped, 'schema'))).filter((name) => name.endsWith('.schema.json'));
  const paths = [...names, ...schemas.map((name) => `schema/${name}`)];
  const texts = await Promise.all(
    paths.map(async (path) => [path, await readFile(join(shipped, path), 'utf8')] as const),
  );
  return new Map(texts.map(([path, text]) => [`configs/${path}`, withAnswers(path, text, answers)]));
}

/** A file that no answer touches stays as it was shipped, letter by letter. Pure. */
export function withAnswers(path: string, text: string, answers: Answers): string {
  const change = changeOf(path, answers);
  if (change === null) return text;
  return `${JSON.stringify(change(JSON.parse(text) as Json), null, 2)}\n`;
}

function changeOf(path: string, { mode, timezone, services }: Answers): ((file: Json) => Json) | null {
  const units = services.filter(({ url }) => url === null).map(({ name }) => name);
  const pages = services.filter(({ url }) => url !== null);
  switch (path) {
    case CONFIG_FILES.bot:
      if (mode === 'dry-run' && timezone === null) return null;
      return ({ $schema, mode: _, ...rest }) => ({
        $schema,
        mode,
        ...(timezone === null ? {} : { timezone }),
        ...rest,
      });
    case CONFIG_FILES.targets:
      if (units.length === 0) return null;
      return (file) => ({ ...file, targets: unique(units).map(systemdTarget) });
    case CONFIG_FILES.monitor:
      if (pages.length === 0) return null;
      return (file) => ({
        ...file,
        probes: pages.map(({ name, url }) => ({
          name,
          url,
          ...(units.includes(name) ? { target: name } : {}),
        })),
      });
    default:
      return null;
  }
}

function systemdTarget(name: string): Json {
  return { name: name.replace(/\.service$/, ''), kind: 'systemd', unit: name };
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
